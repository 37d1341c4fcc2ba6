/**
 * The subpath `fuseline/config`: reads, checks, explains, applies and watches the breaker YAML.
 *
 * @module
 */

export * from '../config/index.js';
export {
  type ApplyOptions,
  applyBreakers,
  BreakerWatcher,
  type ConfigFile,
  type Reload,
  type WatchOptions,
  watchBreakers,
} from './watch/index.js';
