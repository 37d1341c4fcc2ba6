import { Agent, type Dispatcher, getGlobalDispatcher } from 'undici';
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
  const bare = bareDispatch(method, likeOurs());
  const callers = [
    ['the same again (A/A)', bareDispatch(method, likeOurs())],
    ['fuseline client', ours(method)],
    ['fuseline client, token function and listener', ours(method, { token: () => token, onEvent: () => undefined })],
    ["bare dispatch with undici's timeouts", bareDispatch(method, getGlobalDispatcher())],
  ] as const;
  for (const call of [bare, ...callers.map(([, call]) => call)]) await inFlight(call, 100)(QUICK ? 2_000 : 8_000);
  for (const concurrency of [10, 100]) {
    const base = inFlight(bare, concurrency);
    const pairs = callers.map(([name, call]) => ({ name, base, own: inFlight(call, concurrency) }));
    const rows = await measurePairs(pairs, plan({ rounds: 41, batchMs: 40 }, { rounds: 9, batchMs: 30 }));
    const title = `${method} of 1 KB JSON, ${concurrency} in flight`;
    tables.push(ratios(`${title}, against a bare dispatch with the same decoding`, rows, 'us'));
    marks.push(ratioMark(`${title}: CPU against a bare dispatch`, rows, 1, 1.05));
    marks.push(ratioMark(`${title}: the same with a token function and a listener`, rows, 2, 1.07));
  }
}
hand({ tables, marks });
process.exit(0);
