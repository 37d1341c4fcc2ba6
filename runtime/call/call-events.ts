import type { FuselineError } from '../errors/base.js';
import { causeOf } from '../errors/cause.js';
import type { Audience } from '../observe/events.js';
import type { RefusalReason } from '../policies/circuit-breaker/state.js';
import type { CompiledOperation } from './compile.js';

/** A call, as far as its events go. */
interface Told extends Audience {
  readonly op: CompiledOperation;
}

/** True if nothing listens: neither to the registry, nor the client, nor an instrumentation. No event is made then. */
function unheard({ op, hears }: Told): boolean {
  return op.breaker.events.silent && !hears;
}

/** What every event of a call says. */
function base({ breaker, core, operation }: CompiledOperation): { circuit: string; service: string; operation: string; at: number } {
  return { circuit: breaker.name, service: breaker.service, operation: operation.id, at: core.clock.wallNow() };
}

/** An attempt failed and will count against the circuit: told before the circuit acts on it, so that the cause comes before the effect. */
export function emitCallFailed(call: Told, error: FuselineError): void {
  if (unheard(call)) return;
  const { op } = call;
  const failureCount = op.breaker.failureCount + 1;
  const threshold = op.policy.failureThreshold;
  op.breaker.events.emit({ type: 'call_failed', ...base(op), failureCount, threshold, cause: causeOf(error) }, call);
}

/** The circuit refused a call. */
export function emitRejected(call: Told, retryAfterMs: number, reason: RefusalReason, dependency: string | undefined): void {
  if (unheard(call)) return;
  const { op } = call;
  op.breaker.events.emit(
    { type: 'call_rejected', ...base(op), retryAfterMs, reason, ...(dependency === undefined ? {} : { dependency }) },
    call,
  );
}

/** Attempt number `attempt` will follow after `delayMs`. */
export function emitRetry(call: Told, attempt: number, delayMs: number, error: FuselineError): void {
  if (unheard(call)) return;
  const { op } = call;
  op.breaker.events.emit({ type: 'retry_scheduled', ...base(op), attempt, delayMs, cause: causeOf(error) }, call);
}

/** Something else answered. */
export function emitFallbackUsed(call: Told, source: 'cache' | 'fallback', cause: string): void {
  if (unheard(call)) return;
  const { op } = call;
  op.breaker.events.emit({ type: 'fallback_used', ...base(op), source, cause }, call);
}

/** A bulkhead or a rate limiter refused a call. */
export function emitLimited(call: Told, policy: 'bulkhead' | 'rate_limit', retryAfterMs: number): void {
  if (unheard(call)) return;
  const { op } = call;
  op.breaker.events.emit({ type: 'call_limited', ...base(op), policy, retryAfterMs }, call);
}
