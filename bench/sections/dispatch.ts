import { Agent, type Dispatcher } from 'undici';
import { bareDispatch, inFlight, ours, token } from '../callers.js';
import { ratioMark, ratios } from '../pair-report.js';
import { measurePairs } from '../pairs.js';
import type { Mark, Table } from '../report.js';
import { hand, plan, QUICK } from '../settings.js';

/** As the agent that our clients share: the same limits, so that only our own work differs. */
function likeOurs(): Dispatcher {
  return new Agent({ connect: { timeout: 10_000 }, headersTimeout: 0, bodyTimeout: 0 });
}

const tables: Table[] = [];
const marks: Mark[] = [];
for (const method of ['GET', 'POST'] as const) {
  const callers = [
    ['the same again (A/A)', bareDispatch(method, likeOurs())],
    ['fuseline client', ours(method)],
    ['fuseline client, token function and listener', ours(method, { token: () => token, onEvent: () => undefined })],
  ] as const;
  // Connections of its own for each, in the same number and used as often.
  const compared = callers.map(([name, call]) => ({ name, bare: bareDispatch(method, likeOurs()), call }));
  for (const { bare, call } of compared) for (const each of [bare, call]) await inFlight(each, 100)(QUICK ? 2_000 : 8_000);
  for (const concurrency of [10, 100]) {
    const pairs = compared.map(({ name, bare, call }) => ({ name, base: inFlight(bare, concurrency), own: inFlight(call, concurrency) }));
    const rows = await measurePairs(pairs, plan({ rounds: 31, batchMs: 60 }, { rounds: 11, batchMs: 40 }));
    const title = `${method} of 1 KB JSON, ${concurrency} in flight`;
    tables.push(ratios(`${title}, against a bare dispatch with the same decoding`, rows, 'us'));
    marks.push(ratioMark(`${title}: CPU against a bare dispatch`, rows, 1, 1.05));
    marks.push(ratioMark(`${title}: the same with a token function and a listener`, rows, 2, 1.07));
  }
}
hand({ tables, marks });
process.exit(0);
