import type { Background } from '../background.js';
import type { ErrorPlace } from '../errors/base.js';
import { SignInError } from '../errors/sign-in-error.js';
import { type UserObject, userFunction, userObject } from '../user-code.js';
import { limited } from './limited.js';
import type { TokenStore, Unlock } from './store.js';
import { storeFault } from './store-fault.js';
import { storedTokens, type Tokens } from './tokens.js';

/** Asks a store that can do anything: each question ends in time, and fails with a `SignInError`. */
export class StoreAccess {
  readonly #store: UserObject<TokenStore>;
  readonly #background: Background;
  readonly #place: ErrorPlace;
  /** The limit of each question, in milliseconds. */
  readonly timeoutMs: number;
  /** The store has locks: several processes share it. */
  readonly locks: boolean;

  constructor(store: TokenStore, background: Background, place: ErrorPlace, timeoutMs: number) {
    this.locks = typeof store.lock === 'function';
    this.#store = userObject(store);
    this.#background = background;
    this.#place = place;
    this.timeoutMs = timeoutMs;
  }

  async load(account: string): Promise<Tokens | undefined> {
    return this.#ask('load', async () => storedTokens(await this.#background.scope.invoke(this.#store, 'load', account)));
  }

  async save(account: string, tokens: Tokens): Promise<void> {
    await this.#ask('save', async () => this.#background.scope.invoke(this.#store, 'save', account, tokens), tokens);
  }

  /** Takes the lock. Undefined if someone else has it. */
  async lock(account: string, leaseMs: number): Promise<Unlock | undefined> {
    let late = false;
    const asked = (async (): Promise<Unlock | undefined> => {
      const unlock = await this.#background.scope.invoke(this.#store as UserObject<Required<TokenStore>>, 'lock', account, leaseMs);
      if (unlock !== undefined && typeof unlock !== 'function') throw new TypeError('expected lock to return a function or undefined');
      if (late && unlock !== undefined) void this.unlock(unlock);
      return unlock;
    })();
    try {
      return await this.#ask('lock', () => asked);
    } catch (error) {
      late = true;
      throw error;
    }
  }

  /** Gives the lock back. It need not succeed, because the lease ends by itself. */
  async unlock(unlock: Unlock): Promise<void> {
    try {
      await this.#ask('lock', async () => this.#background.scope.call(userFunction(unlock)));
    } catch {
      // As if the process had ended.
    }
  }

  /** `tokens`: those that an error of the store can hold. */
  async #ask<T>(method: keyof TokenStore, work: () => Promise<T>, tokens?: Tokens): Promise<T> {
    const late = (): Error => this.#failure(`did not answer within ${this.timeoutMs} ms (${method})`, undefined);
    const asked = async (): Promise<T> => {
      try {
        return await work();
      } catch (error) {
        throw this.#failure(`failed (${method})`, storeFault(error, tokens));
      }
    };
    return limited(this.#background.clock, this.timeoutMs, asked, late);
  }

  #failure(what: string, cause: unknown): SignInError {
    return new SignInError(this.#place, 'store', `the store of the tokens ${what}`, { cause });
  }
}
