/** Run as a process of its own with few file descriptors: the first load of undici finds none left, later there are some. Argument: an origin. */
import { closeSync, openSync } from 'node:fs';
import { BreakerRegistry, ServiceClient } from 'fuseline';

const getThing = {
  id: 'things.get',
  service: 'acme',
  namespace: 'things',
  name: 'get',
  method: 'GET',
  path: '/',
  responses: [{ status: 200, kind: 'json', success: true }],
} as const;
const taken: number[] = [];
try {
  for (;;) taken.push(openSync('/dev/null', 'r'));
} catch {
  // None is left.
}
const registry = new BreakerRegistry();
const acme = new ServiceClient(
  { name: 'acme', security: [], policies: {} },
  { baseUrl: process.argv[2] ?? '', registry, env: {} },
  { getThing },
);
const said: string[] = [];
const call = async (): Promise<void> => {
  const result = await acme.call(getThing, {}).result();
  said.push(result.ok ? 'answered' : result.error.kind);
};
await call();
for (const descriptor of taken) closeSync(descriptor);
for (let at = 0; at < 3; at++) await call();
console.log(JSON.stringify([...said, acme.circuits.map(({ state }) => state)]));
process.exit();
