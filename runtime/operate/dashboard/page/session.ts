/** The tokens that someone has entered. In memory, and in the tab's session storage only where they asked for it. */

const TOKENS_KEY = 'fuseline.dashboard.tokens';

export class Session {
  /** Reads the stream. */
  read: string | undefined;
  /** Does the actions, and reads where there is no other. */
  admin: string | undefined;

  constructor() {
    try {
      const kept: unknown = JSON.parse(sessionStorage.getItem(TOKENS_KEY) ?? '{}');
      if (typeof kept !== 'object' || kept === null) return;
      if ('read' in kept && typeof kept.read === 'string') this.read = kept.read;
      if ('admin' in kept && typeof kept.admin === 'string') this.admin = kept.admin;
    } catch {
      // A browser without storage asks again each time.
    }
  }

  /** What a request sends along. */
  headers(token: string | undefined = this.read ?? this.admin): Record<string, string> {
    return token === undefined ? {} : { authorization: `Bearer ${token}` };
  }

  /** Keeps what is known beyond a reload, until the tab is closed. */
  keep(): void {
    try {
      sessionStorage.setItem(TOKENS_KEY, JSON.stringify({ read: this.read, admin: this.admin }));
    } catch {
      // As above.
    }
  }

  /** Forgets the admin token, here and in storage; `all`: both. */
  forget(all = false): void {
    this.admin = undefined;
    if (all) this.read = undefined;
    try {
      if (sessionStorage.getItem(TOKENS_KEY) === null) return;
      if (all || this.read === undefined) sessionStorage.removeItem(TOKENS_KEY);
      else this.keep();
    } catch {
      // As above.
    }
  }
}
