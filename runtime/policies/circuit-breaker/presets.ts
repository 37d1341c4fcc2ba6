import { ConfigurationError } from '../../errors/configuration-error.js';
import type { SlidingWindowOptions } from './window/options.js';

/** The names of the presets. */
export type PresetName =
  | 'aggressive'
  | 'conservative'
  | 'production'
  | 'critical'
  | 'standard'
  | 'batch'
  | 'llm'
  | 'streaming'
  | 'database';

/** The values of a preset. */
export interface Preset {
  readonly failureThreshold: number;
  readonly successThreshold: number;
  readonly recoveryTimeoutMs: number;
  readonly halfOpenMaxCalls?: number;
  /** If set, `failureThreshold` failures among this many recent calls open the circuit. Otherwise they must be consecutive. */
  readonly windowSize?: number;
}

/** The presets by name. Options given together with a preset override it. */
export const BREAKER_PRESETS: Readonly<Record<PresetName, Preset>> = {
  /** Opens fast and probes soon. */
  aggressive: { failureThreshold: 3, successThreshold: 2, recoveryTimeoutMs: 30_000, halfOpenMaxCalls: 2 },
  /** Tolerates short outages and recovers slowly. */
  conservative: { failureThreshold: 10, successThreshold: 3, recoveryTimeoutMs: 120_000, halfOpenMaxCalls: 5 },
  /** A compromise that fits most services. */
  production: { failureThreshold: 5, successThreshold: 2, recoveryTimeoutMs: 60_000, halfOpenMaxCalls: 3 },
  /** Opens fast, probes soon, and closes only after five successful probes. */
  critical: { failureThreshold: 3, successThreshold: 5, recoveryTimeoutMs: 30_000 },
  standard: { failureThreshold: 5, successThreshold: 3, recoveryTimeoutMs: 60_000 },
  /** For background work: tolerates more failures and recovers slowly. */
  batch: { failureThreshold: 10, successThreshold: 3, recoveryTimeoutMs: 120_000 },
  /** For expensive calls: opens early, at 3 failures among 10 calls. */
  llm: { failureThreshold: 3, successThreshold: 2, recoveryTimeoutMs: 60_000, windowSize: 10 },
  /** For real-time traffic: probes soon, closes after 3 successes, opens at 5 failures among 20 calls. */
  streaming: { failureThreshold: 5, successThreshold: 3, recoveryTimeoutMs: 30_000, windowSize: 20 },
  /** For databases, where failures are serious and last long: opens at 2 failures among 15 calls. */
  database: { failureThreshold: 2, successThreshold: 2, recoveryTimeoutMs: 120_000, windowSize: 15 },
};

/** The names in the order in which messages list them. */
export const PRESET_NAMES = Object.keys(BREAKER_PRESETS) as readonly PresetName[];

/**
 * Returns the options that a preset stands for.
 *
 * @throws {ConfigurationError} if there is no preset of that name.
 */
export function presetOptions(preset: PresetName): Omit<Preset, 'windowSize'> & { readonly slidingWindow?: SlidingWindowOptions } {
  if (typeof preset !== 'string' || !Object.hasOwn(BREAKER_PRESETS, preset))
    throw new ConfigurationError('breaker.preset', preset, `one of ${PRESET_NAMES.join(', ')}`);
  const { windowSize, ...thresholds } = BREAKER_PRESETS[preset];
  if (windowSize === undefined) return thresholds;
  return {
    ...thresholds,
    slidingWindow: { type: 'count', size: windowSize, failureRateThreshold: null, failureThresholdCounts: 'window' },
  };
}
