import { causeOfAny } from '../../errors/cause.js';
import { type Audience, CALLER } from '../../observe/events.js';
import type { CircuitBreaker } from './breaker.js';

/** A run failed and will count: told before the circuit acts on it, so that the cause comes before the effect. No listener, no event. */
export function tellFailed(breaker: CircuitBreaker, error: unknown, operation?: string, audience: Audience = CALLER): void {
  // Stryker disable next-line ConditionalExpression: an event without listeners changes nothing; the check avoids making it.
  if (breaker.events.silent) return;
  breaker.events.emit(
    {
      type: 'call_failed',
      circuit: breaker.name,
      service: breaker.service,
      at: breaker.clock.wallNow(),
      operation,
      failureCount: breaker.failureCount + 1,
      threshold: breaker.options.failureThreshold,
      cause: causeOfAny(error),
    },
    audience,
  );
}

/** The circuit refused a run. */
export function tellRejected(breaker: CircuitBreaker, now: number, operation?: string, audience: Audience = CALLER): void {
  // Stryker disable next-line ConditionalExpression: an event without listeners changes nothing; the check avoids making it.
  if (breaker.events.silent) return;
  const dependency = breaker.blockedBy(now)?.name;
  breaker.events.emit(
    {
      type: 'call_rejected',
      circuit: breaker.name,
      service: breaker.service,
      at: breaker.clock.wallNow(),
      operation,
      retryAfterMs: breaker.retryAfterMs(now),
      reason: breaker.refusalReason(now),
      ...(dependency === undefined ? {} : { dependency }),
    },
    audience,
  );
}
