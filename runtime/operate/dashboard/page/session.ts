/** The tokens that the user entered. They are in memory and, if the user wants that, in the session storage of the tab. */

const TOKENS_KEY = 'fuseline.dashboard.tokens';

export class Session {
  /** The token for the stream. */
  read: string | undefined;
  /** The token for actions. It also reads if there is no other. */
  admin: string | undefined;

  constructor() {
    try {
      const kept: unknown = JSON.parse(sessionStorage.getItem(TOKENS_KEY) ?? '{}');
      if (typeof kept !== 'object' || kept === null) return;
      if ('read' in kept && typeof kept.read === 'string') this.read = kept.read;
      if ('admin' in kept && typeof kept.admin === 'string') this.admin = kept.admin;
    } catch {
      // Without storage, the page asks again each time.
    }
  }

  /** Returns the headers of a request. */
  headers(token: string | undefined = this.read ?? this.admin): Record<string, string> {
    return token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  /** Stores the tokens until the tab is closed, so that they survive a reload. */
  keep(): void {
    try {
      sessionStorage.setItem(TOKENS_KEY, JSON.stringify({ read: this.read, admin: this.admin }));
    } catch {
      // No storage, as above.
    }
  }

  /** Forgets the admin token, also in storage. `all`: both tokens. */
  forget(all = false): void {
    this.admin = undefined;
    if (all) this.read = undefined;
    try {
      if (sessionStorage.getItem(TOKENS_KEY) === null) return;
      if (all || this.read === undefined) sessionStorage.removeItem(TOKENS_KEY);
      else this.keep();
    } catch {
      // No storage, as above.
    }
  }
}
