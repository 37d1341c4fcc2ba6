/** Several ways to one answer: tiers tried in order, and the choice of a provider whose circuit lets calls through. */
export { AllTiersFailedError, type TierFailure } from '../../errors/tiers-error.js';
export { type CircuitSource, circuitOf, selectProvider } from './select-provider.js';
export type { TierMetrics } from './tier-metrics.js';
export { type Tier, type TieredFunction, type TiersOptions, tiers } from './tiers.js';
