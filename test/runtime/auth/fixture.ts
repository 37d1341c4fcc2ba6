import { BreakerRegistry, type FuselineEvent, type TransportRequest } from 'fuseline';
import { memoryTokens, type OAuth, type OAuthOptions, oauth, type TokenStore, type Tokens } from 'fuseline/auth';
import { FakeClock } from 'fuseline/testing';
import { answers, InMemory, type Reaction } from '../../support/in-memory.js';

/** A token endpoint in memory, whose refresh tokens work once, and everything that a sign-in needs for a test. */
export class SignInWorld {
  readonly clock = new FakeClock();
  readonly registry = new BreakerRegistry({ clock: this.clock });
  readonly events: FuselineEvent[] = [];
  readonly endpoint = new InMemory((...given) => this.#answer(...given));
  readonly store: TokenStore;
  /** The refresh token that the server accepts. */
  valid = 'refresh 0';
  expiresIn: number | undefined = 3_600;
  /** What the endpoint does before it gives a token; undefined: nothing. The first of the list is taken. */
  readonly first: Reaction[] = [];
  given = 0;

  constructor(store: TokenStore = memoryTokens()) {
    this.store = store;
    this.registry.subscribe((event) => this.events.push(event));
  }

  sign(options: Partial<OAuthOptions> = {}): OAuth {
    return oauth({
      tokenUrl: 'http://login.test/oauth/token',
      clientId: 'app',
      clientSecret: 'hush',
      grant: 'refresh_token',
      refreshToken: 'refresh 0',
      store: this.store,
      registry: this.registry,
      dispatcher: this.endpoint,
      clock: this.clock,
      random: () => 0.5,
      ...options,
    });
  }

  /** The forms that the endpoint got. */
  get forms(): readonly Readonly<Record<string, string>>[] {
    return this.endpoint.requests.map(formOf);
  }

  get told(): readonly FuselineEvent[] {
    return this.events.filter(({ type }) => type.startsWith('token_'));
  }

  #answer(...[handler, request, controller]: Parameters<Reaction>): void {
    const first = this.first.shift();
    if (first !== undefined) {
      first(handler, request, controller);
      return;
    }
    const { grant_type: grant, refresh_token: token } = formOf(request);
    if (grant === 'refresh_token' && token !== this.valid) {
      answers(400, { error: 'invalid_grant' })(handler, request, controller);
      return;
    }
    this.given++;
    this.valid = `refresh ${this.given}`;
    const next = grant === 'refresh_token' ? { refresh_token: this.valid } : {};
    answers(200, { access_token: `access ${this.given}`, expires_in: this.expiresIn, ...next })(handler, request, controller);
  }
}

export function formOf({ body }: TransportRequest): Readonly<Record<string, string>> {
  return Object.fromEntries(new URLSearchParams(String(body)));
}

/** A store whose methods a test holds, fails and counts. */
export class WatchedStore implements TokenStore {
  readonly log: string[] = [];
  tokens: Tokens | undefined;
  onSave: ((tokens: Tokens) => void | Promise<void>) | undefined;

  load(account: string): Tokens | undefined {
    this.log.push(`load ${account}`.trim());
    return this.tokens;
  }

  async save(account: string, tokens: Tokens): Promise<void> {
    this.log.push(`save ${account}`.trim());
    await this.onSave?.(tokens);
    this.tokens = tokens;
  }
}

/** The same with a lock, as processes share one. */
export class LockedStore extends WatchedStore {
  holder: string | undefined;

  lock(): (() => void) | undefined {
    this.log.push(this.holder === undefined ? 'lock' : 'locked');
    if (this.holder !== undefined) return undefined;
    this.holder = 'us';
    return () => {
      this.log.push('unlock');
      this.holder = undefined;
    };
  }
}
