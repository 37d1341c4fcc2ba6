import { type FuselineError, withoutStack } from '../errors/base.js';
import { CircuitOpenError, TimeoutError } from '../errors/call-errors.js';
import { causeOf } from '../errors/cause.js';
import type { Call } from './call.js';
import { emitRejected } from './call-events.js';
import { canFallBack } from './retry-decision.js';
import { runFallback } from './run-fallback.js';

/** The call has failed for good: the fallback answers, or the caller gets the error. */
export function fallBack(call: Call, error: FuselineError, now: number): void {
  end(call, () => error, causeOf(error), now, error);
}

/** The circuit refused an attempt. */
export function refused(call: Call, now: number): void {
  const { breaker, stats, place } = call.op;
  stats.rejected++;
  const retryAfterMs = breaker.retryAfterMs(now);
  const reason = breaker.refusalReason(now);
  const dependency = breaker.blockedBy(now)?.name;
  emitRejected(call, retryAfterMs, reason, dependency);
  const makeError = (): FuselineError =>
    afterAttempts(call) ?? withoutStack(() => new CircuitOpenError(place, breaker.name, retryAfterMs, reason, dependency));
  end(call, makeError, 'circuit_open', now);
}

/** The rate limit leaves it no request in time: what the attempts before met is told, where there were any. */
export function rateLimited(call: Call, error: FuselineError, now: number): void {
  fallBack(call, afterAttempts(call) ?? error, now);
}

/** The time of the whole call is up. */
export function outOfTime(call: Call, phase: TimeoutError['phase'], now: number): void {
  const { place, policy } = call.op;
  const error = withoutStack(() => new TimeoutError(place, 'total', policy.totalTimeoutMs ?? 0, phase, call.causeOption()));
  fallBack(call, error, now);
}

/** What the attempts met, where no further one may be sent; undefined before the first. */
function afterAttempts({ retries }: Call): FuselineError | undefined {
  return retries?.last === undefined ? undefined : retries.finalError(retries.last, true);
}

function end(call: Call, makeError: () => FuselineError, cause: string, now: number, error?: FuselineError): void {
  if (call.settled) return;
  call.retries?.end();
  // The place goes to the next one before a fallback runs: the fallback asks nothing of the service.
  call.guard?.end();
  const { fallback, statuses } = call.op;
  if (fallback.length > 0 && call.fallsBack && (error === undefined || canFallBack(error, statuses))) {
    runFallback(call, makeError, cause, now);
    return;
  }
  call.failWith(makeError, cause, now);
}
