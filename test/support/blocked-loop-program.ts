/**
 * Run as a process of its own: it makes calls of `process.argv[2]`, by the transport `process.argv[3]`, and then blocks its own event loop for longer
 * than their time limit: in the same turn, if `process.argv[4]` is `now`, otherwise once the requests are out. It says what the calls came to.
 */
import { getThing, testClient } from './client.js';

const [, , baseUrl, transport, when] = process.argv;
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
/** The loop stands still for longer than any limit. */
const block = (): void => {
  const until = performance.now() + 1_500;
  while (performance.now() < until);
};
let turns = 0;
if (when === 'now') block();
else {
  setImmediate(function later() {
    // First the requests go out.
    if (++turns < 20) setImmediate(later);
    else block();
  });
}
const results = await Promise.all(calls);
console.log(
  JSON.stringify(results.map((result) => (result.ok ? 'ok' : (result.error as Error).message))),
  acme.breaker('things.get').state,
);
