import type { Dispatcher } from 'undici';
import { BreakerRegistry, type ClientOptions } from '../runtime/index.js';
import { contactsCreate, contactsGet, ServiceClient, service } from './client.js';
import { type ContactAnswer, contact } from './contact.js';
import type { Calls } from './pairs.js';

export type Method = 'GET' | 'POST';
export type Caller = (id: string) => Promise<ContactAnswer>;

/** Of the loopback server. */
export const url = process.env['FUSELINE_BENCH_URL'] ?? '';
export const token = 'bench-token';
/** What our client sends, so that every variant writes the same bytes. */
export const headers = {
  accept: 'application/json',
  'user-agent': 'fuseline',
  'accept-encoding': 'gzip, deflate, br',
  version: '2021-07-28',
  authorization: `Bearer ${token}`,
};
export const headersWithBody = { ...headers, 'content-type': 'application/json' };

/** Ours: breaker, deadline, retry and decoding with default policies. */
export function ours(method: Method, options: ClientOptions = { token }): Caller {
  const client = new ServiceClient(service, { baseUrl: url, registry: new BreakerRegistry(), env: {}, ...options });
  return method === 'GET' ? (contactId) => client.call(contactsGet, { contactId }) : () => client.call(contactsCreate, { body: contact });
}

/** The least that undici allows, with the decoding of our client: a handler without streams that checks status, type and byte order mark. */
export function bareDispatch(method: Method, dispatcher: Dispatcher): Caller {
  const headerList = Object.entries(method === 'GET' ? headers : headersWithBody).flat();
  return (id) =>
    new Promise((resolve, reject) => {
      const body = method === 'GET' ? null : JSON.stringify(contact);
      const path = method === 'GET' ? `/contacts/${encodeURIComponent(id)}` : '/contacts/';
      const chunks: Buffer[] = [];
      let isJson = false;
      dispatcher.dispatch(
        { origin: url, path, method, headers: headerList, body },
        {
          onRequestStart() {},
          onResponseStart(_controller, status, answerHeaders) {
            const type = answerHeaders['content-type'];
            isJson = status === 200 && typeof type === 'string' && type.startsWith('application/json');
          },
          onResponseData(_controller, chunk) {
            chunks.push(chunk);
          },
          onResponseEnd() {
            if (!isJson) {
              reject(new Error('not the JSON that was expected'));
              return;
            }
            const whole = chunks.length === 1 ? (chunks[0] as Buffer) : Buffer.concat(chunks);
            const text = whole.toString('utf8');
            resolve(JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text) as ContactAnswer);
          },
          onResponseError: (_controller, error) => reject(error),
        },
      );
    });
}

/** Keeps `concurrency` calls in flight until all are done. */
export function inFlight(call: Caller, concurrency: number): Calls {
  return async (calls) => {
    let left = calls;
    const worker = async (): Promise<void> => {
      while (left-- > 0) {
        const answer = await call('c0ffee0000000000000001');
        if (answer.traceId.length !== 36) throw new Error('a wrong answer');
      }
    };
    await Promise.all(Array.from({ length: concurrency }, worker));
  };
}
