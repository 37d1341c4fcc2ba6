import type { EventListener } from '../observe/events.js';
import { type SafeTrace, startTrace } from '../observe/safe-trace.js';
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
  /** Where the client is instrumented and follows this call. The work of others is told to the one who began it. */
  trace: SafeTrace | undefined = undefined;
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
    const { tracing, core } = this.op;
    if (tracing !== undefined) this.trace = startTrace(tracing, core.options.onEvent);
  }

  /** Who hears what it causes besides the registry's listeners. */
  get observer(): EventListener | undefined {
    return this.trace === undefined ? this.op.core.options.onEvent : this.trace.observer;
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
      if (this.trace !== undefined) this.#ended(this.trace, undefined, false);
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
      if (this.trace !== undefined) this.#ended(this.trace, error, false);
    }
    this.letGo();
    this.reject(error);
  }

  /** Settles with the caller's reason. */
  override onCallerAbort(reason: unknown): void {
    if (!this.#settle()) return;
    this.stop();
    if (this.#startedAt >= 0) {
      this.op.stats.cancelled++;
      if (this.trace !== undefined) this.#ended(this.trace, reason, true);
    }
    this.reject(reason);
  }

  /** The work that was shared has ended; what is told of its answer is true of this call, too. */
  tellOf({ attempts, headers, status }: Settling): void {
    this.attempts = attempts;
    this.headers = headers;
    this.status = status;
  }

  #ended(trace: SafeTrace, error: unknown, cancelled: boolean): void {
    const { source, status, attempts } = this;
    trace.ended({ source, status, attempts, error, cancelled });
  }

  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    if (this.#startedAt >= 0) this.op.stats.inFlight--;
    this.unfollow();
    return true;
  }
}
