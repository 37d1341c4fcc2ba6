import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  BUDGET_TOKENS,
  RETRY_COST,
  RetryBudget,
  SUCCESS_REFUND,
  THROTTLED_RETRY_COST,
} from '../../../../runtime/policies/retry/retry-budget.js';

describe('retry budget', () => {
  test('a full one pays for 35 retries', () => {
    const budget = new RetryBudget();
    let paid = 0;
    while (budget.take(false)) paid++;
    expect(paid).toBe(35);
    expect(budget.tokens).toBe(BUDGET_TOKENS - 35 * RETRY_COST);
  });

  test('a throttled retry costs less', () => {
    const budget = new RetryBudget();
    let paid = 0;
    while (budget.take(true)) paid++;
    expect(paid).toBe(BUDGET_TOKENS / THROTTLED_RETRY_COST);
  });

  test('what cannot be paid takes nothing', () => {
    const budget = new RetryBudget();
    while (budget.take(false));
    const left = budget.tokens;
    expect(budget.take(false)).toBe(false);
    expect(budget.tokens).toBe(left);
  });

  test('A39 a retry that was never sent is paid back', () => {
    const budget = new RetryBudget();
    for (const throttled of [false, true]) {
      budget.take(throttled);
      budget.refund(throttled);
      expect(budget.tokens).toBe(BUDGET_TOKENS);
    }
  });

  test('A39 exhaustion does not last: successes refill it', () => {
    const budget = new RetryBudget();
    while (budget.take(false));
    for (let at = 0; at < RETRY_COST / SUCCESS_REFUND; at++) budget.success();
    expect(budget.take(false)).toBe(true);
  });

  test('it never holds less than nothing nor more than it can', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('take', 'takeThrottled', 'refund', 'refundThrottled', 'success')), (steps) => {
        const budget = new RetryBudget();
        for (const step of steps) {
          if (step === 'success') budget.success();
          else if (step.startsWith('take')) budget.take(step === 'takeThrottled');
          else budget.refund(step === 'refundThrottled');
          expect(budget.tokens).toBeGreaterThanOrEqual(0);
          expect(budget.tokens).toBeLessThanOrEqual(BUDGET_TOKENS);
        }
      }),
    );
  });
});
