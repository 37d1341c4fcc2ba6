import type { Agent as UndiciAgent } from 'undici';
import type { DispatcherLike } from '../../../call/transport/types.js';
import { retryHint } from '../../../policies/retry/retry-hint.js';
import { DeliveryError } from '../delivery-error.js';

/** Statuses after which the same request may well be accepted. */
const RETRYABLE = [408, 425, 429, 500, 502, 503, 504];

let agent: UndiciAgent | undefined;

export interface Post {
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly now: number;
  /** Instead of undici's own agent: a `ProxyAgent`, a mock. */
  readonly dispatcher: DispatcherLike | undefined;
}

/**
 * Posts JSON, and is done as soon as the receiver has accepted it. undici and not the global fetch: no redirect is followed, so what is
 * secret in URL and body goes nowhere else; an abort closes the socket; and whoever traces or mocks the global fetch does not get to see it.
 * Loaded with the first message.
 *
 * @throws {DeliveryError} with the status or the kind of failure, and nothing that the receiver said.
 */
export async function post({ url, body, headers, signal, now, dispatcher }: Post): Promise<void> {
  const { Agent, request } = await import('undici');
  // The send's own time limit covers the headers; a body that never ends must not hold the connection.
  agent ??= new Agent({ headersTimeout: 0, bodyTimeout: 5_000 });
  let response: Awaited<ReturnType<typeof request>>;
  try {
    response = await request(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json; charset=utf-8', 'user-agent': 'fuseline', ...headers },
      body,
      signal,
      dispatcher: (dispatcher ?? agent) as UndiciAgent,
    });
  } catch {
    throw new DeliveryError(signal.aborted ? 'timeout' : 'network');
  }
  const { statusCode, headers: answered } = response;
  // Not waited for: the status has decided.
  response.body.dump({ limit: 65_536 }).catch(() => undefined);
  if (statusCode >= 200 && statusCode < 300) return;
  const retryAfterMs = retryHint(answered, now).waitMs;
  throw new DeliveryError(`http_${statusCode}`, { retryable: RETRYABLE.includes(statusCode), retryAfterMs });
}
