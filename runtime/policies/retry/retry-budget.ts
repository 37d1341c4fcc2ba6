/** The tokens of a full budget, the cost of a retry, and the refund of a success. The values are those of the AWS SDKs in 2026. */
export const BUDGET_TOKENS = 500;
export const RETRY_COST = 14;
export const THROTTLED_RETRY_COST = 5;
export const SUCCESS_REFUND = 1;

/**
 * Limits the retries of one service, because retries would multiply the load during an outage. The budget is empty after about 35 failed retries in a
 * row. Every success refills it by one token, so that retries become possible again.
 */
export class RetryBudget {
  #tokens = BUDGET_TOKENS;

  /** Takes the cost of a retry. Returns false, and takes nothing, if too few tokens are left. */
  take(throttled: boolean): boolean {
    const cost = throttled ? THROTTLED_RETRY_COST : RETRY_COST;
    if (this.#tokens < cost) return false;
    this.#tokens -= cost;
    return true;
  }

  /** Gives back the cost of a retry that was never sent, or of one that succeeded. */
  refund(throttled: boolean): void {
    this.#add(throttled ? THROTTLED_RETRY_COST : RETRY_COST);
  }

  /** Adds the refund of a call that succeeded at its first attempt. */
  success(): void {
    this.#add(SUCCESS_REFUND);
  }

  get tokens(): number {
    return this.#tokens;
  }

  #add(tokens: number): void {
    this.#tokens = Math.min(BUDGET_TOKENS, this.#tokens + tokens);
  }
}
