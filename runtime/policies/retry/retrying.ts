import { type Clock, MAX_TIMER_MS } from '../../clock.js';
import { type ErrorPlace, withoutStack } from '../../errors/base.js';
import { RetryExhaustedError } from '../../errors/call-errors.js';
import { causeOfAny } from '../../errors/cause.js';
import { asFuselineError } from '../../errors/thrown-error.js';
import { chance, type UserFunction } from '../../user-code.js';
import type { CallEvents } from '../call-events.js';
import { type Expiry, type Failure, type Flow, Link, type Outcome } from '../stage.js';
import { backoffMs } from './backoff.js';
import type { RetryBudget } from './retry-budget.js';
import { RetryState } from './retry-state.js';

/** What retries need of the circuit further in. */
export interface OpenCircuit {
  retryAfterMs(now: number): number;
}

/** What the retry link is made from. */
export interface RetryParts {
  readonly clock: Clock;
  readonly random: UserFunction<() => number>;
  readonly budget: RetryBudget;
  readonly circuit: OpenCircuit;
  readonly events: CallEvents;
  readonly place: ErrorPlace;
}

/**
 * Repeats the rest of the way after a failure, where that may be done and is worth doing. A retry takes what it costs from the budget; one
 * that is never sent, or that helps, gives it back.
 */
export class Retrying<F extends Flow> extends Link<F> {
  readonly #parts: RetryParts;

  constructor(parts: RetryParts) {
    super();
    this.#parts = parts;
  }

  override succeeded(flow: F, value: unknown, now: number): void {
    // A listener of the circuit may have aborted the call.
    if (flow.over) return;
    if (flow.retry === undefined) this.#parts.budget.success();
    else {
      flow.retry.paidAt = -1;
      this.#parts.budget.refund(flow.retry.throttled);
    }
    this.outer.succeeded(flow, value, now);
  }

  override failed(flow: F, failure: Failure, now: number): void {
    if (flow.over) return;
    if (failure.refused) {
      this.#refused(flow, failure, now);
      return;
    }
    flow.retry ??= new RetryState();
    const state = flow.retry;
    this.#end(flow, state);
    state.errors.push(failure.error);
    const waitMs = this.#waitMs(flow, failure, now);
    // Predicates and sources of chance are the user's, and may have aborted the call.
    if (flow.over) return;
    if (waitMs === undefined || !this.#parts.budget.take(failure.throttled)) {
      this.outer.failed(flow, this.#final(state, failure), now);
      return;
    }
    state.throttled = failure.throttled;
    state.paidAt = flow.attempts;
    this.#parts.events.retry(flow, flow.attempts + 1, waitMs, failure.cause);
    // A listener may have aborted the call.
    if (!flow.over) this.#wait(flow, state, waitMs);
  }

  override leave(flow: F, now: number, expiry: Expiry | undefined): Outcome {
    if (flow.retry !== undefined) this.#end(flow, flow.retry);
    return this.inner.leave(flow, now, expiry);
  }

  #wait(flow: F, state: RetryState, waitMs: number): void {
    flow.phase = 'backoff';
    // Not unref'd: the caller is waiting, so the process must not end here.
    state.timer = this.#parts.clock.setTimeout(() => {
      state.timer = undefined;
      const now = this.#parts.clock.now();
      // Timers come late if the event loop was blocked.
      if (now >= flow.until) flow.expire(now);
      else this.inner.enter(flow, now);
    }, waitMs);
  }

  /** A policy further in refused: what the attempts met before says more, if there were any. */
  #refused(flow: F, failure: Failure, now: number): void {
    const state = flow.retry;
    if (state === undefined) {
      this.outer.failed(flow, failure, now);
      return;
    }
    this.#end(flow, state);
    const error = this.#finalError(state, state.last, true);
    this.outer.failed(flow, { ...plain(failure), error, cause: causeOfAny(state.last) }, now);
  }

  /** Gives back what was paid for an attempt that is not sent. */
  #end(flow: F, state: RetryState): void {
    if (state.paidAt === flow.attempts) this.#parts.budget.refund(state.throttled);
    state.paidAt = -1;
    if (state.timer !== undefined) this.#parts.clock.clearTimeout(state.timer);
    state.timer = undefined;
  }

  /**
   * How long to wait for the next attempt, in milliseconds; undefined if none follows: the failure is permanent, the request may have reached the
   * server and must not be repeated, the attempts are used up, the server asks for a longer wait than configured, or the next attempt would come
   * after the end of the call's time.
   */
  #waitMs(flow: F, failure: Failure, now: number): number | undefined {
    const { settings, attempts } = flow;
    if (!settings.retryEnabled || !failure.transient || attempts >= settings.maxAttempts) return undefined;
    if (!settings.repeatable && !failure.neverSent) return undefined;
    const draw = (): number => chance(flow.user, this.#parts.random);
    let waitMs = backoffMs(settings, attempts, failure.throttled, draw);
    const hintMs = failure.waitMs;
    if (hintMs !== undefined) {
      // An attempt before the server's time is refused again. A longer wait than ours ends the call instead of being shortened.
      if (hintMs > settings.maxRetryAfterMs) return undefined;
      waitMs = Math.max(waitMs, settings.jitter ? hintMs + draw() * Math.min(hintMs * 0.1, 250) : hintMs);
    }
    const openMs = this.#parts.circuit.retryAfterMs(now);
    if (openMs > 0) {
      // The call waits for no probe if something else can answer, or if no deadline says how long is too long.
      if (settings.fallback.length > 0 || flow.until === Number.POSITIVE_INFINITY) return undefined;
      waitMs = Math.max(waitMs, openMs);
    }
    return now + waitMs < flow.until && waitMs <= MAX_TIMER_MS ? waitMs : undefined;
  }

  #final(state: RetryState, failure: Failure): Failure {
    if (state.errors.length < 2 || !failure.transient) return failure;
    const error = this.#finalError(state, failure.error, true);
    return { ...plain(failure), error };
  }

  /** The error for the caller: the last one, or all of them if several attempts met transient ones. */
  #finalError(state: RetryState, last: unknown, transient: boolean): unknown {
    if (state.errors.length < 2 || !transient) return last;
    const { place } = this.#parts;
    return withoutStack(() => {
      const lastError = asFuselineError(last, place);
      const errors = [...state.errors.slice(0, -1).map((error) => asFuselineError(error, place)), lastError];
      return new RetryExhaustedError(place, errors.length, errors, lastError);
    });
  }
}

/** A copy without accessors. */
function plain({
  cause,
  outcome,
  timedOut,
  refused,
  transient,
  neverSent,
  throttled,
  waitMs,
  answerable,
}: Failure): Omit<Failure, 'error'> {
  return { cause, outcome, timedOut, refused, transient, neverSent, throttled, waitMs, answerable };
}
