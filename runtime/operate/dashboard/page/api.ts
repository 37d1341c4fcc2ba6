/** The requests of the page, except the stream. Paths are relative to the page, so that they work below any mount. */
import type { OperationRow } from '../wire.js';
import type { ActionName } from './detail.js';
import type { Session } from './session.js';

/**
 * Asks which methods a path accepts. The answer has a challenge if the token does not suffice. A refused request would show the same, but browsers log
 * each of them to the console.
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

  /** Returns whether the server has actions (it has none without an admin token), and whether the given token permits them. */
  async actions(token: string | undefined): Promise<{ readonly there: boolean; readonly allowed: boolean }> {
    const { headers } = await options(`${this.#base}/dashboard/actions`, this.#session.headers(token));
    return { there: /\bPOST\b/.test(headers.get('allow') ?? ''), allowed: !headers.has('www-authenticate') };
  }

  /** Does an action. Resolves to the problem, or undefined. Without `circuit`, all circuits are reset. */
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
