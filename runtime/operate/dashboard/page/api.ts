/** Requests of the page other than the stream. Paths are relative to where the page is, whatever it is mounted at. */
import type { OperationRow } from '../wire.js';
import type { ActionName } from './detail.js';
import type { Session } from './session.js';

/**
 * Asks what a path takes. The answer names a challenge where the token that is sent does not suffice; a request that is refused would say
 * the same, but browsers write each of those to the console.
 */
export function options(url: string, headers: Record<string, string>, signal?: AbortSignal): Promise<Response> {
  return fetch(url, { method: 'OPTIONS', headers, cache: 'no-store', signal: signal ?? null });
}

export class Api {
  readonly #base: string;
  readonly #session: Session;

  constructor(session: Session, pagePath: string) {
    this.#session = session;
    this.#base = pagePath.replace(/\/dashboard\/?$/, '');
  }

  get eventsUrl(): string {
    return `${this.#base}/dashboard/events`;
  }

  /** Whether the server has actions at all (without an admin token of its own it has none), and whether that token may use them. */
  async actions(token: string | undefined): Promise<{ readonly there: boolean; readonly allowed: boolean }> {
    const { headers } = await options(`${this.#base}/dashboard/actions`, this.#session.headers(token));
    return { there: /\bPOST\b/.test(headers.get('allow') ?? ''), allowed: !headers.has('www-authenticate') };
  }

  /** Does an action. Resolves to what went wrong, or undefined. `circuit` undefined: all of them are reset. */
  async act(action: ActionName, circuit: string | undefined, token: string): Promise<'unauthorized' | 'missing' | 'failed' | undefined> {
    const path = circuit === undefined ? '/circuit-breakers/reset-all' : `/circuit-breakers/${encodeURIComponent(circuit)}/${action}`;
    const { ok, status } = await this.#post(path, token);
    if (ok) return undefined;
    return status === 401 || status === 403 ? 'unauthorized' : status === 404 ? 'missing' : 'failed';
  }

  async operations(service: string): Promise<readonly OperationRow[]> {
    const url = `${this.#base}/dashboard/services/${encodeURIComponent(service)}`;
    const response = await fetch(url, { headers: this.#session.headers(), cache: 'no-store' });
    return response.ok ? ((await response.json()) as readonly OperationRow[]) : [];
  }

  #post(path: string, token: string): Promise<Response> {
    return fetch(this.#base + path, { method: 'POST', headers: this.#session.headers(token), cache: 'no-store' });
  }
}
