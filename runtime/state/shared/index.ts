/** Circuits that know what other processes see. */

import { ConfigurationError } from '../../errors/configuration-error.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';
import { type ShareOptions, shareSettings } from './options.js';
import { SharedState } from './sharing.js';

export { memoryStore } from './memory-store.js';
export type { ShareOptions } from './options.js';
export { type RedisCommand, type RedisStoreOptions, redisStore } from './redis-store.js';
export type { SharedState, SharedStateStatus } from './sharing.js';
export type { SharedStateStore, StoredReport } from './store.js';

const sharing = new WeakSet<BreakerRegistry>();

/**
 * Tells other processes which circuits of a registry are open here, and opens those that enough others found failing: for as long as those wait,
 * and never longer than they would wait by themselves. Each recovers by its own probes. Calls neither wait for the store nor ask it: a process
 * reports and hears on an interval, beside them, and decides by itself; while the store is down everything goes on as if nothing were shared.
 * Keeps no process alive.
 *
 * @throws {ConfigurationError} where an option is out of range, or the registry shares already.
 *
 * @example
 * const shared = shareState({ store: redisStore({ command: (args, abortSignal) => client.sendCommand(args, { abortSignal }) }) });
 * // When the process ends: `shared.stop()` takes back what this process reported.
 */
export function shareState(options: ShareOptions): SharedState {
  const settings = shareSettings(options);
  const { registry } = settings;
  if (sharing.has(registry)) {
    const hint = 'Twice in one store, one process would be two witnesses: stop the first.';
    throw new ConfigurationError('registry', 'this registry', 'one that does not share yet', hint);
  }
  sharing.add(registry);
  return new SharedState(settings, () => sharing.delete(registry));
}
