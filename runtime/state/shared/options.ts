import { type Clock, MAX_TIMER_MS, systemClock } from '../../clock.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { countOption } from '../../policies/circuit-breaker/ranges.js';
import { BreakerRegistry, defaultRegistry } from '../../policies/circuit-breaker/registry.js';
import type { SharedStateStore } from './store.js';

/** What is shared with whom, and who is believed. */
export interface ShareOptions {
  /** Where processes meet: `redisStore` or `memoryStore`. */
  readonly store: SharedStateStore;
  /** Default: the process's. A registry shares through one store. */
  readonly registry?: BreakerRegistry;
  /** Services whose circuits are shared. Default: all. */
  readonly services?: readonly string[];
  /** How many other instances must keep a circuit open by their own findings before it opens here, at least 1. Default 2: one alone opens nothing. */
  readonly quorum?: number;
  /** Time between two exchanges, in milliseconds. Default 1,000. What opens here is told within a tenth of it. */
  readonly everyMs?: number;
  /** How long an exchange may take, in milliseconds. Default 500. */
  readonly storeTimeoutMs?: number;
  /**
   * Name of this process in the store; no other may have the same. Default: a random one. One that stays the same after a restart keeps a
   * process that crashes again and again from counting as several.
   */
  readonly instance?: string;
  /** For tests. */
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

/** Fills in defaults. @throws {ConfigurationError} naming the option, the value and its range. */
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
