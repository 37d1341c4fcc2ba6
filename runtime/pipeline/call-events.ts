import type { RefusalReason } from '../breaker/state.js';
import type { FuselineError } from '../errors/base.js';
import { causeOf } from '../observe/cause.js';
import type { CompiledOperation } from './compile.js';

/** True where nobody listens: neither to the registry nor through the client's `onEvent`. No event is made then. */
function unheard({ breaker, core }: CompiledOperation): boolean {
  return breaker.events.silent && core.options.onEvent === undefined;
}

/** What every event of a call says. */
function base({ breaker, core, operation }: CompiledOperation): { circuit: string; service: string; operation: string; at: number } {
  return { circuit: breaker.name, service: breaker.service, operation: operation.id, at: core.clock.wallNow() };
}

/** An attempt failed and will count against the circuit: told before the circuit acts on it, so that the cause comes before the effect. */
export function emitCallFailed(op: CompiledOperation, error: FuselineError): void {
  if (unheard(op)) return;
  const failureCount = op.breaker.failureCount + 1;
  const threshold = op.policy.failureThreshold;
  op.breaker.events.emit({ type: 'call_failed', ...base(op), failureCount, threshold, cause: causeOf(error) }, op.core.options.onEvent);
}

/** The circuit refused a call. */
export function emitRejected(op: CompiledOperation, retryAfterMs: number, reason: RefusalReason, dependency: string | undefined): void {
  if (unheard(op)) return;
  op.breaker.events.emit(
    { type: 'call_rejected', ...base(op), retryAfterMs, reason, ...(dependency === undefined ? {} : { dependency }) },
    op.core.options.onEvent,
  );
}

/** Attempt number `attempt` will follow after `delayMs`. */
export function emitRetry(op: CompiledOperation, attempt: number, delayMs: number, error: FuselineError): void {
  if (unheard(op)) return;
  op.breaker.events.emit({ type: 'retry_scheduled', ...base(op), attempt, delayMs, cause: causeOf(error) }, op.core.options.onEvent);
}

/** Something else answered. */
export function emitFallbackUsed(op: CompiledOperation, source: 'cache' | 'fallback', cause: string): void {
  if (unheard(op)) return;
  op.breaker.events.emit({ type: 'fallback_used', ...base(op), source, cause }, op.core.options.onEvent);
}

/** A bulkhead or a rate limiter refused a call. */
export function emitLimited(op: CompiledOperation, policy: 'bulkhead' | 'rate_limit', retryAfterMs: number): void {
  if (unheard(op)) return;
  op.breaker.events.emit({ type: 'call_limited', ...base(op), policy, retryAfterMs }, op.core.options.onEvent);
}
