/** Run as a process of its own: calls under the fake timers of node:test, and after them. `process.argv[2]` says what they replace. */
import { mock } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { CircuitBreaker } from 'fuseline';
import { protect } from 'fuseline/protect';

const settled = async (): Promise<void> => {
  for (let at = 0; at < 5; at++) await turn();
};
const hangs = (): Promise<never> => new Promise(() => undefined);
const said: unknown[] = [];
const outcomeOf = (call: Promise<unknown>): Promise<unknown> => call.catch((error: unknown) => (error as { kind?: string }).kind);
const breaker = new CircuitBreaker({ failureThreshold: 1, successThreshold: 1, recoveryTimeoutMs: 60_000 });
const limited = protect(hangs, { breaker: new CircuitBreaker(), timeoutMs: 200, totalTimeoutMs: 10_000 });

mock.timers.enable({ apis: (process.argv[2] ?? '').split(',') as 'setTimeout'[] });
// In fake time: a limit passes, and a circuit that waits for its probe.
const first = outcomeOf(limited());
const waiting = outcomeOf(
  protect(() => (breaker.snapshot().stats.totalRequests === 1 ? Promise.reject(new Error('down')) : Promise.resolve('recovered')), {
    breaker,
    retry: { waitForProbe: true, maxDelayMs: 60_000 },
  })(),
);
await settled();
mock.timers.tick(200);
await settled();
said.push(await first);
mock.timers.tick(60_000);
await settled();
said.push(await waiting, breaker.state);
// A call that leaves the timer of its limit behind.
const left = protect(() => Promise.resolve('done'), { breaker: new CircuitBreaker(), timeoutMs: 200, totalTimeoutMs: 10_000 });
said.push(await left());
void outcomeOf(limited());
mock.timers.reset();
// In real time: the limit applies again.
said.push(await outcomeOf(limited()));
console.log(JSON.stringify(said));
process.exit();
