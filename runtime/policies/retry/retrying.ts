import { type Clock, MAX_TIMER_MS, wholeMs } from '../../clock.js';
import { type ErrorPlace, withoutStack } from '../../errors/base.js';
import { RetryExhaustedError } from '../../errors/call-errors.js';
import { causeOfAny } from '../../errors/cause.js';
import { asFuselineError } from '../../errors/thrown-error.js';
import { chance, type UserFunction } from '../../user-code.js';
import type { CallEvents } from '../call-events.js';
import type { Openings, PlaceWaiter } from '../circuit-breaker/openings.js';
import { type Expiry, type Failure, type Flow, Link, type Outcome } from '../stage.js';
import { backoffMs } from './backoff.js';
import type { RetryBudget } from './retry-budget.js';
import { RetryState, type RetryWait } from './retry-state.js';

/** The parts of the inner circuit that this link needs. */
export interface OpenCircuit {
  readonly openings: Pick<Openings, 'add' | 'addForPlace' | 'delete'>;
  /** True if a call that arrived now would be admitted. */
  readonly admits: boolean;
  retryAfterMs(now: number): number;
}

/** The parts of the retry link. */
export interface RetryParts {
  readonly clock: Clock;
  readonly random: UserFunction<() => number>;
  readonly budget: RetryBudget;
  readonly circuit: OpenCircuit;
  readonly events: CallEvents;
  readonly place: ErrorPlace;
}

/**
 * The link of retries. After a failure it passes the flow inwards again, if the request may be repeated and another attempt can help. A retry takes
 * its cost from the budget, and gives it back if it succeeds or is never sent.
 */
export class Retrying<F extends Flow> extends Link<F> {
  readonly #parts: RetryParts;

  constructor(parts: RetryParts) {
    super();
    this.#parts = parts;
  }

  override succeeded(flow: F, value: unknown, now: number): void {
    // A listener of the circuit can have aborted the call.
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
    flow.retry ??= new RetryState<Failure>();
    const state = flow.retry;
    this.#end(flow, state);
    state.errors.push(failure.error);
    state.failure = failure;
    state.placeUntil = undefined;
    const waitMs = this.#waitMs(flow, failure, now);
    // Predicates and random sources are the user's code, and can have aborted the call.
    if (flow.over) return;
    if (waitMs === undefined || !this.#parts.budget.take(failure.throttled)) {
      this.outer.failed(flow, this.#final(state, failure), now);
      return;
    }
    state.throttled = failure.throttled;
    state.paidAt = flow.attempts;
    this.#parts.events.retry(flow, flow.attempts + 1, waitMs, failure.cause);
    // A listener can have aborted the call.
    if (!flow.over) this.#wait(flow, state, waitMs);
  }

  override leave(flow: F, now: number, expiry: Expiry | undefined): Outcome {
    if (flow.retry !== undefined) this.#end(flow, flow.retry);
    return this.inner.leave(flow, now, expiry);
  }

  #wait(flow: F, state: RetryState<Failure>, waitMs: number): void {
    const { clock, circuit } = this.#parts;
    state.wait = this.#waitOf(flow, state, waitMs);
    // A call that waits for a probe knows that the circuit is open.
    if (circuit.retryAfterMs(clock.now()) <= 0) circuit.openings.add(state.wait);
  }

  #waitOf(flow: F, state: RetryState<Failure>, waitMs: number): RetryWait & PlaceWaiter {
    flow.phase = 'backoff';
    const { clock } = this.#parts;
    return {
      // The timer keeps the process alive, because the caller waits.
      timer: clock.setTimeout(() => this.#next(flow, state, clock.now()), waitMs),
      circuitOpened: (now) => this.#opened(flow, state, now),
      placeFree: (now) => this.#next(flow, state, now),
    };
  }

  /** Sends the next attempt, or waits on if the call waits for probes and the circuit admits none now. */
  #next(flow: F, state: RetryState<Failure>, now: number): void {
    this.#waitsNoMore(state);
    // A timer fires late if the event loop was blocked.
    if (now >= flow.until) flow.expire(now);
    else if (!this.#waitsOn(flow, state, now)) this.inner.enter(flow, now);
  }

  /**
   * Returns true if the call waits because the circuit does not admit it: for the next probe, or for a place among the probes of the half-open circuit.
   * It waits for `maxDelayMs` at most for each of them.
   */
  #waitsOn(flow: F, state: RetryState<Failure>, now: number): boolean {
    const { circuit } = this.#parts;
    const { waitForProbe, maxDelayMs } = flow.settings;
    if (!waitForProbe || circuit.admits) return false;
    if (circuit.retryAfterMs(now) > 0) {
      const waitMs = this.#probeWaitMs(flow, now, 0);
      if (waitMs === undefined) return false;
      state.placeUntil = undefined;
      this.#wait(flow, state, waitMs);
      return true;
    }
    state.placeUntil ??= now + maxDelayMs;
    const leftMs = wholeMs(state.placeUntil - now);
    if (leftMs <= 0) return false;
    const wait = this.#waitOf(flow, state, Math.min(leftMs, MAX_TIMER_MS));
    state.wait = wait;
    circuit.openings.addForPlace(wait);
    return true;
  }

  /** The circuit opened while the call waited. The call ends with the errors of its attempts, or waits for the probe if `waitForProbe` is set. */
  #opened(flow: F, state: RetryState<Failure>, now: number): void {
    const waitMs = this.#probeWaitMs(flow, now, 0);
    if (waitMs !== undefined) {
      this.#waitsNoMore(state);
      state.placeUntil = undefined;
      this.#wait(flow, state, waitMs);
      return;
    }
    this.#end(flow, state);
    // Stryker disable next-line ConditionalExpression: a call that waits has failed before; the check is for the types.
    if (state.failure !== undefined) this.outer.failed(flow, this.#final(state, state.failure), now);
  }

  /**
   * Handles the refusal by an inner policy. If the circuit refused, the call can wait on. If earlier attempts failed, their errors are passed on, because
   * they are more precise.
   */
  #refused(flow: F, failure: Failure, now: number): void {
    const state = flow.retry;
    if (state === undefined) {
      this.outer.failed(flow, failure, now);
      return;
    }
    if (failure.cause === 'circuit_open' && this.#waitsOn(flow, state, now)) return;
    this.#end(flow, state);
    const error = this.#finalError(state, state.last);
    this.outer.failed(flow, { ...plain(failure), error, cause: causeOfAny(state.last) }, now);
  }

  /** Ends the wait for the next attempt, and refunds an attempt that is not sent. */
  #end(flow: F, state: RetryState<Failure>): void {
    if (state.paidAt === flow.attempts) this.#parts.budget.refund(state.throttled);
    state.paidAt = -1;
    this.#waitsNoMore(state);
  }

  #waitsNoMore(state: RetryState<Failure>): void {
    const { wait } = state;
    if (wait === undefined) return;
    state.wait = undefined;
    this.#parts.clock.clearTimeout(wait.timer);
    this.#parts.circuit.openings.delete(wait);
  }

  /**
   * Returns the wait before the next attempt, in milliseconds. Undefined if none follows:
   *
   * - the failure is permanent,
   * - the request may have reached the server and is not safe to repeat,
   * - the attempts are used up,
   * - the server asks for a longer wait than `maxRetryAfterMs`, or
   * - the next attempt would start after the deadline of the call.
   */
  #waitMs(flow: F, failure: Failure, now: number): number | undefined {
    const { settings } = flow;
    const attempts = flow.attempts - flow.repeats;
    if (!settings.retryEnabled || !failure.transient || attempts >= settings.maxAttempts) return undefined;
    if (!settings.repeatable && !failure.neverSent) return undefined;
    const draw = (): number => chance(flow.user, this.#parts.random);
    let waitMs = backoffMs(settings, attempts, failure.throttled, draw);
    const hintMs = failure.waitMs;
    if (hintMs !== undefined) {
      // The server would refuse an earlier attempt again, so a wait that is too long ends the call instead of being shortened.
      if (hintMs > settings.maxRetryAfterMs) return undefined;
      waitMs = Math.max(waitMs, settings.jitter ? hintMs + draw() * Math.min(hintMs * 0.1, 250) : hintMs);
    }
    return this.#probeWaitMs(flow, now, waitMs);
  }

  /**
   * Returns the wait before the next attempt, at least `waitMs` and until an open circuit lets a probe through. Undefined if no attempt follows: the call
   * does not wait for probes, the probe comes later than the retry's own longest delay, or the deadline comes first.
   */
  #probeWaitMs(flow: F, now: number, waitMs: number): number | undefined {
    const openMs = this.#parts.circuit.retryAfterMs(now);
    const { waitForProbe, maxDelayMs } = flow.settings;
    if (openMs > 0 && (!waitForProbe || openMs > maxDelayMs)) return undefined;
    const delayMs = wholeMs(Math.max(waitMs, openMs));
    return now + delayMs < flow.until && delayMs <= MAX_TIMER_MS ? delayMs : undefined;
  }

  #final(state: RetryState<Failure>, failure: Failure): Failure {
    if (state.errors.length < 2 || !failure.transient) return failure;
    return { ...plain(failure), error: this.#finalError(state, failure.error) };
  }

  /** Returns the error for the caller: the last one, or a `RetryExhaustedError` with all of them if several attempts failed. */
  #finalError(state: RetryState<Failure>, last: unknown): unknown {
    if (state.errors.length < 2) return last;
    const { place } = this.#parts;
    return withoutStack(() => {
      const lastError = asFuselineError(last, place);
      const errors = [...state.errors.slice(0, -1).map((error) => asFuselineError(error, place)), lastError];
      return new RetryExhaustedError(place, errors.length, errors, lastError);
    });
  }
}

/** Returns a copy of the failure without accessors and without its error. */
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
