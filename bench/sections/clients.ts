import { GhlClient, type GhlClientOptions } from '../../generated/ghl/index.js';

import { contactsGet, ServiceClient, service } from '../client.js';
import { memoryDispatcher, TINY_JSON } from '../memory-dispatcher.js';
import { params } from '../option-calls.js';
import { addedMark, additions } from '../pair-report.js';
import { inTurn, measurePairs, type Pair } from '../pairs.js';
import { hand, plan } from '../settings.js';

/** As in a handler of requests that makes a client for each tenant: registry and environment are those of the process. */
const options: GhlClientOptions = { token: 'bench-token', dispatcher: memoryDispatcher(TINY_JSON) };
const nothing = inTurn(async () => undefined);

const client = new ServiceClient(service, options);
const ghl = new GhlClient(options);
const called = inTurn(() => client.call(contactsGet, params));
const ghlCalled = inTurn(() => ghl.contacts.get(params));

const pairs: readonly Pair[] = [
  { name: 'a client that exists, the same again (A/A)', base: called, own: inTurn(() => client.call(contactsGet, params)) },
  {
    name: 'new client and its first call',
    base: called,
    own: inTurn(() => new ServiceClient(service, options).call(contactsGet, params)),
  },
  { name: 'new GHL client and its first call', base: ghlCalled, own: inTurn(() => new GhlClient(options).contacts.get(params)) },
  { name: 'new client alone', base: nothing, own: inTurn(async () => new ServiceClient(service, options)) },
  { name: 'new GHL client alone', base: nothing, own: inTurn(async () => new GhlClient(options)) },
  {
    name: 'withOptions of a GHL client and its first call',
    base: ghlCalled,
    own: inTurn(() => ghl.withOptions({ headers: { 'x-tenant': 'a' } }).contacts.get(params)),
  },
];
const madeAndClosed: readonly Pair[] = [
  { name: 'ready of a client whose transport is loaded', base: nothing, own: inTurn(() => client.ready()) },
  {
    name: 'new client, its first call and close',
    base: inTurn(() => new ServiceClient(service, options).call(contactsGet, params)),
    own: inTurn(async () => {
      const once = new ServiceClient(service, options);
      await once.call(contactsGet, params);
      await once.close();
    }),
  },
];
const rows = await measurePairs([...pairs, ...madeAndClosed], plan({ rounds: 41, batchMs: 20 }, { rounds: 15, batchMs: 15 }));
hand({
  tables: [
    additions(`A client made per request, answered from memory, ${Object.keys(process.env).length} environment variables`, rows, 'us'),
  ],
  marks: [
    addedMark('A new client and its first call, above a call', rows, 1, 10_000),
    addedMark('A new GHL client and its first call, above a call', rows, 2, 10_000),
    addedMark('ready of a client whose transport is loaded', rows, pairs.length, 10_000),
    addedMark('close of a client without calls in flight', rows, pairs.length + 1, 5_000),
  ],
});
process.exit(0);
