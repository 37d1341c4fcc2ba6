import { MAX_TIMER_MS } from '../clock.js';
import { type FuselineError, withoutStack } from '../errors/base.js';
import { RetryExhaustedError } from '../errors/call-errors.js';
import { backoffMs } from '../policies/retry/backoff.js';
import { chance, type UserScope } from '../user-code.js';
import { FAILURE, RETRY } from './answer/classify.js';
import type { AttemptFailure } from './attempt.js';
import type { CompiledOperation } from './compile.js';

/**
 * Milliseconds to wait before the attempt that follows `attempts` made, or undefined where none may be made or none is worth making: the
 * error is not transient, the request may have reached the server and must not be repeated, the attempts are used up, the server asks for
 * more patience than configured, or the next attempt would come after the call's deadline at `totalAt`.
 */
export function waitBeforeRetry(
  op: CompiledOperation,
  failure: AttemptFailure,
  attempts: number,
  now: number,
  totalAt: number,
  user: UserScope,
): number | undefined {
  const { policy, core, breaker, fallback } = op;
  if (!policy.retryEnabled || !failure.transient || attempts >= policy.maxAttempts) return undefined;
  if (!op.repeatable && !failure.neverSent) return undefined;
  const draw = (): number => chance(user, core.random);
  let waitMs = backoffMs(policy, attempts, failure.throttled, draw);
  if (failure.waitMs !== undefined) {
    // Coming back before the server's time is refused again; a hint beyond our patience ends the call instead of being shortened.
    if (failure.waitMs > policy.maxRetryAfterMs) return undefined;
    waitMs = Math.max(waitMs, failure.waitMs + draw() * Math.min(failure.waitMs * 0.1, 250));
  }
  const openMs = breaker.retryAfterMs(now);
  if (openMs > 0) {
    // Where something else can answer, nobody waits for a circuit to probe.
    if (fallback.length > 0) return undefined;
    waitMs = Math.max(waitMs, openMs);
  }
  return now + waitMs < totalAt && waitMs <= MAX_TIMER_MS ? waitMs : undefined;
}

/** What the caller is told once no attempt follows: the error itself, or all of them where several attempts met transient ones. */
export function finalError(
  op: CompiledOperation,
  errors: readonly FuselineError[],
  last: FuselineError,
  transient: boolean,
): FuselineError {
  if (errors.length < 2 || !transient) return last;
  return withoutStack(() => new RetryExhaustedError(op.place, errors.length, errors, last));
}

/** Did the service fail to give a usable answer? Statuses that are neither failures nor retried are answers. */
export function canFallBack(error: FuselineError, statuses: Uint8Array): boolean {
  if (error.kind === 'http')
    return ((statuses[(error as FuselineError & { readonly status: number }).status] ?? 0) & (FAILURE | RETRY)) !== 0;
  return error.kind !== 'request' && error.kind !== 'configuration' && error.kind !== 'aborted';
}
