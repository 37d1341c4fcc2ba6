import { type Clock, systemClock } from '../../clock.js';
import { count, listOf, timer } from '../../errors/checks.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenClock, givenName } from '../../errors/given.js';
import { checkedLater, givenOptions, type OptionTable } from '../../errors/option-table.js';
import { givenRegistry } from '../../policies/circuit-breaker/given-registry.js';
import { type BreakerRegistry, defaultRegistry } from '../../policies/circuit-breaker/registry.js';
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

const OPTIONS: OptionTable<ShareOptions> = {
  store: checkedLater,
  registry: givenRegistry,
  services: listOf(givenName),
  quorum: count,
  everyMs: timer,
  storeTimeoutMs: timer,
  instance: (option, value: unknown) => {
    if (typeof value !== 'string' || value === '' || value.length > LONGEST_NAME)
      throw new ConfigurationError(option, value, `a text of 1 to ${LONGEST_NAME} characters`);
  },
  clock: givenClock,
};

/** Fills in defaults. @throws {ConfigurationError} with the option, the value and its range. */
export function shareSettings(options: ShareOptions): ShareSettings {
  const {
    store,
    registry = defaultRegistry,
    services,
    quorum = 2,
    everyMs = 1_000,
    storeTimeoutMs = 500,
    instance = crypto.randomUUID(),
    clock = systemClock,
  } = givenOptions('shareState', options, OPTIONS);
  // Only the type is shown: the URL of a store can hold its password.
  if (typeof store?.exchange !== 'function')
    throw new ConfigurationError('store', store && typeof store, 'redisStore(…), memoryStore(), or one of your own');
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
