import { BreakerRegistry, CircuitBreaker } from '../../runtime/index.js';
import { protect } from '../../runtime/protect/index.js';
import { contactsCreate, contactsGet, ServiceClient, service } from '../client.js';
import { contact } from '../contact.js';
import { quantile } from '../measure.js';
import { memoryDispatcher, TINY_JSON } from '../memory-dispatcher.js';
import { OPTION_CALLS, type OptionCall, plain } from '../option-calls.js';
import { inTurn } from '../pairs.js';
import { cockatielBreaker, cockatielPolicy, opossumBreaker, TIMEOUT_MS } from '../peers.js';
import type { Mark, Table } from '../report.js';
import { hand, QUICK } from '../settings.js';

const collect = (globalThis as { gc?: (options?: object) => void }).gc ?? (() => undefined);
const BREAKERS = 10_000;
/** What the object that holds a call's options takes itself, and noise. */
const OPTIONS_OBJECT = 64;

/** Median, least and most bytes per call over several windows in which nothing is collected. */
async function allocated(call: (at: number) => Promise<unknown>): Promise<readonly number[]> {
  const loop = inTurn(call);
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

const dispatcher = memoryDispatcher(TINY_JSON);
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

const calls: readonly (readonly [string, (at: number) => Promise<unknown>])[] = [
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
const perCall: number[] = [];
for (const [name, call] of calls) {
  const windows = await allocated(call);
  perCall.push(windows[0] ?? Number.NaN);
  rows.push([name, ...windows.map((bytes) => bytes.toFixed(0))]);
}
const [unprotected = Number.NaN, ofProtect = Number.NaN, again = Number.NaN] = perCall;
opossum.shutdown();

/** What options of one call add, in bytes. The first is the A/A row. */
const added: (readonly [name: string, bytes: number])[] = [];
for (const { name, call, without = plain } of [{ name: 'no options (A/A)', call: plain }, ...OPTION_CALLS] satisfies OptionCall[]) {
  const [less = Number.NaN] = await allocated(() => without(client));
  const [more = Number.NaN] = await allocated((at) => call(client, at));
  added.push([name, more - less]);
}

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
    title: 'Bytes that options of one call add',
    columns: ['bytes'],
    rows: added.map(([name, bytes]) => [name, bytes.toFixed(0)]),
  },
  {
    title: `Heap per idle breaker (${BREAKERS})`,
    columns: ['bytes'],
    rows: perBreaker.map(([name, bytes]) => [name, bytes.toFixed(0)]),
  },
];
const optionMarks = OPTION_CALLS.flatMap(({ name, limitNs }, at): Mark[] => {
  if (limitNs !== undefined) return [];
  return [
    {
      name: `Bytes added by ${name}`,
      value: added[at + 1]?.[1] ?? Number.NaN,
      noise: added[0]?.[1] ?? Number.NaN,
      limit: OPTIONS_OBJECT,
      unit: ' B',
    },
  ];
});
hand({
  tables,
  marks: [
    {
      name: 'Bytes of a protected no-op, above one unprotected',
      value: ofProtect - unprotected,
      noise: again - ofProtect,
      limit: 600,
      unit: ' B',
    },
    ...optionMarks,
    { name: 'Heap per idle breaker', value: Math.max(perBreaker[0]?.[1] ?? 0, perBreaker[1]?.[1] ?? 0), limit: 700, unit: ' B' },
  ],
});
process.exit(0);
