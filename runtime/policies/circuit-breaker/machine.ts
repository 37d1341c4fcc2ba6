import type { WindowSnapshot } from '../../observe/circuit-words.js';
import type { Audience } from '../../observe/event-hub.js';
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
}

/** A state that is set by hand; `closed` ends such a state. */
export type Forced = 'closed' | 'forced_open' | 'forced_closed' | 'metrics_only';

/**
 * Holds the state of one circuit, replaces it whole, and gives and takes back permits. It reads no clock, counts no statistics and emits no
 * events: times come in as numbers, and changes go to one sink.
 */
export class Machine {
  readonly #sink: ChangeSink;
  readonly #draw: () => number;
  #rules: Rules;
  #state: BreakerState;
  /** Null without a sliding window and a ramp: a closed circuit then has nothing to ask. */
  #guard: ClosedGuard | null;
  #lastId = REFUSED;
  /** The period in which the options switch the circuit off, as opposed to a state that was set by hand. */
  #offEpoch = -1;
  #downSince: number | undefined;
  /** Made for the first transition: a circuit that only succeeds needs none. */
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

  /** The state as it was left by the last call. `stateAt` adds what time has decided since. */
  get current(): BreakerState {
    return this.#state;
  }

  /** When the circuit ceased to be closed; undefined while it is closed. */
  get downSince(): number | undefined {
    return this.#downSince;
  }

  /** True in a period that began because the options switch the circuit off. */
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

  /** Milliseconds until a call can pass: 0 while calls or probes can, Infinity while the circuit is forced open. */
  waitMs(now: number): number {
    const state = this.stateAt(now);
    if (state.kind === 'forced_open') return Number.POSITIVE_INFINITY;
    return state.kind === 'open' ? state.until - now : 0;
  }

  /** The share of calls that the ramp lets in at `now`; 1 without a ramp. */
  rampShare(now: number): number {
    const state = this.#state;
    const { ramp } = this.#rules.options;
    return ramp === undefined || state.kind !== 'closed' ? 1 : shareAt(ramp, state.rampUntil, now);
  }

  /** What the sliding window holds at `now`; undefined without a window. */
  window(now: number): WindowSnapshot | undefined {
    return this.#guard?.window(now);
  }

  /** Gives a permit, or `REFUSED`. `leaseMs` is how long a probe may hold its place. */
  enter(now: number, leaseMs: number, audience: Audience | undefined): number {
    const current = this.#state;
    if (current.kind === 'closed') {
      // Stryker disable next-line ConditionalExpression: a short cut; what follows comes to the same.
      if (this.#guard === null) return current.epoch;
      if (this.#holdsBack(this.#guard, current, now, audience)) return REFUSED;
    }
    return this.#admit(now, leaseMs, audience);
  }

  /** Takes a permit back. A permit of an earlier period changes no state and is in no window. */
  exit(permit: number, outcome: Outcome, now: number, durationMs: number, audience: Audience | undefined): void {
    const state = this.#state;
    // Stryker disable next-line ConditionalExpression,EqualityOperator,StringLiteral: a short cut; what follows changes nothing either.
    if (this.#guard === null && state.kind === 'closed' && state.failures === 0 && outcome !== 'failure') return;
    this.#judge(permit, outcome, now, durationMs, audience);
  }

  /** Sets the state by hand, or ends such a state: then the circuit starts over, closed. */
  force(kind: Forced, now: number): void {
    const state = kind === 'closed' ? this.#initial(now) : this.#forced(kind, now);
    this.#settled(now, undefined);
    this.#move(state, now, undefined);
  }

  /** Opens a closed circuit because other processes wait for another `leftMs`. Returns false, and changes nothing, in any other state. */
  openWithPeers(now: number, leftMs: number): boolean {
    const state = this.#settled(now, undefined);
    if (state.kind !== 'closed') return false;
    this.#move(tripWithPeers(state, now, leftMs, this.#rules, this.#ids), now, undefined);
    return true;
  }

  /**
   * Replaces the options. The state is kept, and nothing opens or closes because of it:
   *
   * - failures count on: if they already reach a lower `failureThreshold`, the next failure opens the circuit,
   * - an open circuit waits as long as it said when it opened; the next wait is the new one,
   * - successful probes count on: if they already reach a lower `successThreshold`, the next one closes the circuit,
   * - probes in flight above a lower `halfOpenMaxCalls` end as they would have,
   * - a window of other calls starts empty, and does not get the calls in flight; under other thresholds, the next call is judged by all it holds,
   * - openings in a row count on under another backoff, and are forgotten without one,
   * - a ramp goes on as if the circuit had closed under the new one; without one, all calls pass immediately.
   *
   * Only `enabled` takes effect immediately.
   */
  reconfigure(options: BreakerOptions, now: number): void {
    const previous = this.#rules.options;
    // A lease that ran out under the old options is judged by them.
    this.#settled(now, undefined);
    this.#rules = { options, seed: this.#rules.seed ?? this.#seedFor(options) };
    this.#state = refitted(this.#state, options, now);
    this.#guard = ClosedGuard.refitted(this.#guard, previous, options);
    if (!sameCalls(previous.slidingWindow, options.slidingWindow)) this.#emptyWindow(now);
    if (options.enabled !== previous.enabled && !this.isForced) this.#move(this.#initial(now), now, undefined);
  }

  /** What another circuit needs to continue this one; undefined while this one is off, which is a matter of its options. */
  condition(now: number): Condition | undefined {
    return this.isOff ? undefined : { state: this.stateAt(now), downSince: this.#downSince };
  }

  /**
   * Continues another circuit. Probes stay with the circuit that let them in, and the window starts over. Returns false, and changes nothing, if
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

  /** Drawn once: a later backoff keeps it. */
  #seedFor({ reopenBackoff }: BreakerOptions): number | undefined {
    return reopenBackoff === undefined ? undefined : Math.floor(this.#draw() * 2 ** 32);
  }

  /** Begins a new period: calls in flight would be taken from places of the new window in which they were never put. */
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
    const tripped = this.#guard?.exit(permit, counts ? outcome : 'released', durationMs, now);
    this.#move(settle(state, period, outcome, now, this.#rules, this.#ids, tripped), now, audience);
  }

  /** Applies what time has decided by `now`, and returns the state. */
  #settled(now: number, audience: Audience | undefined): BreakerState {
    this.#move(settleTime(this.#state, now, this.#rules, this.#ids), now, audience);
    return this.#state;
  }

  #move(next: BreakerState, at: number, audience: Audience | undefined): void {
    // Stryker disable next-line ConditionalExpression: a short cut; to replace a state by itself changes nothing.
    if (next !== this.#state) this.#replace(next, at, audience);
  }

  /** The one place that replaces the state. The sink hears of a change when the new state stands, so that its listeners see it. */
  #replace(next: BreakerState, at: number, audience: Audience | undefined): void {
    const previous = this.#state;
    this.#state = next;
    if (next.epoch !== previous.epoch && SHOWN_STATE[next.kind] === 'closed') this.#guard?.clear(next, at);
    if (next.kind === previous.kind) return;
    let downMs: number | undefined;
    if (next.kind === 'open' || next.kind === 'forced_open') this.#downSince ??= next.since;
    else if (next.kind !== 'half_open' && this.#downSince !== undefined) {
      downMs = at - this.#downSince;
      this.#downSince = undefined;
    }
    this.#sink.changed({ previous, next, at, downMs }, audience);
  }
}
