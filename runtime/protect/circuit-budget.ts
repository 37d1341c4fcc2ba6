import type { CircuitBreaker } from '../policies/circuit-breaker/breaker.js';
import { SlotKey } from '../policies/circuit-breaker/slots.js';
import { RetryBudget } from '../policies/retry/retry-budget.js';

const BUDGET = new SlotKey<RetryBudget>('retry budget of functions');

/** Returns the budget that all functions of a circuit share: during an outage their retries would multiply its load together. */
export function budgetOf(breaker: CircuitBreaker): RetryBudget {
  return breaker.slot(BUDGET, () => new RetryBudget());
}
