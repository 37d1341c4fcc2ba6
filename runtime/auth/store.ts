import type { Tokens } from './tokens.js';

/** Gives a lock back. */
export type Unlock = () => void | PromiseLike<void>;

/**
 * The place where tokens are kept: `memoryTokens`, `redisTokens`, `fileTokens`, or your own, such as a table of your database. `account` is the name that
 * was given to `for`, and empty without one. Every method is called in the context in which `oauth` was called, never in the one of a call.
 *
 * A method that throws, rejects or does not settle within `storeTimeoutMs` fails the renewal.
 */
export interface TokenStore {
  /** Returns the tokens of an account; undefined if it has none. */
  load(account: string): Tokens | undefined | PromiseLike<Tokens | undefined>;
  /**
   * Replaces the tokens of an account. It settles when they are safe: fuseline uses a new access token only afterwards, because a refresh token that works
   * once must not be lost.
   */
  save(account: string, tokens: Tokens): void | PromiseLike<void>;
  /**
   * For stores that several processes share: takes the lock of an account, for at most `leaseMs`. Returns the function that gives it back, or undefined
   * if someone else has it. It must not wait: fuseline asks again, and looks between whether the other one has saved a token.
   */
  lock?(account: string, leaseMs: number): Unlock | undefined | PromiseLike<Unlock | undefined>;
}
