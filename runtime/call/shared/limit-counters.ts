import type { Bulkhead } from '../../policies/bulkhead/bulkhead.js';
import type { RateLimiter } from '../../policies/rate-limit/rate-limiter.js';

/** What the limits of a service have counted and only grows. */
export interface LimitCounters {
  bulkheadRejected: number;
  limiterWaits: number;
  limiterRejected: number;
}

/** Adds what a bulkhead has counted to its service's sum. */
export function addBulkhead(sums: Map<string, LimitCounters>, services: Iterable<string>, bulkhead: Bulkhead): void {
  const { name, rejected, timedOut } = bulkhead.stats();
  sumFor(sums, serviceOf(name, services)).bulkheadRejected += rejected + timedOut;
}

/** Adds what a rate limiter has counted to its service's sum. */
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

/** The service that a limit belongs to, which is called `service`, `service@host` or `service/operation`. */
export function serviceOf(limit: string, services: Iterable<string>): string {
  let found = '';
  for (const service of services) {
    const next = limit[service.length];
    const fits = limit.startsWith(service) && (next === undefined || next === '@' || next === '/');
    if (fits && service.length > found.length) found = service;
  }
  return found === '' ? limit : found;
}
