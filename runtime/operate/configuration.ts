/**
 * The subpath `fuseline/config`: reads, checks, explains and watches the breaker YAML.
 *
 * @module
 */

export * from '../config/index.js';
export { BreakerWatcher, type ConfigFile, type Reload, type WatchOptions, watchBreakers } from './watch/index.js';
