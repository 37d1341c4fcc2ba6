import type { Bulkhead } from '../../policies/bulkhead/bulkhead.js';
import type { RateLimiter } from '../../policies/rate-limit/rate-limiter.js';

/** The counters of a service's limits. They only increase. */
export interface LimitCounters {
  bulkheadRejected: number;
  limiterWaits: number;
  limiterRejected: number;
}

/** Adds the counters of a bulkhead to the sum of its service. */
export function addBulkhead(sums: Map<string, LimitCounters>, services: Iterable<string>, bulkhead: Bulkhead): void {
  const { name, rejected, timedOut } = bulkhead.stats();
  sumFor(sums, serviceOf(name, services)).bulkheadRejected += rejected + timedOut;
}

/** Adds the counters of a rate limiter to the sum of its service. */
export function addLimiter(sums: Map<string, LimitCounters>, services: Iterable<string>, limiter: RateLimiter): void {
  const { name, waited, rejected } = limiter.stats();
  const sum = sumFor(sums, serviceOf(name, services));
  sum.limiterWaits += waited;
  sum.limiterRejected += rejected;
}

function sumFor(sums: Map<string, LimitCounters>, service: string): LimitCounters {
  const sum = sums.get(service) ?? { bulkheadRejected: 0, limiterWaits: 0, limiterRejected: 0 };
  sums.set(service, sum);
  return sum;
}

/** Returns the service of a limit. The name of a limit is `service`, `service@host` or `service/operation`. */
export function serviceOf(limit: string, services: Iterable<string>): string {
  let found = '';
  for (const service of services) {
    const next = limit[service.length];
    const fits = limit.startsWith(service) && (next === undefined || next === '@' || next === '/');
    if (fits && service.length > found.length) found = service;
  }
  return found === '' ? limit : found;
}
