/**
 * Run as a process of its own: calls that fail, open the circuit and lose their races, and then the end of the file. It says what holds
 * it then, and must end by itself. `process.argv[2]` is a server that hangs, `process.argv[3]` a port that refuses.
 */
import { setTimeout } from 'node:timers/promises';
import { createThing, getThing, testClient } from './client.js';

const [, , hanging, refusing] = process.argv;

process.on('unhandledRejection', (reason) => {
  console.log('unhandled', reason);
  process.exitCode = 9;
});

const acme = testClient({
  baseUrl: hanging,
  token: 't',
  timeoutMs: 50,
  totalTimeoutMs: 60_000,
  retry: false,
  breaker: { failureThreshold: 2, recoveryTimeoutMs: 600_000 },
});
const dead = testClient({
  baseUrl: refusing,
  token: 't',
  retry: { baseDelayMs: 1, maxDelayMs: 1 },
  breaker: { failureThreshold: 1, recoveryTimeoutMs: 600_000 },
});

const aborter = new AbortController();
const aborted = acme.call(getThing, { id: 0 }, { signal: aborter.signal, timeoutMs: 60_000 }).result();
const lost = Array.from({ length: 3 }, (_, id) => acme.call(getThing, { id }).result());
const refused = dead.call(createThing, { body: {} }, { totalTimeoutMs: 60_000, timeoutMs: 60_000 }).result();
await Promise.all(lost);
aborter.abort();
await aborted;
await refused;
const late = new AbortController();
void setTimeout(20).then(() => late.abort());
await acme.call(getThing, { id: 1 }, { fallback: () => new Promise(() => undefined), signal: late.signal }).result();
// Its output is a pipe. On a busy machine a connection may still be coming up for a call that timed out long ago.
const held = (): readonly string[] => process.getActiveResourcesInfo().filter((resource) => resource !== 'PipeWrap');
for (let turn = 0; turn < 100 && held().some((resource) => resource !== 'Timeout'); turn++) await setTimeout(10);
console.log(acme.breaker('things.get').state, dead.breaker('things.get').state, JSON.stringify(held()));
