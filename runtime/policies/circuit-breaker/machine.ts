import { wholeMs } from '../../clock.js';
import type { WindowSnapshot } from '../../observe/circuit-words.js';
import type { Audience } from '../../observe/event-hub.js';
import { ONE_ATTEMPT } from './calls.js';
import { ClosedGuard, isMeasured } from './closed-guard.js';
import type { BreakerOptions } from './options.js';
import { shareAt } from './recovery/ramp.js';
import { refitted } from './refit.js';
import { SHOWN_STATE } from './shown-state.js';
import type { BreakerState, Closed, Condition, Outcome } from './state.js';
import { admit, closed, REFUSED, type Rules, settle, settleTime, trip, tripWithPeers, viewAt } from './transition.js';
import { sameCalls } from './window/options.js';

/** One change of a circuit's state to a state of another kind. */
export interface Change {
  readonly previous: BreakerState;
  readonly next: BreakerState;
  readonly at: number;
  /** How long the circuit was not closed, in milliseconds. Set only if it closes. */
  readonly downMs: number | undefined;
}

/** Receives the changes of a machine. `audience` is the call that caused the change. */
export interface ChangeSink {
  changed(change: Change, audience: Audience | undefined): void;
  /** A probe gave its place back, and the circuit is still half-open. `places` is the number of free places. */
  freed(places: number, at: number): void;
}

/** A state that can be forced by hand. `closed` ends such a state. */
export type Forced = 'closed' | 'forced_open' | 'forced_closed' | 'metrics_only';

/**
 * Holds the state of one circuit, replaces it as a whole, and gives and takes back permits. It reads no clock, keeps no statistics and emits no
 * events: times are arguments, and changes go to one sink.
 */
export class Machine {
  readonly #sink: ChangeSink;
  readonly #draw: () => number;
  #rules: Rules;
  #state: BreakerState;
  /** Null if the circuit has neither a sliding window nor a ramp. */
  #guard: ClosedGuard | null;
  #lastId = REFUSED;
  /** The period in which the options switch the circuit off, as opposed to a state that was set by hand. */
  #offEpoch = -1;
  #downSince: number | undefined;
  /** Created at the first transition, because a circuit without failures needs none. */
  #nextId: (() => number) | undefined;

  /** `draw` is called once, as soon as there is a reopen backoff. */
  constructor(options: BreakerOptions, draw: () => number, now: number, sink: ChangeSink) {
    this.#sink = sink;
    this.#draw = draw;
    this.#rules = { options, seed: this.#seedFor(options) };
    this.#guard = ClosedGuard.refitted(null, undefined, options);
    this.#state = this.#initial(now);
    this.#guard?.clear(this.#state, now);
  }

  get options(): BreakerOptions {
    return this.#rules.options;
  }

  /** The state after the last call. `stateAt` also applies the changes that are due since then. */
  get current(): BreakerState {
    return this.#state;
  }

  /** The time since which the circuit has not been closed; undefined while it is closed. */
  get downSince(): number | undefined {
    return this.#downSince;
  }

  /** True while the options switch the circuit off. */
  get isOff(): boolean {
    return this.#state.epoch === this.#offEpoch;
  }

  /** True while a state that was set by hand applies. */
  get isForced(): boolean {
    const { kind } = this.#state;
    return kind === 'forced_open' || kind === 'metrics_only' || (kind === 'forced_closed' && !this.isOff);
  }

  /** True while every call passes, whatever happens: forced closed, watched only, or off. */
  get letsAllThrough(): boolean {
    const { kind } = this.#state;
    return kind === 'forced_closed' || kind === 'metrics_only';
  }

  /** The state at `now`, for reading: an open circuit whose wait is over is half-open. Changes nothing. */
  stateAt(now: number): BreakerState {
    return viewAt(this.#state, now, this.#rules);
  }

  /** Returns the milliseconds until a call can pass: 0 while calls or probes can, Infinity while the circuit is forced open. */
  waitMs(now: number): number {
    const state = this.stateAt(now);
    if (state.kind === 'forced_open') return Number.POSITIVE_INFINITY;
    return state.kind === 'open' ? wholeMs(state.until - now) : 0;
  }

  /** Returns the share of calls that the ramp admits at `now`; 1 without a ramp. */
  rampShare(now: number): number {
    const state = this.#state;
    const { ramp } = this.#rules.options;
    return ramp === undefined || state.kind !== 'closed' ? 1 : shareAt(ramp, state.rampUntil, now);
  }

  /** Returns the contents of the sliding window at `now`; undefined without a window. */
  window(now: number): WindowSnapshot | undefined {
    return this.#guard?.window(now);
  }

  /** Returns a permit, or `REFUSED`. `leaseMs` is the longest time for which a probe can hold its permit. */
  enter(now: number, leaseMs: number, audience: Audience | undefined): number {
    const current = this.#state;
    if (current.kind === 'closed') {
      // Stryker disable next-line ConditionalExpression: a short cut; what follows comes to the same.
      if (this.#guard === null) return current.epoch;
      if (this.#holdsBack(this.#guard, current, now, audience)) return REFUSED;
      // Stryker disable next-line ConditionalExpression: a short cut; what follows comes to the same.
      if (this.#state === current) return this.#guard.enter(current.epoch, now);
    }
    return this.#admit(now, leaseMs, audience);
  }

  /** Takes a permit back. A permit of an earlier period changes no state and is not counted in the window. */
  exit(permit: number, outcome: Outcome, now: number, durationMs: number, audience: Audience | undefined): void {
    const state = this.#state;
    // Stryker disable next-line ConditionalExpression,EqualityOperator,StringLiteral: a short cut; what follows changes nothing either.
    if (state.kind === 'closed' && state.failures === 0 && outcome !== 'failure') {
      const guard = this.#guard;
      if (guard === null) return;
      const period = Math.floor(permit);
      const tripped = guard.exit(permit, period === state.epoch ? outcome : 'released', durationMs, now, audience);
      if (tripped !== undefined) this.#move(settle(state, period, outcome, now, this.#rules, this.#ids, tripped), now, audience);
      return;
    }
    this.#judge(permit, outcome, now, durationMs, audience);
  }

  /** Forces a state. `closed` ends a forced state: the circuit starts over, closed. */
  force(kind: Forced, now: number): void {
    const state = kind === 'closed' ? this.#initial(now) : this.#forced(kind, now);
    this.#settled(now, undefined);
    this.#move(state, now, undefined);
  }

  /**
   * Opens a closed circuit because the circuits of other processes are open for another `leftMs`. In any other state, returns false and changes
   * nothing.
   */
  openWithPeers(now: number, leftMs: number): boolean {
    const state = this.#settled(now, undefined);
    if (state.kind !== 'closed') return false;
    this.#move(tripWithPeers(state, now, leftMs, this.#rules, this.#ids), now, undefined);
    return true;
  }

  /**
   * Replaces the options. The state is kept, and the circuit neither opens nor closes because of it:
   *
   * - The count of failures continues. If it already reaches a lower `failureThreshold`, the next failure opens the circuit.
   * - An open circuit keeps its current wait. The new wait applies to the next opening.
   * - The count of successful probes continues. If it already reaches a lower `successThreshold`, the next success closes the circuit.
   * - Probes in flight above a lower `halfOpenMaxCalls` continue.
   * - If the extent of the window changes, the window starts empty, and calls in flight are not added to it. If only its thresholds change, the next
   *   call is judged by all calls in the window.
   * - The count of openings in a row continues under another backoff. Without a backoff it is cleared.
   * - A ramp continues as if the circuit had closed under the new ramp. Without a ramp, all calls pass immediately.
   *
   * Only `enabled` takes effect immediately.
   */
  reconfigure(options: BreakerOptions, now: number): void {
    const previous = this.#rules.options;
    // The old options apply to a lease that expired before this call.
    this.#settled(now, undefined);
    this.#rules = { options, seed: this.#rules.seed ?? this.#seedFor(options) };
    this.#state = refitted(this.#state, options, now);
    this.#guard = ClosedGuard.refitted(this.#guard, previous, options);
    if (!sameCalls(previous.slidingWindow, options.slidingWindow)) this.#emptyWindow(now);
    if (options.enabled !== previous.enabled && !this.isForced) this.#move(this.#initial(now), now, undefined);
  }

  /** Returns what another circuit needs to continue this one. Undefined while the options switch this circuit off. */
  condition(now: number): Condition | undefined {
    return this.isOff ? undefined : { state: this.stateAt(now), downSince: this.#downSince };
  }

  /**
   * Continues another circuit. Probes stay with the circuit that admitted them, and the window starts empty. Returns false, and changes nothing, if
   * this circuit is off and the state was not forced by hand.
   */
  continueFrom({ state: left, downSince }: Condition, now: number): boolean {
    const { options } = this.#rules;
    const state = refitted(left, options, now);
    const automatic = state.kind === 'closed' || state.kind === 'open' || state.kind === 'half_open';
    if (automatic && !options.enabled) return false;
    const epoch = ++this.#lastId;
    // Stryker disable next-line ConditionalExpression: a list of probes is read in no other state.
    this.#state = state.kind === 'half_open' ? { ...state, epoch, probes: [] } : { ...state, epoch };
    this.#downSince = downSince;
    this.#guard?.clear(this.#state, now);
    return true;
  }

  get #ids(): () => number {
    this.#nextId ??= () => ++this.#lastId;
    return this.#nextId;
  }

  /** The state of a circuit that is new or starts over. */
  #initial(since: number): BreakerState {
    const epoch = ++this.#lastId;
    if (this.#rules.options.enabled) return closed(epoch, since);
    this.#offEpoch = epoch;
    return { kind: 'forced_closed', epoch, since };
  }

  #forced(kind: Exclude<Forced, 'closed'>, since: number): BreakerState {
    const epoch = ++this.#lastId;
    return kind === 'metrics_only' ? { kind, epoch, since, failures: 0 } : { kind, epoch, since };
  }

  /** Drawn once. A later backoff uses the same seed. */
  #seedFor({ reopenBackoff }: BreakerOptions): number | undefined {
    return reopenBackoff === undefined ? undefined : Math.floor(this.#draw() * 2 ** 32);
  }

  /** Starts a new period. Otherwise calls in flight would be removed from the new window, to which they were never added. */
  #emptyWindow(now: number): void {
    if (isMeasured(this.#state)) this.#move({ ...this.#state, epoch: ++this.#lastId }, now, undefined);
    else this.#guard?.clear(this.#state, now);
  }

  /** Returns true if the ramp refuses a call of the closed circuit. If too many calls hang, opens the circuit instead. */
  #holdsBack(guard: ClosedGuard, state: Closed, now: number, audience: Audience | undefined): boolean {
    const reason = guard.hanging(now);
    if (reason === undefined) return !guard.admits(this.rampShare(now));
    this.#move(trip(state, now, reason, this.#rules, this.#ids), now, audience);
    return false;
  }

  #admit(now: number, leaseMs: number, audience: Audience | undefined): number {
    const { state, permit } = admit(this.#settled(now, audience), now, leaseMs, this.#rules, this.#ids);
    this.#move(state, now, audience);
    return permit !== REFUSED && this.#guard !== null && isMeasured(state) ? this.#guard.enter(permit, now) : permit;
  }

  #judge(permit: number, outcome: Outcome, now: number, durationMs: number, audience: Audience | undefined): void {
    const state = this.#settled(now, audience);
    // The permit of a measured call carries more than its period, see `InFlight`.
    const period = Math.floor(permit);
    const counts = period === state.epoch && isMeasured(state);
    const tripped = this.#guard?.exit(permit, counts ? outcome : 'released', durationMs, now, audience);
    const call = outcome === 'failure' ? (audience?.callNumber ?? ONE_ATTEMPT) : ONE_ATTEMPT;
    this.#move(settle(state, period, outcome, now, this.#rules, this.#ids, tripped, call), now, audience);
  }

  /** Applies the changes that are due at `now`, and returns the state. */
  #settled(now: number, audience: Audience | undefined): BreakerState {
    this.#move(settleTime(this.#state, now, this.#rules, this.#ids), now, audience);
    return this.#state;
  }

  #move(next: BreakerState, at: number, audience: Audience | undefined): void {
    // Stryker disable next-line ConditionalExpression: a short cut; to replace a state by itself changes nothing.
    if (next !== this.#state) this.#replace(next, at, audience);
  }

  /** Replaces the state. No other method does. The sink is called after the replacement, so that its listeners see the new state. */
  #replace(next: BreakerState, at: number, audience: Audience | undefined): void {
    const previous = this.#state;
    this.#state = next;
    if (next.epoch !== previous.epoch && SHOWN_STATE[next.kind] === 'closed') this.#guard?.clear(next, at);
    if (next.kind === previous.kind) {
      if (next.kind === 'half_open' && previous.kind === 'half_open' && next.probes.length < previous.probes.length) {
        this.#sink.freed(this.options.halfOpenMaxCalls - next.probes.length, at);
      }
      return;
    }
    let downMs: number | undefined;
    if (next.kind === 'open' || next.kind === 'forced_open') this.#downSince ??= next.since;
    else if (next.kind !== 'half_open' && this.#downSince !== undefined) {
      downMs = at - this.#downSince;
      this.#downSince = undefined;
    }
    this.#sink.changed({ previous, next, at, downMs }, audience);
  }
}
