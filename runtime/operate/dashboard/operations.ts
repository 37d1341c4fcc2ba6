import { operationStats } from '../../call/shared/shared-state.js';
import type { OperationStats } from '../../observe/operation-stats.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';
import type { OperationRow } from './wire.js';

/** The most operations in an answer: those with the most errors, then those with the most calls. */
const MAX_OPERATIONS = 12;

/** Returns the outcomes of a service's calls by operation. */
export function operationsOf(registry: BreakerRegistry, service: string): readonly OperationRow[] {
  return operationStats(registry)
    .filter((stats) => stats.service === service)
    .sort((a, b) => unserved(b) - unserved(a) || calls(b) - calls(a))
    .slice(0, MAX_OPERATIONS)
    .map((stats) => [stats.operation, calls(stats), stats.failures, stats.cacheAnswers, stats.fallbackAnswers, stats.inFlight]);
}

function calls({ successes, failures, cancelled, cacheAnswers, fallbackAnswers, inFlight }: OperationStats): number {
  return successes + failures + cancelled + cacheAnswers + fallbackAnswers + inFlight;
}

function unserved({ failures, cacheAnswers, fallbackAnswers }: OperationStats): number {
  return failures + cacheAnswers + fallbackAnswers;
}
