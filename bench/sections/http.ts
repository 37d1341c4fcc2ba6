import { Agent, type Dispatcher, getGlobalDispatcher, request } from 'undici';
import { BreakerRegistry } from '../../runtime/index.js';
import { contactsCreate, contactsGet, ServiceClient, service } from '../client.js';
import { type ContactAnswer, contact } from '../contact.js';
import { measure, type Variant } from '../measure.js';
import { cockatielPolicy, opossumBreaker } from '../peers.js';
import { comparison, type Mark, type Table } from '../report.js';
import { hand, plan, QUICK } from '../settings.js';

type Method = 'GET' | 'POST';
type Caller = (id: string) => Promise<ContactAnswer>;

const url = process.env['FUSELINE_BENCH_URL'] ?? '';
const token = 'bench-token';
/** What our client sends, so that every variant writes the same bytes. */
const headers = { accept: 'application/json', 'user-agent': 'fuseline', version: '2021-07-28', authorization: `Bearer ${token}` };
const headersWithBody = { ...headers, 'content-type': 'application/json' };

/** Ours: breaker, deadline, retry and decoding with default policies. */
function ours(method: Method): Caller {
  const client = new ServiceClient(service, { baseUrl: url, token, registry: new BreakerRegistry(), env: {} });
  return method === 'GET' ? (contactId) => client.call(contactsGet, { contactId }) : () => client.call(contactsCreate, { body: contact });
}

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

/** The least that undici allows: a handler without streams. */
function bareDispatch(method: Method): Caller {
  const dispatcher = getGlobalDispatcher();
  const headerList = Object.entries(method === 'GET' ? headers : headersWithBody).flat();
  return (id) =>
    new Promise((resolve, reject) => {
      const body = method === 'GET' ? null : JSON.stringify(contact);
      const path = method === 'GET' ? `/contacts/${encodeURIComponent(id)}` : '/contacts/';
      const chunks: Buffer[] = [];
      dispatcher.dispatch(
        { origin: url, path, method, headers: headerList, body },
        {
          onRequestStart() {},
          onResponseStart() {},
          onResponseData(_controller, chunk) {
            chunks.push(chunk);
          },
          onResponseEnd() {
            const whole = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
            resolve(JSON.parse(whole.toString()) as ContactAnswer);
          },
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
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

/** Keeps `concurrency` calls in flight until all are done. */
function variant(name: string, call: Caller, concurrency: number): Variant {
  return {
    name,
    async run(calls) {
      let left = calls;
      const worker = async (): Promise<void> => {
        while (left-- > 0) {
          const answer = await call('c0ffee0000000000000001');
          if (answer.traceId.length !== 36) throw new Error('a wrong answer');
        }
      };
      await Promise.all(Array.from({ length: concurrency }, worker));
    },
  };
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
    ['Dispatcher.dispatch', bareDispatch(method)],
    ['opossum + undici.request', withOpossum(method)],
    ['cockatiel + undici.request', withCockatiel(method)],
    ['global fetch', globalFetch(method)],
  ];
  // A call at a time makes too few calls for the optimising compiler to be done with them.
  for (const [name, call] of callers) await variant(name, call, 100).run(QUICK ? 2_000 : 8_000);
  for (const concurrency of [1, 10, 100]) {
    const variants = callers.map(([name, call]) => variant(name, call, concurrency));
    const rows = await measure(variants, plan({ rounds: 17, batchMs: 90 }, { rounds: 5, batchMs: 50 }));
    const title = `${method} of 1 KB JSON, ${concurrency} at a time`;
    tables.push(comparison(title, rows, 'us'));
    marks.push({ name: `${title}: CPU against undici.request`, value: rows[2]?.ratio ?? Number.NaN, limit: 1.1, unit: '' });
  }
}
hand({ tables, marks });
process.exit(0);
