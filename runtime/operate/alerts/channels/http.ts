import type { Agent as UndiciAgent } from 'undici';
import { loadUndici } from '../../../call/transport/load-undici.js';
import type { DispatcherLike } from '../../../call/transport/types.js';
import { retryHint } from '../../../policies/retry/retry-hint.js';
import { DeliveryError } from '../delivery-error.js';

/** The statuses after which the same request can succeed. */
const RETRYABLE = [408, 425, 429, 500, 502, 503, 504];

let agent: UndiciAgent | undefined;

export interface Post {
  readonly url: string;
  readonly body: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
  readonly now: number;
  /** A dispatcher instead of undici's own agent, such as a `ProxyAgent` or a mock. */
  readonly dispatcher: DispatcherLike | undefined;
}

/**
 * Posts JSON, and resolves when the receiver has accepted it.
 *
 * It uses undici instead of the global fetch for three reasons. It follows no redirect, so secrets in URL and body go nowhere else. An abort closes the
 * socket. Code that traces or mocks the global fetch does not see the secrets. undici is loaded with the first message.
 *
 * @throws {DeliveryError} with the status or the kind of failure, and no text of the receiver.
 */
export async function post({ url, body, headers, signal, now, dispatcher }: Post): Promise<void> {
  const { Agent, request } = await loadUndici();
  // The time limit of the attempt covers the headers. A body that never ends must not hold the connection.
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
  // The body is not awaited, because the status decides.
  response.body.dump({ limit: 65_536 }).catch(() => undefined);
  if (statusCode >= 200 && statusCode < 300) return;
  const retryAfterMs = retryHint(answered, now).waitMs;
  throw new DeliveryError(`http_${statusCode}`, { retryable: RETRYABLE.includes(statusCode), retryAfterMs });
}
