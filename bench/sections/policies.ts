import { oauth } from '../../runtime/auth/index.js';
import { BreakerRegistry, type ClientOptions, lastGood } from '../../runtime/index.js';
import { contactsGet, ServiceClient, service } from '../client.js';
import { memoryDispatcher, TINY_JSON } from '../memory-dispatcher.js';
import { addedMark, additions } from '../pair-report.js';
import { type Calls, inTurn, measurePairs } from '../pairs.js';
import { hand, plan } from '../settings.js';

const token = 'bench-token';
const auth = oauth({
  tokenUrl: 'http://login.bench/token',
  clientId: 'bench',
  grant: 'client_credentials',
  dispatcher: memoryDispatcher('{"access_token":"bench-token","expires_in":86400}'),
  registry: new BreakerRegistry(),
});
await auth.get();
/** More than one thing is asked, as coalescing and kept answers look at what is asked. */
const contacts = Array.from({ length: 100 }, (_, at) => ({ contactId: `c0ffee00000000000000${at + 10}` }));
const dispatcher = memoryDispatcher(TINY_JSON);

function calls(options: ClientOptions = {}): Calls {
  const client = new ServiceClient(service, { token, dispatcher, registry: new BreakerRegistry(), env: {}, ...options });
  return inTurn((at) => client.call(contactsGet, contacts[at % contacts.length] ?? { contactId: '' }));
}

const KEPT = { [contactsGet.id]: lastGood() };

/** What is on, and what it may add to a call, in nanoseconds. `undefined`: no promise. */
const POLICIES: readonly (readonly [name: string, options: ClientOptions, limitNs: number | undefined])[] = [
  ['window of 100 calls', { breaker: { slidingWindow: { size: 100 } } }, 100],
  ['window of 60 s', { breaker: { slidingWindow: { durationMs: 60_000 } } }, 100],
  ['bulkhead', { bulkhead: { maxConcurrent: 100 } }, 100],
  ['rate limit', { rateLimit: { requests: 1_000_000, perMs: 10 } }, 300],
  ["rate limit by the answers' headers", { rateLimit: true }, 300],
  ['coalescing', { coalesce: true }, 600],
  ['kept answers (last good)', { fallbacks: KEPT }, 500],
  ['token function', { token: () => token }, 150],
  ['token of fuseline/auth, at hand', { token: auth }, 150],
  ['async token function', { token: async () => token }, undefined],
  ['listener', { onEvent: () => undefined }, undefined],
];

const base = calls();
const ofOneKb = { dispatcher: memoryDispatcher() };
const pairs = [
  { name: 'default policies, the same again (A/A)', base, own: calls() },
  ...POLICIES.map(([name, options]) => ({ name, base, own: calls(options) })),
  { name: 'kept answers of 1 KB', base: calls(ofOneKb), own: calls({ ...ofOneKb, fallbacks: KEPT }) },
];
const rows = await measurePairs(pairs, plan({ rounds: 41, batchMs: 20 }, { rounds: 15, batchMs: 15 }));
hand({
  tables: [additions('Policies and options of a client that are on, answered from memory', rows, 'ns')],
  marks: POLICIES.flatMap(([name, , limitNs], at) => (limitNs === undefined ? [] : [addedMark(`On: ${name}`, rows, at + 1, limitNs)])),
});
process.exit(0);
