import type { CircuitBreaker } from '../policies/circuit-breaker/breaker.js';
import { SlotKey } from '../policies/circuit-breaker/slots.js';
import { RetryBudget } from '../policies/retry/retry-budget.js';

// Stryker disable next-line StringLiteral: the name is for debugging only.
const BUDGET = new SlotKey<RetryBudget>('retry budget of functions');

/** Returns the retry budget that all functions of a circuit share. Separate budgets would let their retries add up during an outage. */
export function budgetOf(breaker: CircuitBreaker): RetryBudget {
  return breaker.slot(BUDGET, () => new RetryBudget());
}
