import type { PolicyValues } from './types.js';

/** The default settings of adaptive thresholds: off. */
export const ADAPTIVE_DEFAULTS = {
  adaptiveEnabled: false,
  adaptiveMode: 'propose',
  adaptiveMinimumCalls: 100,
  adaptiveFailureThreshold: null,
  adaptiveFailureRate: null,
  adaptiveRecoveryMs: null,
  adaptiveSlowCallMs: null,
} as const satisfies Partial<PolicyValues>;
