import { ConfigurationError } from '../../errors/configuration-error.js';
import type { BreakerInput } from './options.js';

/** Names of ready-made settings. */
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

/** What a preset says. */
export interface Preset extends Pick<BreakerInput, 'halfOpenMaxCalls'> {
  readonly failureThreshold: number;
  readonly successThreshold: number;
  readonly recoveryTimeoutMs: number;
  /** `failureThreshold` failures among this many recent calls open the circuit, instead of in a row. */
  readonly windowSize?: number;
}

/** Ready-made settings of a circuit, weaker than what stands beside them. */
export const BREAKER_PRESETS: Readonly<Record<PresetName, Preset>> = {
  /** Finds a failing service fast, tries again soon. */
  aggressive: { failureThreshold: 3, successThreshold: 2, recoveryTimeoutMs: 30_000, halfOpenMaxCalls: 2 },
  /** Sits out short troubles, comes back slowly. */
  conservative: { failureThreshold: 10, successThreshold: 3, recoveryTimeoutMs: 120_000, halfOpenMaxCalls: 5 },
  /** A middle way for most services. */
  production: { failureThreshold: 5, successThreshold: 2, recoveryTimeoutMs: 60_000, halfOpenMaxCalls: 3 },
  /** Fails fast, tries again soon, wants proof before it trusts. */
  critical: { failureThreshold: 3, successThreshold: 5, recoveryTimeoutMs: 30_000 },
  standard: { failureThreshold: 5, successThreshold: 3, recoveryTimeoutMs: 60_000 },
  /** Work that nobody waits for: more failures are borne, recovery is slower. */
  batch: { failureThreshold: 10, successThreshold: 3, recoveryTimeoutMs: 120_000 },
  /** Every call is dear: opens early, at 3 failures among 10 calls. */
  llm: { failureThreshold: 3, successThreshold: 2, recoveryTimeoutMs: 60_000, windowSize: 10 },
  /** Real-time: back soon, but only with confidence; opens at 5 failures among 20 calls. */
  streaming: { failureThreshold: 5, successThreshold: 3, recoveryTimeoutMs: 30_000, windowSize: 20 },
  /** Failures are serious and take long to mend: 2 among 15 calls open. */
  database: { failureThreshold: 2, successThreshold: 2, recoveryTimeoutMs: 120_000, windowSize: 15 },
};

/** The names, in the order in which messages list them. */
export const PRESET_NAMES = Object.keys(BREAKER_PRESETS) as readonly PresetName[];

/**
 * What is given, with the settings of the preset that it names laid beneath; a window is replaced whole.
 *
 * @throws {ConfigurationError} where there is no preset of that name.
 */
export function withPreset({ preset, ...given }: BreakerInput): Omit<BreakerInput, 'preset'> {
  if (preset === undefined) return given;
  if (typeof preset !== 'string' || !Object.hasOwn(BREAKER_PRESETS, preset))
    throw new ConfigurationError('breaker.preset', preset, `one of ${PRESET_NAMES.join(', ')}`);
  const { windowSize, ...thresholds } = BREAKER_PRESETS[preset];
  const window = { type: 'count', size: windowSize, failureRateThreshold: null, failureThresholdCounts: 'window' } as const;
  return {
    ...thresholds,
    ...(windowSize === undefined ? {} : { slidingWindow: window }),
    ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)),
  };
}
