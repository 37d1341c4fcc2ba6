import { BreakerRegistry, CircuitBreaker } from '../../runtime/index.js';
import { protect } from '../../runtime/protect/index.js';
import { contactsCreate, contactsGet, ServiceClient, service } from '../client.js';
import { contact } from '../contact.js';
import { quantile } from '../measure.js';
import { memoryDispatcher } from '../memory-dispatcher.js';
import { cockatielBreaker, cockatielPolicy, opossumBreaker, TIMEOUT_MS } from '../peers.js';
import type { Table } from '../report.js';
import { hand, QUICK } from '../settings.js';

const collect = (globalThis as { gc?: (options?: object) => void }).gc ?? (() => undefined);
const BREAKERS = 10_000;

/** Median, least and most bytes per call over several windows in which nothing is collected. */
async function allocated(call: () => Promise<unknown>): Promise<readonly number[]> {
  const loop = async (calls: number): Promise<void> => {
    for (let at = 0; at < calls; at++) await call();
  };
  // Until the optimising compiler is done with it: before that the same code allocates more.
  for (let warmed = 0; warmed < 5; warmed++) await loop(20_000);
  const calls = 2_000;
  const windows: number[] = [];
  for (let at = 0; at < (QUICK ? 7 : 15); at++) {
    // A full collection would also throw away optimised code, and the next calls would allocate more until it is back.
    collect({ type: 'minor' });
    const before = process.memoryUsage().heapUsed;
    await loop(calls);
    windows.push((process.memoryUsage().heapUsed - before) / calls);
  }
  return [quantile(windows, 0.5), quantile(windows, 0), quantile(windows, 1)];
}

/** Bytes that each of 10,000 idle breakers keeps alive. */
function idle(make: (at: number) => unknown): number {
  collect();
  const kept = new Array<unknown>(BREAKERS);
  for (let at = 0; at < 100; at++) make(-1 - at);
  collect();
  const before = process.memoryUsage().heapUsed;
  for (let at = 0; at < BREAKERS; at++) kept[at] = make(at);
  collect();
  const bytes = (process.memoryUsage().heapUsed - before) / BREAKERS;
  if (kept.length !== BREAKERS) throw new Error('unreachable: it only keeps the breakers alive');
  return bytes;
}

const noop = async (): Promise<number> => 1;
const protectedNoop = protect(noop, { breaker: new CircuitBreaker(), timeoutMs: TIMEOUT_MS });
const breaker = new CircuitBreaker();
const cockatiel = cockatielPolicy();
const opossum = opossumBreaker(noop);

const tiny = '{"contact":null}';
const dispatcher = memoryDispatcher(tiny);
const options = { token: 'bench-token', dispatcher, registry: new BreakerRegistry(), env: {} };
const client = new ServiceClient(service, options);
const request = { origin: 'http://bench.example.com', path: '/contacts/1', method: 'GET', headers: [], body: null };
/** The same answer without us: one promise, one handler, the JSON. */
const bare = (): Promise<unknown> =>
  new Promise((resolve) => {
    let bytes: Uint8Array | undefined;
    dispatcher.dispatch(request, {
      onRequestStart() {},
      onResponseStart() {},
      onResponseData(_controller, chunk) {
        bytes = chunk;
      },
      onResponseEnd() {
        resolve(JSON.parse(String(bytes)));
      },
      onResponseError() {},
    });
  });

const calls: readonly (readonly [string, () => Promise<unknown>])[] = [
  ['async no-op, unprotected', noop],
  ['async no-op, fuseline protect', () => protectedNoop()],
  ['async no-op, the same again (A/A)', () => protectedNoop()],
  ['async no-op, fuseline breaker.call', () => breaker.call(noop)],
  ['async no-op, cockatiel', () => cockatiel.execute(noop)],
  ['async no-op, opossum', () => opossum.fire()],
  ['in-memory answer, bare handler', bare],
  ['in-memory answer, fuseline client GET', () => client.call(contactsGet, { contactId: 'c0ffee0000000000000001' })],
  ['in-memory answer, fuseline client POST of 1 KB', () => client.call(contactsCreate, { body: contact })],
];
const rows: (readonly string[])[] = [];
for (const [name, call] of calls) rows.push([name, ...(await allocated(call)).map((bytes) => bytes.toFixed(0))]);
opossum.shutdown();

const registry = new BreakerRegistry();
const thresholds = { enabled: true, failureThreshold: 5, successThreshold: 3, recoveryTimeoutMs: 60_000, halfOpenMaxCalls: 2 };
const perBreaker: readonly (readonly [string, number])[] = [
  ['fuseline, in a registry', idle((at) => registry.obtain(`circuit-${at}`, 'bench', thresholds))],
  ['fuseline, alone', idle((at) => new CircuitBreaker({ name: `circuit-${at}` }))],
  ['cockatiel', idle(() => cockatielBreaker())],
  [
    'opossum',
    idle(() => {
      const made = opossumBreaker(noop);
      // Its interval would otherwise keep running; the breaker's memory stays.
      made.shutdown();
      return made;
    }),
  ],
];

const tables: readonly Table[] = [
  { title: 'Bytes allocated per call', columns: ['bytes', 'least', 'most'], rows },
  {
    title: `Heap per idle breaker (${BREAKERS})`,
    columns: ['bytes'],
    rows: perBreaker.map(([name, bytes]) => [name, bytes.toFixed(0)]),
  },
];
hand({
  tables,
  marks: [{ name: 'Heap per idle breaker', value: Math.max(perBreaker[0]?.[1] ?? 0, perBreaker[1]?.[1] ?? 0), limit: 1024, unit: ' B' }],
});
process.exit(0);
