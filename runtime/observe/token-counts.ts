import type { SignInReason } from '../errors/sign-in-error.js';

/** The results of renewals: `refreshed`, or why there is no token. */
export const RENEWAL_RESULTS = ['refreshed', 'expired', 'refused', 'unavailable', 'unusable', 'store'] as const satisfies readonly (
  | 'refreshed'
  | SignInReason
)[];

export type RenewalResult = (typeof RENEWAL_RESULTS)[number];

/** The renewals of the sign-ins of one name, by result. */
export type TokenCounts = Record<RenewalResult, number>;

const counts = new WeakMap<object, Map<string, TokenCounts>>();

/** Returns the counts of a registry by the name of the sign-in. `fuseline/auth` writes them, and metrics read them. */
export function tokenCounts(registry: object): ReadonlyMap<string, Readonly<TokenCounts>> {
  return counts.get(registry) ?? new Map();
}

/** Counts one renewal of a sign-in. */
export function countRenewal(registry: object, service: string, result: RenewalResult): void {
  let byService = counts.get(registry);
  if (byService === undefined) {
    byService = new Map();
    counts.set(registry, byService);
  }
  let found = byService.get(service);
  if (found === undefined) {
    found = noRenewals();
    byService.set(service, found);
  }
  found[result]++;
}

export function noRenewals(): TokenCounts {
  return { refreshed: 0, expired: 0, refused: 0, unavailable: 0, unusable: 0, store: 0 };
}
