/** Run as a process of its own: a circuit opens in real time, and node:test fakes the timers. Arguments: what they replace, and where their time begins. */
import { mock } from 'node:test';
import { CircuitBreaker } from 'fuseline';

const [apis = '', from = ''] = process.argv.slice(2);
const breaker = new CircuitBreaker({ failureThreshold: 1, recoveryTimeoutMs: 60_000 });
await breaker.call(() => Promise.reject(new Error('down'))).catch(() => undefined);
const said: string[] = [breaker.state];
const start = from === 'now' ? Date.now() : from === '0' ? 0 : Date.parse(from);
mock.timers.enable({ apis: apis.split(',') as 'setTimeout'[], now: start });
// Before the first reading, and after it.
for (let at = 0; at < 2; at++) {
  mock.timers.tick(61_000);
  said.push(breaker.state);
}
console.log(JSON.stringify(said));
process.exit();
