/** Tiers, which are tried in order until one succeeds, and `selectProvider`, which chooses a provider whose circuit admits calls. */
export { AllTiersFailedError, type TierFailure } from '../../errors/tiers-error.js';
export { type CircuitSource, circuitOf, selectProvider } from './select-provider.js';
export type { TierMetrics } from './tier-metrics.js';
export { type Tier, type TieredFunction, type TiersOptions, tiers } from './tiers.js';
