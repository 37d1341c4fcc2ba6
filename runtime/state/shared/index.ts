/** Circuits that learn from the circuits of other processes. */

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
 * Reports to other processes which circuits of a registry are open here, and opens the circuits that enough others found failing. Such a circuit waits
 * for as long as those wait, and never longer than its own options say. It recovers by its own probes.
 *
 * Calls never ask the store and never wait for it: a process exchanges reports on an interval, beside the calls, and decides by itself. While the store
 * is down, each process is on its own. The store runs in the async context of this call. Nothing here keeps the process alive.
 *
 * @throws {ConfigurationError} if an option is out of range, or the registry is already shared.
 *
 * @example
 * const shared = shareState({ store: redisStore({ command: (args, abortSignal) => client.sendCommand(args, { abortSignal }) }) });
 * // When the process ends: `shared.stop()` takes back what this process reported.
 */
export function shareState(options: ShareOptions): SharedState {
  const settings = shareSettings(options);
  const { registry } = settings;
  if (sharing.has(registry)) {
    const hint = 'Otherwise one process would count twice: stop the first.';
    throw new ConfigurationError('registry', 'this registry', 'a registry that is not shared yet', hint);
  }
  sharing.add(registry);
  return new SharedState(settings, () => sharing.delete(registry));
}
