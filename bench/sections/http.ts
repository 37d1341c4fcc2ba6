import { Agent, type Dispatcher, getGlobalDispatcher, request } from 'undici';
import { bareDispatch, type Caller, headers, headersWithBody, inFlight, type Method, ours, url } from '../callers.js';
import { type ContactAnswer, contact } from '../contact.js';
import { measure } from '../measure.js';
import { cockatielPolicy, opossumBreaker } from '../peers.js';
import { comparison, type Mark, type Table } from '../report.js';
import { hand, plan, QUICK } from '../settings.js';

/** What a person writes by hand without any protection. */
function bareRequest(method: Method, dispatcher?: Dispatcher): Caller {
  const more = dispatcher === undefined ? {} : { dispatcher };
  const get = { ...more, method, headers } as const;
  return async (id) => {
    const answer =
      method === 'GET'
        ? await request(`${url}/contacts/${encodeURIComponent(id)}`, get)
        : await request(`${url}/contacts/`, { ...more, method, headers: headersWithBody, body: JSON.stringify(contact) });
    if (answer.statusCode !== 200) throw new Error(`status ${answer.statusCode}`);
    return (await answer.body.json()) as ContactAnswer;
  };
}

function globalFetch(method: Method): Caller {
  return async (id) => {
    const answer =
      method === 'GET'
        ? await fetch(`${url}/contacts/${encodeURIComponent(id)}`, { headers })
        : await fetch(`${url}/contacts/`, { method, headers: headersWithBody, body: JSON.stringify(contact) });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    return (await answer.json()) as ContactAnswer;
  };
}

function withCockatiel(method: Method): Caller {
  const bare = bareRequest(method);
  const policy = cockatielPolicy();
  return (id) => policy.execute(() => bare(id));
}

function withOpossum(method: Method): Caller {
  const breaker = opossumBreaker(bareRequest(method));
  return (id) => breaker.fire(id);
}

const noTimeouts = new Agent({ headersTimeout: 0, bodyTimeout: 0 });
const tables: Table[] = [];
const marks: Mark[] = [];
for (const method of ['GET', 'POST'] as const) {
  const callers: readonly (readonly [string, Caller])[] = [
    ['undici.request + json()', bareRequest(method)],
    ['the same again (A/A)', bareRequest(method)],
    ['fuseline client', ours(method)],
    ['undici.request, its timeouts off', bareRequest(method, noTimeouts)],
    ['Dispatcher.dispatch', bareDispatch(method, getGlobalDispatcher())],
    ['opossum + undici.request', withOpossum(method)],
    ['cockatiel + undici.request', withCockatiel(method)],
    ['global fetch', globalFetch(method)],
  ];
  // A call at a time makes too few calls for the optimising compiler to be done with them.
  for (const [, call] of callers) await inFlight(call, 100)(QUICK ? 2_000 : 8_000);
  for (const concurrency of [1, 10, 100]) {
    const variants = callers.map(([name, call]) => ({ name, run: inFlight(call, concurrency) }));
    const rows = await measure(variants, plan({ rounds: 17, batchMs: 90 }, { rounds: 5, batchMs: 50 }));
    const title = `${method} of 1 KB JSON, ${concurrency} at a time`;
    tables.push(comparison(title, rows, 'us'));
    marks.push({ name: `${title}: CPU against undici.request`, value: rows[2]?.ratio ?? Number.NaN, limit: 1.1, unit: '' });
  }
}
hand({ tables, marks });
process.exit(0);
