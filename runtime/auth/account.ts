import type { Background } from '../background.js';
import type { TokenSource } from '../call/client/credentials.js';
import type { Clock } from '../clock.js';
import { SignInError } from '../errors/sign-in-error.js';
import type { TokenEvent } from '../observe/events.js';
import { signInEnded, signInFailed } from '../observe/sign-in-outages.js';
import { countRenewal } from '../observe/token-counts.js';
import { chance, type UserFunction } from '../user-code.js';
import { askedWaitMs } from './answer.js';
import { type HeldToken, holdToken } from './held-token.js';
import type { OAuthSettings } from './options.js';
import { Patience } from './patience.js';
import { Renewal, type Renewed } from './renewal.js';
import type { StoreAccess } from './store-access.js';
import type { TokenEndpoint } from './token-endpoint.js';
import { givenTokens, type Tokens } from './tokens.js';

/** What all accounts of one `oauth` share. */
export interface SignIn {
  readonly settings: OAuthSettings;
  /** Renewals run in the context in which `oauth` was called, whichever call needs them. */
  readonly background: Background;
  readonly store: StoreAccess;
  readonly endpoint: TokenEndpoint;
  readonly random: UserFunction<() => number>;
}

/** The state of an account, without its tokens. */
export interface AccountStatus {
  readonly account: string;
  /** `none`: no token yet, or the last one was refused. `expired`: its time is over. */
  readonly state: 'none' | 'valid' | 'expired';
  /** Milliseconds until the access token ends. Null if it is not known. */
  readonly expiresInMs: number | null;
  /** Tokens that the server gave to this process. */
  readonly refreshed: number;
  /** Tokens that another process had put into the store. */
  readonly adopted: number;
  /** Renewals that failed. */
  readonly failed: number;
  /** Of these, those since the last success. */
  readonly failures: number;
}

/** The wait after a failed renewal, in milliseconds. It doubles with each further one, up to the longest. */
const FIRST_BACKOFF_MS = 250;
const LONGEST_BACKOFF_MS = 30_000;
/** The longest wait that a token endpoint can ask for, in milliseconds. Calls fail meanwhile, so a mistaken date must not end the sign-in for a day. */
const LONGEST_ASKED_WAIT_MS = 300_000;
/**
 * The tokens of one account: a source for the option `token` of clients. All callers that need a token while one is renewed wait for the same renewal. A
 * caller that leaves does not end it for the others.
 */
export class Account implements TokenSource {
  readonly name: string;
  readonly #signIn: SignIn;
  readonly #clock: Clock;
  readonly #renewal: Renewal;
  #held: HeldToken | undefined;
  /** The access token that the next renewal must not find again. */
  #replaced: string | undefined;
  #flight: Promise<string> | undefined;
  /** Settles when no tokens of a sign-in are being saved. Never rejects. Undefined if none are. */
  #saving: Promise<void> | undefined;
  #failure: { readonly error: unknown; readonly until: number } | undefined;
  #failures = 0;
  readonly #patience = new Patience();
  #refreshed = 0;
  #adopted = 0;
  #failed = 0;

  /** @internal */
  constructor(name: string, signIn: SignIn) {
    this.name = name;
    this.#signIn = signIn;
    const { settings, background, store, endpoint, random } = signIn;
    this.#clock = background.clock;
    this.#renewal = new Renewal({
      account: name,
      store,
      endpoint,
      clock: background.clock,
      scope: background.scope,
      random,
      refreshes: settings.grant === 'refresh_token',
      firstRefreshToken: name === '' ? settings.refreshToken : undefined,
    });
  }

  /** Returns the access token, or a promise while it is fetched. @throws {SignInError} also as a rejection: there is no token. */
  get(): string | Promise<string> {
    const held = this.#held;
    if (held === undefined) return this.#renew();
    const now = this.#clock.now();
    if (now < held.refreshAt) return held.accessToken;
    if (now >= held.expiresAt) return this.#renew();
    // Calls go on with the old token. If the renewal fails, an event reports it now, and calls fail only when the token has ended.
    this.#renewEarly(now);
    return held.accessToken;
  }

  /** See `TokenSource`. A token that was given a moment ago is not renewed, but if its renewal is under way, the call waits for it. */
  rejected(token: string): boolean {
    const held = this.#held;
    // Another call was faster.
    if (held?.accessToken !== token) return true;
    if (this.#flight === undefined && !(held.renewable && this.#patience.ends(this.#clock.now() - held.since))) return false;
    this.#held = undefined;
    this.#replaced = token;
    return true;
  }

  /**
   * Saves tokens that someone got by signing in, and uses them from now on. Renewals of the account wait until they are saved.
   *
   * @throws {ConfigurationError} if they are none, such as the answer of a token endpoint as it came. Nothing is stored then.
   * @throws {SignInError} if the store does not take them.
   */
  async save(tokens: Tokens): Promise<void> {
    const given = givenTokens(tokens);
    // Only what is under way: a renewal that starts later waits for this one.
    const earlier = [this.#saving, this.#flight?.then(nothing, nothing)];
    const saved = this.#saveAfter(earlier, given);
    const over = saved.then(nothing, nothing).then(() => {
      if (this.#saving === over) this.#saving = undefined;
    });
    this.#saving = over;
    await saved;
  }

  /**
   * Settles when no renewal and no save is under way. Never rejects. Wait for it before you end the process by hand: a refresh token that works once is lost if the
   * process ends before the next one is saved.
   */
  settled(): Promise<void> {
    return this.#landed();
  }

  /** True if nothing is lost when the account is forgotten: no renewal and no save is under way, and the store has all tokens. */
  get idle(): boolean {
    return this.#flight === undefined && this.#saving === undefined && this.#renewal.idle;
  }

  status(): AccountStatus {
    const leftMs = (this.#held?.expiresAt ?? Number.POSITIVE_INFINITY) - this.#clock.now();
    return {
      account: this.name,
      state: this.#held === undefined ? 'none' : leftMs > 0 ? 'valid' : 'expired',
      expiresInMs: Number.isFinite(leftMs) ? Math.max(0, Math.floor(leftMs)) : null,
      refreshed: this.#refreshed,
      adopted: this.#adopted,
      failed: this.#failed,
      failures: this.#failures,
    };
  }

  toJSON(): AccountStatus {
    return this.status();
  }

  async #landed(): Promise<void> {
    while (this.#flight !== undefined || this.#saving !== undefined || this.#renewal.rest !== undefined) {
      await this.#flight?.then(nothing, nothing);
      await this.#saving;
      await this.#renewal.rest;
    }
  }

  /** `earlier`: renewals and saves that save tokens from before. */
  async #saveAfter(earlier: readonly (Promise<void> | undefined)[], tokens: Tokens): Promise<void> {
    for (const each of earlier) await each;
    await this.#signIn.background.run(() => this.#renewal.save(tokens));
    this.#held = undefined;
    this.#replaced = undefined;
    this.#failure = undefined;
    signInEnded(this.#signIn.settings.registry, this.#key);
  }

  #renewEarly(now: number): void {
    if (this.#flight !== undefined || (this.#failure !== undefined && now < this.#failure.until)) return;
    this.#renew().catch(() => undefined);
  }

  #renew(): Promise<string> {
    if (this.#flight !== undefined) return this.#flight;
    const saving = this.#saving;
    // The tokens that are being saved can end the failure.
    if (saving === undefined && this.#failure !== undefined && this.#clock.now() < this.#failure.until)
      return Promise.reject(this.#failure.error);
    this.#flight = this.#signIn.background.run(async () => {
      // The refresh token of the store is the old one until then. A new pair bought with it would replace the tokens of the sign-in.
      if (saving !== undefined) await saving;
      const held = this.#held;
      const early = held !== undefined && this.#clock.now() < held.expiresAt;
      try {
        const renewed = await this.#renewal.run(held?.accessToken ?? this.#replaced);
        return this.#renewed(renewed);
      } catch (error) {
        // A 401 can say something about one operation only, so the other calls have their token back.
        if (early) this.#held ??= held;
        this.#failedWith(error, early);
        throw error;
      } finally {
        this.#flight = undefined;
      }
    });
    return this.#flight;
  }

  #renewed({ tokens, source }: Renewed): string {
    const { settings, random, background } = this.#signIn;
    if (source === 'server') this.#refreshed++;
    else this.#adopted++;
    if (this.#held !== undefined) this.#patience.begin();
    this.#failures = 0;
    this.#failure = undefined;
    this.#replaced = undefined;
    this.#held = holdToken(tokens, {
      clock: this.#clock,
      earlyRefreshMs: settings.earlyRefreshMs,
      drawn: chance(background.scope, random),
      fromServer: source === 'server',
      renewable: settings.grant === 'client_credentials' || tokens.refreshToken !== undefined,
    });
    signInEnded(settings.registry, this.#key);
    if (source === 'server') this.#tell({ type: 'token_refreshed' });
    return tokens.accessToken;
  }

  #failedWith(error: unknown, early: boolean): void {
    this.#failed++;
    this.#failures++;
    const backoffMs = Math.min(FIRST_BACKOFF_MS * 2 ** (this.#failures - 1), LONGEST_BACKOFF_MS);
    const waitMs = Math.max(backoffMs, Math.min(askedWaitMs(error), LONGEST_ASKED_WAIT_MS));
    this.#failure = { error, until: this.#clock.now() + waitMs };
    const reason = error instanceof SignInError ? error.reason : 'unavailable';
    const { settings, endpoint, background } = this.#signIn;
    const about = { signIn: settings.name, circuit: endpoint.circuit, account: this.name, reason, at: background.clock.wallNow() };
    signInFailed(settings.registry, this.#key, about);
    this.#tell({ type: 'token_refresh_failed', reason, failures: this.#failures, early });
  }

  /** The same for all objects of this account: an application can make one for each request. */
  get #key(): string {
    const { settings, endpoint } = this.#signIn;
    return JSON.stringify([endpoint.circuit, settings.clientId, this.name]);
  }

  #tell(event: Pick<TokenEvent, 'type' | 'reason' | 'failures' | 'early'>): void {
    const { settings, endpoint, background } = this.#signIn;
    const account = this.name === '' ? {} : { account: this.name };
    const about = { circuit: endpoint.circuit, service: settings.name, at: background.clock.wallNow() };
    const { reason = 'refreshed' } = event;
    // Only a token function of the user's fails for that reason, and an account has none.
    countRenewal(settings.registry, settings.name, reason === 'token_function' ? 'unavailable' : reason);
    settings.registry.events.emit({ ...event, ...account, ...about });
  }
}

function nothing(): void {}
