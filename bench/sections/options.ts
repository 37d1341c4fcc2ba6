import { BreakerRegistry } from '../../runtime/index.js';
import { ServiceClient, service } from '../client.js';
import { memoryDispatcher, TINY_JSON } from '../memory-dispatcher.js';
import { OF_A_GET, OPTION_CALLS, OPTION_CLIENTS, plain } from '../option-calls.js';
import { addedMark, additions } from '../pair-report.js';
import { inTurn, measurePairs, type Pair } from '../pairs.js';
import { hand, plan } from '../settings.js';

const common = { token: 'bench-token', dispatcher: memoryDispatcher(TINY_JSON), env: {} };
const client = new ServiceClient(service, { ...common, registry: new BreakerRegistry() });
const base = inTurn(() => plain(client));
const pairs: readonly Pair[] = [
  { name: 'no options, the same again (A/A)', base, own: inTurn(() => plain(client)) },
  ...OPTION_CALLS.map(({ name, call, without }) => ({
    name,
    base: without === undefined ? base : inTurn(() => without(client)),
    own: inTurn((at) => call(client, at)),
  })),
  ...OPTION_CLIENTS.map(({ name, options }) => {
    const own = new ServiceClient(service, { ...common, ...options, registry: new BreakerRegistry() });
    return { name: `a client with { ${name} }`, base, own: inTurn(() => plain(own)) };
  }),
];
const rows = await measurePairs(pairs, plan({ rounds: 41, batchMs: 20 }, { rounds: 15, batchMs: 15 }));
hand({
  tables: [additions('Options of one call, answered from memory', rows, 'ns')],
  marks: OPTION_CALLS.flatMap(({ name, limitNs = OF_A_GET }, at) => {
    if (limitNs === null) return [];
    return [addedMark(`A call with ${name}`, rows, at + 1, limitNs)];
  }).concat(
    OPTION_CLIENTS.map(({ name, limitNs }, at) =>
      addedMark(`A call of a client with { ${name} }`, rows, OPTION_CALLS.length + 1 + at, limitNs),
    ),
  ),
});
process.exit(0);
