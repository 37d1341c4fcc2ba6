import type { CallOptions, ClientOptions } from 'fuseline';
import { chain, lastGood, value } from 'fuseline';
import { answers, breaks, neverConnects, type Reaction, socketError, waits } from '../support/in-memory.js';
import { SECRETS } from './secrets.js';

/** What is to happen to calls, and with which options. */
export interface Outcome {
  readonly name: string;
  readonly reactions: readonly Reaction[];
  readonly options?: ClientOptions;
  readonly call?: () => CallOptions;
  /** The caller leaves. */
  readonly abort?: boolean;
}

const HEADERS = {
  'content-type': `application/json; profile="${encodeURIComponent(SECRETS.mediaTypeParameter)}"`,
  'set-cookie': `session=${SECRETS.responseCookie}`,
  'x-echo': SECRETS.responseHeader,
  'x-request-id': 'r-1',
};
const BODY = { message: SECRETS.responseBody, access_token: SECRETS.responseBody };
const html = { ...HEADERS, 'content-type': `text/html; profile="${SECRETS.mediaTypeParameter}"` };

/** As transports of others make them: with what was read so far, or with the answer itself. */
const telling = (code: string): Error =>
  Object.assign(socketError(code, 'read'), {
    message: `the proxy says ${SECRETS.transportMessage}`,
    data: Buffer.from(SECRETS.transportData),
    body: { message: SECRETS.transportBody },
    headers: { 'set-cookie': SECRETS.transportHeader },
  });

const fallbacks: readonly (() => CallOptions)[] = [
  () => ({ fallback: value({ text: SECRETS.fallbackValue }) as never }),
  () => ({ fallback: (() => ({ text: SECRETS.fallbackAnswer })) as never }),
  () => ({ fallback: (() => Promise.reject(new Error(SECRETS.fallbackError))) as never }),
  () => ({
    fallback: chain(lastGood(), () => {
      throw new Error(SECRETS.fallbackError);
    }) as never,
  }),
];

const throwsAtOnce = (): never => {
  throw new Error(SECRETS.tokenError);
};

export const OUTCOMES: readonly Outcome[] = [
  { name: 'success', reactions: [answers(200, BODY, HEADERS)] },
  ...[400, 401, 403, 404, 408, 413, 422].map((status) => ({ name: `${status}`, reactions: [answers(status, BODY, HEADERS)] })),
  { name: '400-text', reactions: [answers(400, SECRETS.responseBody, { ...HEADERS, 'content-type': 'text/plain' })] },
  { name: '429', reactions: [answers(429, BODY, { ...HEADERS, 'retry-after': '0' })] },
  { name: '500-once', reactions: [answers(500, BODY, HEADERS)], options: { retry: false } },
  { name: '502-page', reactions: [answers(502, `<html>${SECRETS.htmlPage}`, html)] },
  { name: '503', reactions: [answers(503, BODY, HEADERS)] },
  { name: '302', reactions: [answers(302, '', { location: `https://x.test/?code=${SECRETS.responseHeader}` })] },
  { name: 'page', reactions: [answers(200, `<html>${SECRETS.htmlPage}`, html)] },
  { name: 'half', reactions: [answers(200, `{"a":"${SECRETS.responseBody}`, HEADERS)] },
  { name: 'large', reactions: [answers(200, BODY, HEADERS)], options: { maxResponseBytes: 10 } },
  { name: 'reset', reactions: [breaks(telling('ECONNRESET'))] },
  { name: 'nested', reactions: [breaks(new TypeError('terminated', { cause: telling('HPE_INVALID_CHUNK_SIZE') }))] },
  { name: 'invalid', reactions: [breaks(telling('UND_ERR_INVALID_ARG'))] },
  { name: 'refused', reactions: [neverConnects(telling('ECONNREFUSED'))] },
  { name: 'timeout', reactions: [waits] },
  { name: 'total', reactions: [waits], options: { timeoutMs: null, totalTimeoutMs: 200 } },
  { name: 'abort', reactions: [waits], abort: true },
  { name: 'opens', reactions: [answers(503, BODY, HEADERS)], options: { breaker: { failureThreshold: 2 } } },
  { name: 'breaks', reactions: [breaks(telling('EPIPE'))], options: { breaker: { failureThreshold: 2 } } },
  { name: 'full', reactions: [waits], options: { bulkhead: { maxConcurrent: 1 } } },
  {
    name: 'limited',
    reactions: [answers(200, BODY, HEADERS)],
    options: { rateLimit: { requests: 1, perMs: 3_600_000, maxWaitMs: 0 } },
  },
  { name: 'shared', reactions: [answers(503, BODY, HEADERS)], options: { coalesce: true } },
  { name: 'token-throws', reactions: [waits], options: { token: throwsAtOnce } },
  { name: 'token-rejects', reactions: [waits], options: { token: () => Promise.reject(new Error(SECRETS.tokenError)) } },
  { name: 'token-number', reactions: [waits], options: { token: (() => [SECRETS.token]) as never } },
  { name: 'token-unsendable', reactions: [waits], options: { token: () => `${SECRETS.token}\n` } },
  { name: 'header-unsendable', reactions: [waits], call: () => ({ headers: { 'X-Call': `${SECRETS.callHeader}\n` } }) },
  { name: 'header-name', reactions: [waits], call: () => ({ headers: { [`X ${SECRETS.callHeader}`]: '1' } }) },
  { name: 'token-function', reactions: [answers(401, BODY, HEADERS)], options: { token: () => SECRETS.tokenOfFunction } },
  { name: 'token-promise', reactions: [answers(403, BODY, HEADERS)], options: { token: async () => SECRETS.tokenOfPromise } },
  ...fallbacks.map((call, at) => ({
    name: `fallback-${at}`,
    reactions: [answers(200, BODY, HEADERS), answers(503, BODY, HEADERS)],
    call,
  })),
];
