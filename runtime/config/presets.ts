import { simpleWindow } from './breaker-values.js';
import type { PolicyLayer } from './types.js';

/** Names that `preset:` of a service may take. */
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

/** Ready-made breaker settings, weaker than what a service says itself. */
export const PRESETS: Readonly<Record<PresetName, PolicyLayer>> = {
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
  llm: { failureThreshold: 3, successThreshold: 2, recoveryTimeoutMs: 60_000, ...simpleWindow(10) },
  /** Real-time: back soon, but only with confidence; opens at 5 failures among 20 calls. */
  streaming: { failureThreshold: 5, successThreshold: 3, recoveryTimeoutMs: 30_000, ...simpleWindow(20) },
  /** Failures are serious and take long to mend: 2 among 15 calls open. */
  database: { failureThreshold: 2, successThreshold: 2, recoveryTimeoutMs: 120_000, ...simpleWindow(15) },
};

/** The names, in the order in which messages list them. */
export const PRESET_NAMES = Object.keys(PRESETS) as readonly PresetName[];
