/**
 * Run as a process of its own: it makes calls of `process.argv[2]`, by the transport `process.argv[3]`, and then blocks its own event loop for longer
 * than their time limit. It says what the calls came to.
 */
import { getThing, testClient } from './client.js';

const [, , baseUrl, transport] = process.argv;
const acme = testClient({
  baseUrl,
  token: 't',
  timeoutMs: 500,
  totalTimeoutMs: 600,
  retry: false,
  breaker: { failureThreshold: 1 },
  ...(transport === 'fetch' ? { transport } : {}),
});
// Loads the transport, and opens the connections.
await Promise.all([1, 2, 3, 4].map((id) => acme.call(getThing, { id }, { timeoutMs: 60_000, totalTimeoutMs: 60_000 })));
const calls = [1, 2, 3, 4].map((id) => acme.call(getThing, { id }).result());
let turns = 0;
setImmediate(function block() {
  // First the requests go out. Then the loop stands still for longer than any limit.
  if (++turns < 20) {
    setImmediate(block);
    return;
  }
  const until = performance.now() + 1_500;
  while (performance.now() < until);
});
const results = await Promise.all(calls);
console.log(
  JSON.stringify(results.map((result) => (result.ok ? 'ok' : (result.error as Error).message))),
  acme.breaker('things.get').state,
);
