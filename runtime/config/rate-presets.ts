import type { PolicyLayer } from './types.js';

/** Vendors whose rate limit is known by name: `rate_limit: { preset: ghl }`. */
export type RatePresetName = 'ghl' | 'sendgrid' | 'retell';

/**
 * What the vendors publish. All of them are narrowed by the headers of each answer; of SendGrid's and Retell's limits only those are known.
 */
export const RATE_PRESETS: Readonly<Record<RatePresetName, PolicyLayer>> = {
  /** 100 requests in 10 s for each app and location; the daily 200,000 are counted down by `X-RateLimit-Daily-Remaining`. */
  ghl: { rateLimitEnabled: true, rateLimitRequests: 100, rateLimitPerMs: 10_000, rateLimitScope: 'service' },
  /** Each endpoint has a limit of its own, told by `X-RateLimit-Remaining` and `-Reset`. */
  sendgrid: { rateLimitEnabled: true, rateLimitRequests: null, rateLimitPerMs: 60_000, rateLimitScope: 'operation' },
  /** No numbers and no counters: a 429's `Retry-After` holds back what follows. */
  retell: { rateLimitEnabled: true, rateLimitRequests: null, rateLimitPerMs: 1_000, rateLimitScope: 'service' },
};

/** The names, in the order in which messages list them. */
export const RATE_PRESET_NAMES = Object.keys(RATE_PRESETS) as readonly RatePresetName[];
