import { type Clock, MAX_TIMER_MS, systemClock } from '../../clock.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { countOption } from '../../policies/circuit-breaker/ranges.js';
import { BreakerRegistry, defaultRegistry } from '../../policies/circuit-breaker/registry.js';
import type { SharedStateStore } from './store.js';

/** The options of `shareState`. */
export interface ShareOptions {
  /** The store that the processes share: `redisStore`, `memoryStore`, or one of your own. */
  readonly store: SharedStateStore;
  /** The registry to share. Default: the registry that clients share. A registry uses one store. */
  readonly registry?: BreakerRegistry;
  /** The services whose circuits are shared. Default: all. */
  readonly services?: readonly string[];
  /** How many other instances must have opened a circuit by their own calls before it opens here, at least 1. Default 2. */
  readonly quorum?: number;
  /** The time between two exchanges, in milliseconds. Default 1,000. A new opening is reported within a tenth of it. */
  readonly everyMs?: number;
  /** The limit of one exchange, in milliseconds. Default 500. */
  readonly storeTimeoutMs?: number;
  /**
   * The unique name of this process in the store. Default: a random name. With a name that survives restarts, a process that crashes again and again
   * does not count as several.
   */
  readonly instance?: string;
  /** The source of time, for tests. */
  readonly clock?: Clock;
}

/** Options with their defaults. */
export interface ShareSettings {
  readonly store: SharedStateStore;
  readonly registry: BreakerRegistry;
  readonly services: ReadonlySet<string> | undefined;
  readonly quorum: number;
  readonly everyMs: number;
  readonly storeTimeoutMs: number;
  readonly instance: string;
  readonly clock: Clock;
}

const LONGEST_NAME = 200;

/** Fills in defaults. @throws {ConfigurationError} with the option, the value and its range. */
export function shareSettings(options: ShareOptions): ShareSettings {
  if (typeof options !== 'object' || options === null) throw new ConfigurationError('options', options, 'an object with a store');
  const {
    store,
    registry = defaultRegistry,
    services,
    quorum = 2,
    everyMs = 1_000,
    storeTimeoutMs = 500,
    instance = crypto.randomUUID(),
    clock = systemClock,
  } = options;
  if (typeof store?.exchange !== 'function')
    throw new ConfigurationError('store', store, 'redisStore(…), memoryStore(), or one of your own');
  if (!(registry instanceof BreakerRegistry)) throw new ConfigurationError('registry', registry, 'a BreakerRegistry');
  if (services !== undefined && !(Array.isArray(services) && services.every((name) => typeof name === 'string' && name !== '')))
    throw new ConfigurationError('services', services, 'a list of names of services');
  countOption('quorum', quorum, 1);
  timerOption('everyMs', everyMs);
  timerOption('storeTimeoutMs', storeTimeoutMs);
  if (typeof instance !== 'string' || instance === '' || instance.length > LONGEST_NAME)
    throw new ConfigurationError('instance', instance, `a text of 1 to ${LONGEST_NAME} characters`);
  return {
    store,
    registry,
    services: services === undefined ? undefined : new Set(services),
    quorum,
    everyMs,
    storeTimeoutMs,
    instance,
    clock,
  };
}

function timerOption(option: string, value: number): void {
  if (typeof value === 'number' && value >= 1 && value <= MAX_TIMER_MS) return;
  throw new ConfigurationError(option, value, `milliseconds from 1 to ${MAX_TIMER_MS.toLocaleString('en')}`);
}
