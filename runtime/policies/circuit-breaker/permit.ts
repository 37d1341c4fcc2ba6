import { CALLER, dispose } from '../../observe/events.js';
import type { CircuitBreaker } from './breaker.js';
import { tellFailed } from './breaker-events.js';
import type { Outcome } from './state.js';

/**
 * A place in a circuit, for work whose result is known elsewhere than in a function's return: a stream, a queue's message. Made by
 * `breaker.acquire`; the first of its methods settles it, later ones change nothing.
 *
 * Disposing one that nobody settled counts as a failure: leaving the block by a throw is what nobody speaks for, and a guard that let it
 * pass would never open the circuit. Say `ignore()` or `release()` where it is neither.
 *
 * @example
 * async function readRows(sql: string): Promise<Row[]> {
 *   using permit = breaker.acquire(); // an exception ends the block, and the permit counts as a failure
 *   const rows = await database.query(sql);
 *   permit.success();
 *   return rows;
 * }
 */
export class Permit {
  readonly #breaker: CircuitBreaker;
  readonly #permit: number;
  readonly #startedAt: number;
  #settled = false;

  /** @internal */
  constructor(breaker: CircuitBreaker, permit: number, startedAt: number) {
    this.#breaker = breaker;
    this.#permit = permit;
    this.#startedAt = startedAt;
  }

  /** False until it was given back. */
  get settled(): boolean {
    return this.#settled;
  }

  /** The service answered. */
  success(): void {
    this.#settle('success');
  }

  /** The service failed. `error` names the cause in events; its text goes nowhere. */
  failure(error?: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    tellFailed(this.#breaker, error);
    this.#exit('failure');
  }

  /** It ended in something that counts as nothing. */
  ignore(): void {
    this.#settle('ignored');
  }

  /** The work never started, or its caller gave up. */
  release(): void {
    // Stryker disable next-line StringLiteral: what is none of the other outcomes counts as released; the types let nothing else through.
    this.#settle('released');
  }

  [dispose](): void {
    this.failure();
  }

  #settle(outcome: Outcome): void {
    if (this.#settled) return;
    this.#settled = true;
    this.#exit(outcome);
  }

  #exit(outcome: Outcome): void {
    const now = this.#breaker.clock.now();
    this.#breaker.exit(this.#permit, outcome, now, now - this.#startedAt, false, CALLER);
  }
}
