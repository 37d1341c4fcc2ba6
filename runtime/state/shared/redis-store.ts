import { ConfigurationError } from '../../errors/configuration-error.js';
import { checkedLater, givenOptions, type OptionTable } from '../../errors/option-table.js';
import { CURRENT, userFunction } from '../../user-code.js';
import type { SharedStateStore, StoredReport } from './store.js';

/**
 * Sends one command to Redis with the application's own client: `(args) => client.sendCommand(args)` for node-redis,
 * `(args) => redis.call(...args)` for ioredis. `signal` aborts when the exchange times out.
 */
export type RedisCommand = (args: [command: string, ...args: string[]], signal: AbortSignal) => PromiseLike<unknown>;

/** The options of `redisStore`. */
export interface RedisStoreOptions {
  readonly command: RedisCommand;
  /** The key of the hash that holds all reports. Processes with the same key share their circuits. Default `fuseline:circuits`. */
  readonly key?: string;
}

const OPTIONS: OptionTable<RedisStoreOptions> = { command: checkedLater, key: checkedLater };

const LONGEST_KEY = 512;

/**
 * The hash has one field per instance: the end of its lease and the time of writing, both in milliseconds by Redis' clock, and the report. Redis runs
 * a script as one step, and the script writes only its own field, so no write of another instance is lost.
 *
 * An entry from the future was written before that clock was set back. Its age is unknown, so it is deleted; a living instance writes it again. A field
 * that is not an entry of ours stays, and is returned with the age -1 and without its text, so that it counts as ignored.
 *
 * KEYS: the hash. ARGV: instance, report, lease in milliseconds.
 */
const SCRIPT = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local lease = tonumber(ARGV[3])
redis.call('HSET', KEYS[1], ARGV[1], string.format('%.0f %.0f ', now + lease, now) .. ARGV[2])
if redis.call('PTTL', KEYS[1]) < lease then redis.call('PEXPIRE', KEYS[1], ARGV[3]) end
local all = redis.call('HGETALL', KEYS[1])
local others = {}
for at = 1, #all, 2 do
  if all[at] ~= ARGV[1] then
    local ends, written, report = string.match(string.sub(all[at + 1], 1, 70000), '^(%d+) (%d+) (.*)$')
    if ends == nil then
      others[#others + 1] = {all[at], -1, ''}
    elseif tonumber(ends) <= now or tonumber(written) > now then
      redis.call('HDEL', KEYS[1], all[at])
    else
      others[#others + 1] = {all[at], now - tonumber(written), report}
    end
  end
end
return others
`;

/**
 * A store in Redis 5 or newer, Valkey, or a cluster of them. It uses one hash, one command per exchange, and your own client. Anyone with write access
 * to the key can open circuits that share through it, and do nothing else.
 *
 * @throws {ConfigurationError} if an option cannot work.
 *
 * @example
 * const client = createClient({ url: process.env.REDIS_URL });
 * client.on('error', () => undefined); // without a listener a lost connection ends the process
 * client.connect().catch(() => undefined); // not awaited: while Redis is down it does not settle
 * const shared = shareState({ store: redisStore({ command: (args, abortSignal) => client.sendCommand(args, { abortSignal }) }) });
 */
export function redisStore(options: RedisStoreOptions): SharedStateStore {
  const { command, key = 'fuseline:circuits' } = givenOptions('redisStore', options, OPTIONS);
  if (typeof command !== 'function') throw new ConfigurationError('command', command, 'a function that sends a command to Redis');
  if (typeof key !== 'string' || key === '' || key.length > LONGEST_KEY)
    throw new ConfigurationError('key', key, `a text of 1 to ${LONGEST_KEY} characters`);
  return {
    async exchange(instance, report, leaseMs, signal) {
      const args = ['EVAL', SCRIPT, '1', key, instance, report, String(Math.ceil(leaseMs))] as const;
      const answer = await CURRENT.call(userFunction(command), [...args], signal);
      // The caller checks the answer, and reports one that is not a list.
      return (Array.isArray(answer) ? answer.map(entryOf) : answer) as readonly StoredReport[];
    },
  };
}

function entryOf(reply: unknown): unknown {
  if (!Array.isArray(reply)) return reply;
  const [instance, ageMs, report] = reply as readonly unknown[];
  return { instance, ageMs, report };
}
