import type { WatchOptions } from './options.js';
import { BreakerWatcher } from './watcher.js';

export { applyBreakers } from './apply.js';
export type { ConfigFile } from './config-file.js';
export type { ApplyOptions, Reload, WatchOptions } from './options.js';
export { BreakerWatcher } from './watcher.js';

/**
 * Reads a breaker YAML now and whenever it changes, and puts it in force for running clients. The file is a layer over what each client was
 * generated with, key by key, as for `applyBreakers`. Circuits keep their state, their statistics and their listeners; operations take
 * their new settings at their next call. All services follow together, or none: a file that is invalid, half written or gone changes
 * nothing, and is reported. Client options and environment variables stay stronger than the file.
 *
 * Keeps no process alive. One watcher per registry: of two, the last to reload decides.
 *
 * @throws {ConfigurationError} if an option is out of range; never for what is in the file.
 *
 * @example
 * const watcher = watchBreakers({ file: 'breakers.yaml', clients: [ghl, retell], onError: (error) => log.error(error.message) });
 * await watcher.ready;
 * // Later: `watcher.close()` ends the watching.
 */
export function watchBreakers(options: WatchOptions): BreakerWatcher {
  return new BreakerWatcher(options);
}
