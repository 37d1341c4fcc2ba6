import type { PolicyLayer } from './types.js';

/** The names of the rate limit presets, as in `rate_limit: { preset: ghl }`. */
export type RatePresetName = 'ghl' | 'sendgrid' | 'retell';

/**
 * The limits that the vendors publish. The headers of each response lower them further. SendGrid and Retell publish no numbers, so only the headers
 * apply.
 */
export const RATE_PRESETS: Readonly<Record<RatePresetName, PolicyLayer>> = {
  /** 100 requests in 10 s for each app and location. `X-RateLimit-Daily-Remaining` reports the rest of the daily 200,000. */
  ghl: { rateLimitEnabled: true, rateLimitRequests: 100, rateLimitPerMs: 10_000, rateLimitScope: 'service' },
  /** Each endpoint has its own limit, reported by `X-RateLimit-Remaining` and `-Reset`. */
  sendgrid: { rateLimitEnabled: true, rateLimitRequests: null, rateLimitPerMs: 60_000, rateLimitScope: 'operation' },
  /** No published limit and no rate-limit headers. After a 429, requests wait for its `Retry-After`. */
  retell: { rateLimitEnabled: true, rateLimitRequests: null, rateLimitPerMs: 1_000, rateLimitScope: 'service' },
};

/** The names of the presets, in the order in which messages list them. */
export const RATE_PRESET_NAMES = Object.keys(RATE_PRESETS) as readonly RatePresetName[];
