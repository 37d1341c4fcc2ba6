import { ConfigurationError } from '../../errors/configuration-error.js';
import { CURRENT, userFunction } from '../../user-code.js';
import type { SharedStateStore, StoredReport } from './store.js';

/**
 * Sends one command to Redis, by the client that the application has: `(args) => client.sendCommand(args)` with node-redis,
 * `(args) => redis.call(...args)` with ioredis. `signal` is aborted when the answer is waited for no longer.
 */
export type RedisCommand = (args: [command: string, ...args: string[]], signal: AbortSignal) => PromiseLike<unknown>;

/** What a Redis store is made from. */
export interface RedisStoreOptions {
  readonly command: RedisCommand;
  /** Key of the one hash that everything is in; those with the same key hear of one another. Default `fuseline:circuits`. */
  readonly key?: string;
}

const LONGEST_KEY = 512;

/**
 * One field per instance: when its lease ends, when it was written, both in milliseconds by Redis' clock, and the report. Redis runs a script as
 * one step, so nothing that another writes is lost, and only one's own field is ever written. What was written in the future was so before that
 * clock was set back: its age is unknown, and whoever is alive writes it again. What is no entry of ours stays where it is, unless it is so long
 * that nobody would read it: then only that it is there is told. KEYS: the hash. ARGV: instance, report, lease in milliseconds.
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
 * A store in Redis 5 or newer, Valkey, or a cluster of them: one hash, one command per exchange, no package of ours. Whoever may write to that key
 * can open circuits that share through it, and do nothing else.
 *
 * @throws {ConfigurationError} where an option cannot work.
 *
 * @example
 * const client = createClient({ url: process.env.REDIS_URL });
 * client.on('error', () => undefined); // without a listener a lost connection ends the process
 * client.connect().catch(() => undefined); // not awaited: while Redis is down it does not settle
 * const shared = shareState({ store: redisStore({ command: (args, abortSignal) => client.sendCommand(args, { abortSignal }) }) });
 */
export function redisStore(options: RedisStoreOptions): SharedStateStore {
  if (typeof options !== 'object' || options === null) throw new ConfigurationError('options', options, 'an object with a command');
  const { command, key = 'fuseline:circuits' } = options;
  if (typeof command !== 'function') throw new ConfigurationError('command', command, 'a function that sends a command to Redis');
  if (typeof key !== 'string' || key === '' || key.length > LONGEST_KEY)
    throw new ConfigurationError('key', key, `a text of 1 to ${LONGEST_KEY} characters`);
  return {
    async exchange(instance, report, leaseMs, signal) {
      const args = ['EVAL', SCRIPT, '1', key, instance, report, String(Math.ceil(leaseMs))] as const;
      const answer = await CURRENT.call(userFunction(command), [...args], signal);
      // What is no list is none of ours either: whoever asked says so.
      return (Array.isArray(answer) ? answer.map(entryOf) : answer) as readonly StoredReport[];
    },
  };
}

function entryOf(reply: unknown): unknown {
  if (!Array.isArray(reply)) return reply;
  const [instance, ageMs, report] = reply as readonly unknown[];
  return { instance, ageMs, report };
}
