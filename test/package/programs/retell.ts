import { chain, lastGood } from 'fuseline';
import { RetellClient } from 'fuseline/retell';

const retell = new RetellClient({
  token: 'test',
  baseUrl: process.env['VENDOR'],
  retry: false,
  breaker: { failureThreshold: 2 },
  fallbacks: { 'concurrency.get': chain(lastGood({ maxAgeMs: 60_000 }), { concurrency_limit: 1 }) },
});
const sources: string[] = [];
for (let turn = 0; turn < 5; turn++) {
  const { data, source } = await retell.concurrency.get().withResponse();
  sources.push(`${source} ${data.concurrency_limit}`);
}
console.log(JSON.stringify({ sources, state: retell.breaker('concurrency.get').state }));
