import { AbortFollower } from './abort-hub.js';
import type { AnswerSource } from './api-promise.js';
import type { CompiledOperation } from './compile.js';

/**
 * The caller's end of a logical call: it settles once, is counted in exactly one ending, and keeps what is told of the answer. A call that never
 * begins is not counted: it does the work of others, which are.
 */
export abstract class Settling extends AbortFollower {
  resolve!: (value: unknown) => void;
  reject!: (reason: unknown) => void;
  source: AnswerSource = 'network';
  status: number | undefined;
  attempts = 0;
  ageMs: number | undefined;
  headers: Readonly<Record<string, string | readonly string[] | undefined>> | undefined;
  /** When the work of others settled, by the clock's monotonic time; it is the end of their calls, too. */
  settledAt: number | undefined = undefined;
  /** Negative: never begun. */
  #startedAt = -1;
  #settled = false;

  constructor(readonly op: CompiledOperation) {
    super();
  }

  get settled(): boolean {
    return this.#settled;
  }

  /** It has its answer: gives back what it holds. */
  protected abstract letGo(): void;

  /** No one wants an answer any more: ends what is under way. */
  protected abstract stop(): void;

  /** The caller has asked. */
  protected begin(now: number): void {
    this.#startedAt = now;
    this.op.stats.inFlight++;
  }

  /** Settles with a value, from whatever source. `now` is the time at which it was at hand. */
  finish(value: unknown, now: number): void {
    if (!this.#settle()) return;
    if (this.#startedAt < 0) this.settledAt = now;
    else {
      const { stats } = this.op;
      if (this.source === 'network') stats.successes++;
      else if (this.source === 'cache') stats.cacheAnswers++;
      else stats.fallbackAnswers++;
      stats.took(now - this.#startedAt);
    }
    this.letGo();
    this.resolve(value);
  }

  /** Settles with an error. */
  fail(error: unknown, now: number): void {
    if (!this.#settle()) return;
    if (this.#startedAt < 0) this.settledAt = now;
    else {
      this.op.stats.failures++;
      this.op.stats.took(now - this.#startedAt);
    }
    this.letGo();
    this.reject(error);
  }

  /** Settles with the caller's reason. */
  override onCallerAbort(reason: unknown): void {
    if (!this.#settle()) return;
    if (this.#startedAt >= 0) this.op.stats.cancelled++;
    this.stop();
    this.reject(reason);
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    if (this.#startedAt >= 0) this.op.stats.inFlight--;
    this.unfollow();
    return true;
  }
}
