import { givenFunction, givenName, givenObject } from '../../errors/given.js';
import { namesOf, refuseUnknown } from '../../errors/known-options.js';
import { CURRENT, userFunction } from '../../user-code.js';
import type { TokenStore } from '../store.js';
import { storedTokens, type Tokens, tokensJson } from '../tokens.js';

/**
 * Sends one command to Redis with the application's own client: `(args) => client.sendCommand(args)` for node-redis, `(args) => redis.call(...args)` for
 * ioredis.
 */
export type TokenCommand = (args: [command: string, ...args: string[]]) => PromiseLike<unknown>;

/** The options of `redisTokens`. */
export interface RedisTokensOptions {
  readonly command: TokenCommand;
  /** Begins the keys of all accounts. Two keys each: the tokens, and the lock while someone has it. Default `fuseline:tokens:`. */
  readonly prefix?: string | undefined;
}

const KNOWN = namesOf<RedisTokensOptions>({ command: 1, prefix: 1 });

/** Ends the key of a lock. */
const LOCK = ':lock';

/** The names of accounts whose tokens need another key, because theirs would be that of a lock or of another such account. */
const LIKE_A_LOCK = /:lock(?::tokens)*$/;

/** Deletes the lock only if it is still ours: the lease may have ended, and someone else may have it. KEYS: the lock. ARGV: whose it must be. */
const UNLOCK = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`;

/**
 * Keeps tokens in Redis or Valkey, for several processes: one of them renews, and the others use what it got. The values are as secret as passwords.
 * Refresh tokens that work once need a Redis that keeps what it has acknowledged (`appendfsync always`, no eviction).
 *
 * @throws {ConfigurationError} if an option cannot work.
 *
 * @example
 * const client = createClient({ url: process.env.REDIS_URL });
 * client.on('error', () => undefined); // without a listener a lost connection ends the process
 * client.connect().catch(() => undefined); // not awaited: while Redis is down it does not settle
 * const store = redisTokens({ command: (args) => client.sendCommand(args) });
 */
export function redisTokens(options: RedisTokensOptions): TokenStore {
  refuseUnknown('redisTokens', givenObject('options of redisTokens', options), KNOWN);
  const command = userFunction(givenFunction('command', options.command));
  const prefix = givenName('prefix', options.prefix ?? 'fuseline:tokens:');
  return {
    async load(account) {
      const text = await CURRENT.call(command, ['GET', tokensKey(prefix, account)]);
      return text === null || text === undefined ? undefined : storedTokens(tokensJson(String(text), 'JSON with tokens'));
    },
    async save(account, tokens: Tokens) {
      await CURRENT.call(command, ['SET', tokensKey(prefix, account), JSON.stringify(tokens)]);
    },
    async lock(account, leaseMs) {
      const key = `${prefix}${account}${LOCK}`;
      const owner = crypto.randomUUID();
      const taken = await CURRENT.call(command, ['SET', key, owner, 'NX', 'PX', String(Math.ceil(leaseMs))]);
      if (taken === null || taken === undefined) return undefined;
      return async () => {
        await CURRENT.call(command, ['EVAL', UNLOCK, '1', key, owner]);
      };
    },
  };
}

/** The key of the tokens of an account: different for all accounts, and never that of a lock. */
function tokensKey(prefix: string, account: string): string {
  return `${prefix}${account}${LIKE_A_LOCK.test(account) ? ':tokens' : ''}`;
}
