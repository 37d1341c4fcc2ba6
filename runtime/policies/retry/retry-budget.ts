/** Tokens a budget holds, what a retry costs, and what a success gives back (AWS SDK values of 2026). */
export const BUDGET_TOKENS = 500;
export const RETRY_COST = 14;
export const THROTTLED_RETRY_COST = 5;
export const SUCCESS_REFUND = 1;

/**
 * Limits how many retries one service gets, however many calls fail at once: during an outage retries would multiply the load. Empty after
 * about 35 failed retries in a row; every success refills it a little, so exhaustion never lasts.
 */
export class RetryBudget {
  #tokens = BUDGET_TOKENS;

  /** Takes what a retry costs, or returns false and takes nothing. */
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

  /** A call succeeded at its first attempt. */
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
