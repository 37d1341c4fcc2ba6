/** Run in a process of its own: everything that could keep it alive is alive, and it must end by itself. */
import { CircuitBreaker } from 'fuseline';
import { Bulkhead, protect } from 'fuseline/protect';

const breaker = new CircuitBreaker({ failureThreshold: 2, recoveryTimeoutMs: 3_600_000 });
const never = new Promise<void>(() => undefined);
const hour = 3_600_000;

// Lost races: their work goes on although the caller has its error. Of some the time was up, some were aborted, and some have a deadline over all.
await protect(() => never, { breaker, timeoutMs: 20, isFailure: () => false })().catch(() => undefined);
for (const limits of [{ timeoutMs: hour }, { timeoutMs: hour }, { timeoutMs: hour, totalTimeoutMs: hour + 1 }]) {
  const aborter = new AbortController();
  const call = protect(() => never, { breaker, ...limits })(aborter.signal).catch(() => undefined);
  aborter.abort();
  await call;
}
// Calls that are over, each long before its time.
await protect(() => 1, { breaker, timeoutMs: hour, totalTimeoutMs: hour })();
await new Bulkhead({ maxConcurrent: 1, maxQueue: 1, maxWaitMs: hour }).call(() => 1);
// One in a queue that gives up.
const bulkhead = new Bulkhead({ maxConcurrent: 1, maxQueue: 1, maxWaitMs: hour });
void bulkhead.call(() => never);
await bulkhead.call(() => 1, { signal: AbortSignal.abort() }).catch(() => undefined);
const leaving = new AbortController();
const left = bulkhead.call(() => 1, { signal: leaving.signal }).catch(() => undefined);
leaving.abort();
await left;
// An open circuit.
for (let at = 0; at < 2; at++) void breaker.call(() => Promise.reject(new Error('down'))).catch(() => undefined);
await breaker.call(() => 1).catch(() => undefined);
console.log(breaker.state);
