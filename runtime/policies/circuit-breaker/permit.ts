import { CALLER, dispose } from '../../observe/events.js';
import { tellFailed } from './announcer.js';
import type { Settling } from './counted-run.js';
import type { Outcome } from './state.js';

/**
 * A permit for work that is not a function, such as a stream or a message of a queue. Created by `breaker.acquire`. The first call of one of its
 * methods settles the permit; later calls do nothing.
 *
 * If a `using` block ends before the permit is settled, the work counts as a failure. An exception that leaves the block therefore counts as a
 * failure. Call `ignore()` or `release()` if the work should not count.
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
  readonly #breaker: Settling;
  readonly #permit: number;
  readonly #startedAt: number;
  #settled = false;

  /** @internal */
  constructor(breaker: Settling, permit: number, startedAt: number) {
    this.#breaker = breaker;
    this.#permit = permit;
    this.#startedAt = startedAt;
  }

  /** True once the permit was given back. */
  get settled(): boolean {
    return this.#settled;
  }

  /** Counts the work as a success. */
  success(): void {
    this.#settle('success');
  }

  /** Counts the work as a failure. Events name the kind of `error` as the cause, and never contain its text. */
  failure(error?: unknown): void {
    if (this.#settled) return;
    this.#settled = true;
    tellFailed(this.#breaker, error);
    this.#exit('failure');
  }

  /** Ends the work without counting it as a success or a failure. */
  ignore(): void {
    this.#settle('ignored');
  }

  /** Gives the permit back for work that never started, or whose caller aborted. */
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
