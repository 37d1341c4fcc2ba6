/** How often the sign-ins of one name got new tokens, and how often they did not. */
export interface TokenCounts {
  refreshed: number;
  failed: number;
}

const counts = new WeakMap<object, Map<string, TokenCounts>>();

/** Returns the counts of a registry by the name of the sign-in. `fuseline/auth` writes them, and metrics read them. */
export function tokenCounts(registry: object): ReadonlyMap<string, Readonly<TokenCounts>> {
  return counts.get(registry) ?? new Map();
}

/** Counts one renewal of a sign-in. */
export function countRenewal(registry: object, service: string, result: keyof TokenCounts): void {
  let byService = counts.get(registry);
  if (byService === undefined) {
    byService = new Map();
    counts.set(registry, byService);
  }
  let found = byService.get(service);
  if (found === undefined) {
    found = { refreshed: 0, failed: 0 };
    byService.set(service, found);
  }
  found[result]++;
}
