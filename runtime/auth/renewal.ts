import type { Clock } from '../clock.js';
import { SignInError } from '../errors/sign-in-error.js';
import { chance, type UserFunction, type UserScope } from '../user-code.js';
import type { StoreAccess } from './store-access.js';
import type { TokenEndpoint } from './token-endpoint.js';
import type { Tokens } from './tokens.js';

/** What a renewal needs. */
export interface RenewalParts {
  readonly account: string;
  readonly store: StoreAccess;
  readonly endpoint: TokenEndpoint;
  readonly clock: Clock;
  readonly scope: UserScope;
  readonly random: UserFunction<() => number>;
  /** Tokens are bought with a refresh token. */
  readonly refreshes: boolean;
  /** The refresh token to begin with. */
  readonly firstRefreshToken: string | undefined;
}

/** Tokens that can be used, and where they came from. */
export interface Renewed {
  readonly tokens: Tokens & { readonly accessToken: string };
  readonly source: 'server' | 'store';
}

/** A new pair that the store did not take. Its refresh token is known nowhere else. */
interface UnsavedPair {
  readonly tokens: Renewed['tokens'];
  /** The refresh token that bought the pair. */
  readonly used: string | undefined;
  /** The tokens that the store held when the pair was bought. If it holds others now, someone has signed in meanwhile. */
  readonly before: Tokens | undefined;
}

/** How often a new pair is offered to a store that fails. */
const SAVES = 3;
/** The first wait for a lock, or between two saves; each one after it is twice as long, up to the longest. In milliseconds. */
const FIRST_WAIT_MS = 50;
const LONGEST_WAIT_MS = 500;
/** A stored token that ends sooner than this is not worth using, in milliseconds. */
const WORTH_USING_MS = 5_000;

/**
 * Renews the tokens of one account: looks into the store, takes its lock, looks again, asks the server, and saves the new pair before anyone uses it.
 * One renewal runs at a time.
 *
 * A refresh token that works once is never sent twice by one renewal, unless provably nothing of the request was sent. A later renewal sends it again:
 * if the answer to the first was lost, the server says so, and nothing else could find it out.
 */
export class Renewal {
  readonly #parts: RenewalParts;
  /** Refresh tokens that the server does not accept any more. */
  readonly #ended = new Set<string>();
  #unsaved: UnsavedPair | undefined;
  /** Saves and unlocks that no call waits for, one after the other. Never rejects. Undefined if none is under way. */
  #rest: Promise<void> | undefined;
  /** The last save of these. */
  #lastSave: Promise<void> | undefined;

  constructor(parts: RenewalParts) {
    this.#parts = parts;
  }

  /** Returns other tokens than those whose access token is `replaced`. @throws {SignInError} */
  async run(replaced: string | undefined): Promise<Renewed> {
    const { account, store, clock, endpoint } = this.#parts;
    // It must not replace what this renewal saves.
    await this.#lastSave;
    const stored = await store.load(account);
    const found = this.#usable(stored, replaced);
    if (found !== undefined) return found;
    if (!store.locks) return this.#request(stored, replaced);
    return this.#locked(
      async (until) => {
        const now = await store.load(account);
        // The process may have slept. The request and the save must be over before the lease is.
        const isLate = clock.now() + endpoint.longestMs + store.timeoutMs > until;
        return this.#usable(now, replaced) ?? (isLate ? undefined : this.#request(now, replaced));
      },
      async () => this.#usable(await store.load(account), replaced),
    );
  }

  /** Saves tokens that someone got by signing in. @throws {SignInError} */
  async save(tokens: Tokens): Promise<void> {
    const { account, store } = this.#parts;
    await this.#lastSave;
    const work = async (): Promise<true> => {
      await store.save(account, tokens);
      this.#unsaved = undefined;
      return true;
    };
    // Not while another process may be about to save what it got for the tokens before.
    await (store.locks ? this.#locked(work, async () => undefined) : work());
  }

  /** Returns true if nothing is under way, and no new pair is only in the memory of this process. */
  get idle(): boolean {
    return this.#unsaved === undefined && this.#rest === undefined;
  }

  /** Settles when the saves and unlocks that no call waits for are over. Never rejects. Undefined if none is under way. */
  get rest(): Promise<void> | undefined {
    return this.#rest;
  }

  /** Does work that no call waits for. */
  #beside(work: () => Promise<void>): Promise<void> {
    const before = this.#rest;
    const inTurn = async (): Promise<void> => {
      if (before !== undefined) await before;
      await work();
    };
    const over = (): void => {
      if (this.#rest === rest) this.#rest = undefined;
    };
    const rest = inTurn().then(over, over);
    this.#rest = rest;
    return rest;
  }

  /**
   * Does `work` under the lock of the account. Waits while someone else has it, and asks `meanwhile` whether that is still needed. `until`: when the lease
   * ends. `work` returns undefined if the lease is too short for it.
   */
  async #locked<T>(work: (until: number) => Promise<T | undefined>, meanwhile: () => Promise<T | undefined>): Promise<T> {
    const { account, store, clock, endpoint } = this.#parts;
    const leaseMs = endpoint.longestMs + 3 * store.timeoutMs;
    const startedAt = clock.now();
    for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(2 * waitMs, LONGEST_WAIT_MS)) {
      const until = clock.now() + leaseMs;
      const unlock = await store.lock(account, leaseMs);
      if (unlock !== undefined) {
        try {
          const done = await work(until);
          if (done !== undefined) return done;
        } finally {
          // The token is there, or the failure is known: nobody waits for the store to give the lock back.
          void this.#beside(() => store.unlock(unlock));
        }
      }
      if (clock.now() - startedAt > leaseMs)
        throw new SignInError(endpoint.place, 'store', `another process has had the lock of the tokens for ${leaseMs} ms`);
      await this.#wait(waitMs);
      const found = await meanwhile();
      if (found !== undefined) return found;
    }
  }

  #usable(stored: Tokens | undefined, replaced: string | undefined): Renewed | undefined {
    const { accessToken, expiresAt } = stored ?? {};
    if (accessToken === undefined || accessToken === replaced) return undefined;
    if (expiresAt !== undefined && expiresAt - this.#parts.clock.wallNow() < WORTH_USING_MS) return undefined;
    return { tokens: { ...stored, accessToken }, source: 'store' };
  }

  async #request(found: Tokens | undefined, replaced: string | undefined): Promise<Renewed> {
    const savedLate = await this.#saveAgain(found);
    const usable = this.#usable(savedLate, replaced);
    if (usable !== undefined) return { ...usable, source: 'server' };
    const stored = savedLate ?? found;
    const used = this.#parts.refreshes ? this.#refreshToken(stored) : undefined;
    let tokens: Tokens;
    try {
      tokens = await this.#parts.endpoint.request(used);
    } catch (error) {
      if (used === undefined || !(error instanceof SignInError) || error.reason !== 'expired') throw error;
      this.#ended.add(used);
      // Another process may have used it first, if the store has no lock.
      const other = this.#usable(await this.#parts.store.load(this.#parts.account), replaced);
      if (other === undefined) throw error;
      return other;
    }
    this.#ended.clear();
    return this.#keep({ tokens: { ...tokens, accessToken: tokens.accessToken ?? '' }, used, before: stored });
  }

  /** Saves the pair that the store did not take before, and returns it. Undefined if there is none, or if the store has other tokens by now. */
  async #saveAgain(stored: Tokens | undefined): Promise<Tokens | undefined> {
    const unsaved = this.#unsaved;
    if (unsaved === undefined) return undefined;
    const isReplaced = stored !== undefined && !areSame(stored, unsaved.before);
    if (!isReplaced) await this.#keep(unsaved);
    this.#unsaved = undefined;
    return isReplaced ? undefined : unsaved.tokens;
  }

  #refreshToken(stored: Tokens | undefined): string {
    const { firstRefreshToken, endpoint } = this.#parts;
    const known = [stored?.refreshToken, firstRefreshToken].filter((token) => token !== undefined);
    const [token] = known.filter((each) => !this.#ended.has(each));
    if (token !== undefined) return token;
    throw known.length === 0
      ? new SignInError(endpoint.place, 'store', 'there is no refresh token: sign in, and save the tokens')
      : new SignInError(
          endpoint.place,
          'expired',
          'the server does not accept the refresh token any more: sign in again, and save the new tokens',
        );
  }

  /** Saves tokens, and returns them once their refresh token is safe. */
  async #keep(pair: UnsavedPair): Promise<Renewed> {
    const { account, store } = this.#parts;
    const { tokens, used } = pair;
    const renewed: Renewed = { tokens, source: 'server' };
    // Without a new refresh token nothing is lost if the store fails.
    if (!this.#parts.refreshes || tokens.refreshToken === used) {
      this.#lastSave = this.#beside(() => store.save(account, tokens));
      return renewed;
    }
    let waitMs = FIRST_WAIT_MS;
    for (let saves = 1; ; saves++) {
      try {
        await store.save(account, tokens);
        return renewed;
      } catch (error) {
        if (saves === SAVES) {
          this.#unsaved = pair;
          throw error;
        }
      }
      await this.#wait(waitMs);
      waitMs *= 2;
    }
  }

  #wait(ms: number): Promise<void> {
    const { clock, scope, random } = this.#parts;
    return new Promise((resolve) => {
      clock.setTimeout(resolve, ms * (0.5 + chance(scope, random)));
    });
  }
}

function areSame(some: Tokens, others: Tokens | undefined): boolean {
  return some.refreshToken === others?.refreshToken && some.accessToken === others?.accessToken;
}
