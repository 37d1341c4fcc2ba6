/** Run in a process of its own: everything that could keep it alive is alive, and it must end by itself. */
import { CircuitBreaker } from 'fuseline';
import { protect } from 'fuseline/protect';

const breaker = new CircuitBreaker({ failureThreshold: 2, recoveryTimeoutMs: 3_600_000 });
const never = new Promise<void>(() => undefined);
const hour = 3_600_000;

// Deadlines that are pending, of a function that never ends, for callers that follow a signal.
const controller = new AbortController();
for (let at = 0; at < 3; at++) {
  protect(() => never, { breaker, timeoutMs: hour + at })(controller.signal).catch(() => undefined);
}
// Lost races: their work goes on although the caller has its error.
for (let at = 0; at < 2; at++) {
  const aborter = new AbortController();
  protect(() => never, { breaker, timeoutMs: hour })(aborter.signal).catch(() => undefined);
  aborter.abort();
}
// An open circuit.
for (let at = 0; at < 2; at++) void breaker.call(() => Promise.reject(new Error('down'))).catch(() => undefined);
await breaker.call(() => 1).catch(() => undefined);
console.log(breaker.state);
