import { type Clock, systemClock } from '../clock.js';
import type { ErrorPlace } from '../errors/base.js';
import { withoutStack } from '../errors/base.js';
import { CircuitOpenError } from '../errors/call-errors.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { isRefusal } from '../errors/refusal.js';
import { EventHub, type EventListener, type EventOf, type FuselineEvent, onlyOf, type Subscription } from '../observe/events.js';
import { tellFailed, tellRejected } from './breaker-events.js';
import { type BreakerInput, type BreakerOptions, breakerOptions, DEFAULT_LEASE_MS } from './options.js';
import { Permit } from './permit.js';
import { RampGate, shareAt } from './recovery/ramp.js';
import { changedOptions, refitted } from './refit.js';
import type { BreakerState, Closed, Condition, Outcome, RefusalReason } from './state.js';
import { BreakerCounters, type BreakerSnapshot, type Glance, SHOWN_STATE, snapshotOf } from './stats.js';
import { admit, closed, REFUSED, type Rules, settle, settleTime, trip, viewAt } from './transition.js';
import { transitionEvent } from './transition-event.js';
import { HealthWindow } from './window/health.js';
import { sameCalls } from './window/options.js';

export { REFUSED } from './transition.js';

/** What a breaker is made from, besides its thresholds. */
export interface BreakerSetup extends BreakerInput {
  /** Shown in events, errors and health. Default `default`. */
  readonly name?: string;
  /** Default: the name. */
  readonly service?: string;
  readonly clock?: Clock;
  /** Receives the circuit's events; a registry shares one among its circuits. */
  readonly events?: EventHub;
  /** Source of a reopen backoff's jitter, 0 to 1; asked once, as soon as there is one. Default `Math.random`. */
  readonly random?: () => number;
}

/**
 * One circuit: closed, open or half-open, by the table
 *
 * | from | to | when |
 * |---|---|---|
 * | closed | open | consecutive failures reach `failureThreshold`, or the sliding window says so |
 * | open | half-open | a call comes `recoveryTimeoutMs` (with a reopen backoff: or more) after the opening |
 * | half-open | closed | `successThreshold` probes succeeded |
 * | half-open | open | a probe failed, or outlived its lease |
 *
 * Time is read when a call comes, so a circuit holds no timer. `call` protects a function; `enter` and `exit` are the two halves for
 * whoever has the result elsewhere, and every permit must be given back by `exit`.
 *
 * @example
 * const breaker = new CircuitBreaker({ name: 'billing', failureThreshold: 3, recoveryTimeoutMs: 30_000 });
 * const invoice = await breaker.call(() => billing.fetchInvoice(id));
 */
export class CircuitBreaker {
  readonly name: string;
  readonly service: string;
  readonly events: EventHub;
  readonly #clock: Clock;
  readonly #random: () => number;
  #rules: Rules;
  /** Null without a window: its calls cost nothing then. */
  #health: HealthWindow | null;
  /** Null without a ramp. */
  #gate: RampGate | null;
  /** Whether a closed circuit has more to ask than its state. */
  #guarded: boolean;
  #state: BreakerState;
  #lastId = REFUSED;
  #downSince: number | undefined;
  #followed: CircuitBreaker[] | undefined;
  #counters = new BreakerCounters();
  /** Period that began because the circuit is switched off by its options, not by hand. */
  #offEpoch = -1;
  readonly #nextId = (): number => ++this.#lastId;

  /** @throws {ConfigurationError} where a threshold is out of range, or the name is none. */
  constructor(setup: BreakerSetup = {}) {
    const { name = 'default', service, clock = systemClock, events, random = Math.random, ...given } = setup;
    if (typeof name !== 'string' || name === '') throw new ConfigurationError('breaker.name', name, 'a name');
    this.name = name;
    this.service = service ?? name;
    this.events = events ?? new EventHub();
    this.#clock = clock;
    this.#random = random;
    const options = breakerOptions(given);
    this.#rules = { options, seed: this.#seedFor(options) };
    this.#health = windowOf(options);
    this.#gate = options.ramp === undefined ? null : new RampGate();
    this.#guarded = this.#health !== null || this.#gate !== null;
    this.#state = this.#initialState();
    this.#health?.clear(isMeasured(this.#state) ? this.#state.epoch : REFUSED, this.#state.since);
  }

  get options(): BreakerOptions {
    return this.#rules.options;
  }

  /**
   * Replaces options; those not given stay, and `slidingWindow`, `reopenBackoff` and `ramp` are replaced whole, or end where `false` is
   * given. State, statistics and listeners are kept, and nothing opens or closes because of it:
   *
   * - failures counted so far count on; where they already reach a lower `failureThreshold`, the next failure opens the circuit,
   * - an open circuit waits as long as it said when it opened; the next wait is the new one,
   * - successful probes count on; where they already reach a lower `successThreshold`, the next one closes the circuit,
   * - probes in flight above a lower `halfOpenMaxCalls` end as they would have,
   * - a window of other calls (extent, slots, slow duration) starts empty, and calls in flight meanwhile are in the statistics alone; where only
   *   thresholds change, the next call is judged by them with all that the window holds,
   * - openings in a row count on under another backoff, and are forgotten without one,
   * - a circuit that ramps up is where it would be had it closed under the new ramp; without one all calls pass at once.
   *
   * Only `enabled` takes effect at once: `false` lets every call through, `true` begins anew, closed. A state forced by hand stays.
   *
   * @throws {ConfigurationError} where an option is out of range; nothing is replaced then.
   */
  reconfigure(given: BreakerInput): void {
    const previous = this.#rules.options;
    const options = breakerOptions(changedOptions(previous, given));
    const now = this.#clock.now();
    // A lease that ran out under the old options is judged by them.
    this.#settled(now);
    this.#rules = { options, seed: this.#rules.seed ?? this.#seedFor(options) };
    this.#state = refitted(this.#state, options, now);
    const { slidingWindow } = options;
    if (!sameCalls(previous.slidingWindow, slidingWindow)) this.#replaceWindow(now);
    else if (slidingWindow !== undefined) this.#health?.retune(slidingWindow, options.failureThreshold);
    this.#gate = options.ramp === undefined ? null : (this.#gate ?? new RampGate());
    this.#guarded = this.#health !== null || this.#gate !== null;
    if (options.enabled === previous.enabled) return;
    const { kind, epoch } = this.#state;
    const byHand = (kind === 'forced_closed' && epoch !== this.#offEpoch) || kind === 'forced_open' || kind === 'metrics_only';
    if (!byHand) this.#move(this.#initialState(), now, undefined);
  }

  /**
   * What it does now, for a circuit that continues it; undefined where it is off, which is no state but its options.
   *
   * @internal
   */
  condition(): Condition | undefined {
    const state = viewAt(this.#state, this.#clock.now(), this.#rules);
    return state.epoch === this.#offEpoch ? undefined : { state, downSince: this.#downSince };
  }

  /**
   * Goes on from there. Probes stay with the circuit that let them in; statistics begin anew, and so does a window. False where it is off, and
   * nobody forced the state: then nothing changes.
   *
   * @internal
   */
  continueFrom(condition: Condition): boolean {
    const now = this.#clock.now();
    const { options } = this.#rules;
    const state = refitted(condition.state, options, now);
    const automatic = state.kind === 'closed' || state.kind === 'open' || state.kind === 'half_open';
    if (automatic && !options.enabled) return false;
    const epoch = this.#nextId();
    this.#state = state.kind === 'half_open' ? { ...state, epoch, probes: [] } : { ...state, epoch };
    this.#downSince = condition.downSince;
    this.#health?.clear(isMeasured(state) ? epoch : REFUSED, now);
    return true;
  }

  /** What its times are measured by. */
  get clock(): Clock {
    return this.#clock;
  }

  /**
   * `closed`, `open` or `half_open`, as it is now: an open circuit whose wait is over is half-open, although no probe has come yet. Looking
   * changes nothing: what time has decided becomes an event when the next call comes.
   */
  get state(): BreakerSnapshot['state'] {
    return SHOWN_STATE[viewAt(this.#state, this.#clock.now(), this.#rules).kind];
  }

  /** Milliseconds until a call may come through: 0 while calls pass or probes may, Infinity while held open by hand. */
  retryAfterMs(now: number = this.#clock.now()): number {
    const own = this.#ownWaitMs(now);
    return this.#followed === undefined ? own : Math.max(own, this.blockedBy(now)?.retryAfterMs(now) ?? 0);
  }

  /**
   * Whether a call that came now would be let through. Looking takes no place: another may come first. A ramp is not asked: its share grows
   * by the calls that come, so who stayed away because of it would wait for ever.
   */
  get admits(): boolean {
    const now = this.#clock.now();
    const state = viewAt(this.#state, now, this.#rules);
    if (state.kind === 'half_open' && state.probes.length >= this.#rules.options.halfOpenMaxCalls) return false;
    return this.retryAfterMs(now) <= 0;
  }

  /**
   * Follows another circuit: while that is open (or refuses because of one that it follows itself), calls of this one are refused.
   *
   * @throws {ConfigurationError} where that one follows this one already.
   */
  follow(other: CircuitBreaker): void {
    if (!(other instanceof CircuitBreaker)) throw new ConfigurationError('follow', other, 'a CircuitBreaker');
    if (other.#reaches(this)) {
      const hint = `'${other.name}' follows '${this.name}' already, so both would wait for each other`;
      throw new ConfigurationError(`follow of '${this.name}'`, other.name, 'a circuit that does not follow this one', hint);
    }
    if (this.#followed?.includes(other) !== true) this.#followed = [...(this.#followed ?? []), other];
  }

  /**
   * Follows that one no more.
   *
   * @internal
   */
  unfollow(other: CircuitBreaker): void {
    const rest = this.#followed?.filter((followed) => followed !== other);
    this.#followed = rest?.length === 0 ? undefined : rest;
  }

  /**
   * When it was last used; undefined where it must not be forgotten: open, probing, held by hand, or with calls under way.
   *
   * @internal
   */
  get idleSince(): number | undefined {
    const { kind, epoch, since } = this.#state;
    const { underWay, lastSuccessAt, lastFailureAt } = this.#counters;
    if ((kind !== 'closed' && epoch !== this.#offEpoch) || underWay > 0) return undefined;
    return Math.max(since, lastSuccessAt, lastFailureAt);
  }

  /** The open circuit because of which this one refuses calls, where it follows one. A circuit that is off follows none. */
  blockedBy(now: number = this.#clock.now()): CircuitBreaker | undefined {
    const { kind } = this.#state;
    if (this.#followed === undefined || kind === 'forced_closed' || kind === 'metrics_only') return undefined;
    for (const other of this.#followed) {
      const cause = other.#ownWaitMs(now) > 0 ? other : other.blockedBy(now);
      if (cause !== undefined) return cause;
    }
    return undefined;
  }

  #reaches(target: CircuitBreaker): boolean {
    return this === target || (this.#followed ?? []).some((other) => other.#reaches(target));
  }

  #ownWaitMs(now: number): number {
    const state = viewAt(this.#state, now, this.#rules);
    if (state.kind === 'forced_open') return Number.POSITIVE_INFINITY;
    return state.kind === 'open' ? state.until - now : 0;
  }

  /** Why a call that comes at `now` would be refused, or was. Where the circuit follows one that is open: why that one refuses. */
  refusalReason(now: number = this.#clock.now()): RefusalReason {
    const { kind } = viewAt(this.#state, now, this.#rules);
    // First, because nothing outlasts it: `retryAfterMs` is Infinity, whatever the others say.
    if (kind === 'forced_open') return kind;
    const blocker = this.#followed === undefined ? undefined : this.blockedBy(now);
    if (blocker !== undefined) return blocker.refusalReason(now);
    if (kind === 'open') return kind;
    return kind === 'closed' && this.#rampShare(now) < 1 ? 'ramp' : 'half_open';
  }

  /**
   * Asks for a permit at `now`. Returns it, or `REFUSED`. A permit must be given back by `exit`, once, whatever happens; one of a probe that
   * is not back after `leaseMs` counts as a failure and is worth nothing any more.
   */
  enter(now: number, leaseMs: number = DEFAULT_LEASE_MS, observer?: EventListener): number {
    this.#counters.requests++;
    if (this.#followed !== undefined && this.blockedBy(now) !== undefined) {
      this.#counters.rejected++;
      return REFUSED;
    }
    const current = this.#state;
    if (current.kind === 'closed') {
      if (!this.#guarded) return current.epoch;
      if (this.#heldBack(current, now, observer)) return REFUSED;
    }
    const settled = this.#settled(now, observer);
    const { state, permit } = admit(settled, now, leaseMs, this.#rules, this.#nextId);
    this.#move(state, now, observer);
    if (permit === REFUSED) this.#counters.rejected++;
    else if (this.#health !== null && isMeasured(state)) return this.#health.enter(now);
    return permit;
  }

  /**
   * Gives a permit back. `durationMs` and `timedOut` feed the statistics, and `durationMs` a window's slow calls. A permit of an earlier
   * period changes no state and is in no window.
   */
  exit(permit: number, outcome: Outcome, now: number, durationMs = 0, timedOut = false, observer?: EventListener): void {
    if (permit === REFUSED) return;
    this.#counters.count(outcome, now, durationMs, timedOut);
    const state = this.#state;
    if (this.#health !== null) {
      this.#exitMeasured(this.#health, permit, outcome, now, durationMs, observer);
      return;
    }
    if (state.kind === 'closed' && state.failures === 0 && outcome !== 'failure') return;
    this.#move(settle(this.#settled(now, observer), permit, outcome, now, this.#rules, this.#nextId), now, observer);
  }

  /** Undoes an `enter` whose call never started because a policy further in refused it. */
  release(permit: number, now: number = this.#clock.now()): void {
    this.exit(permit, 'released', now);
  }

  /**
   * Runs `fn` if the circuit lets it. A rejection or a synchronous throw counts as a failure and comes through unchanged; the refusal
   * of another circuit, a bulkhead or a rate limiter inside `fn` counts as nothing, for no one was asked.
   *
   * @throws {CircuitOpenError} without running `fn`, while the circuit is open.
   */
  call<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    const start = this.#clock.now();
    const permit = this.enter(start);
    if (permit !== REFUSED) return this.#run(fn, permit, start);
    tellRejected(this, start);
    // Not thrown: throwing costs more than making the error.
    return Promise.reject(this.openError(start));
  }

  /**
   * A place in the circuit for work that is no function, to be settled by hand or by the end of a `using` block; see `Permit`. One that is
   * not settled within `leaseMs` (default 30,000) is lost while half-open.
   *
   * @throws {CircuitOpenError} while the circuit is open.
   * @throws {ConfigurationError} where `leaseMs` is no duration.
   */
  acquire(options: { readonly leaseMs?: number } = {}): Permit {
    const { leaseMs = DEFAULT_LEASE_MS } = options;
    if (typeof leaseMs !== 'number' || !(leaseMs > 0)) throw new ConfigurationError('leaseMs', leaseMs, 'milliseconds, more than 0');
    const now = this.#clock.now();
    const permit = this.enter(now, leaseMs);
    if (permit !== REFUSED) return new Permit(this, permit, now);
    tellRejected(this, now);
    throw this.openError(now);
  }

  /** A fresh error that says how long the circuit stays open. */
  openError(now: number = this.#clock.now(), where?: ErrorPlace): CircuitOpenError {
    const place = where ?? { service: this.service, operation: undefined };
    const dependency = this.#followed === undefined ? undefined : this.blockedBy(now)?.name;
    return withoutStack(() => new CircuitOpenError(place, this.name, this.retryAfterMs(now), this.refusalReason(now), dependency));
  }

  /** Closes the circuit and forgets its failures; the statistics stay. Ends a forced state. */
  reset(): void {
    this.#force(this.#initialState());
  }

  /** Opens it by hand, until `reset` or another force. */
  forceOpen(): void {
    this.#force({ kind: 'forced_open', epoch: this.#nextId(), since: this.#clock.now() });
  }

  /** Lets every call through, whatever happens, until `reset` or another force. Calls are still counted. */
  forceClosed(): void {
    this.#force({ kind: 'forced_closed', epoch: this.#nextId(), since: this.#clock.now() });
  }

  /** Lets every call through and keeps counting consecutive failures, to see what a threshold would have done. */
  metricsOnly(): void {
    this.#force({ kind: 'metrics_only', epoch: this.#nextId(), since: this.#clock.now(), failures: 0 });
  }

  /** Subscribes to this circuit's events (and to those of the circuits it shares a registry with, filtered by name). */
  subscribe(listener: EventListener): Subscription {
    // Returns what the listener returns: the hub looks after an async one's rejection.
    return this.events.subscribe((event) => (event.circuit === this.name ? listener(event) : undefined));
  }

  /** As `subscribe`, for events of one type. */
  on<T extends FuselineEvent['type']>(type: T, listener: (event: EventOf<T>) => void): Subscription {
    return this.subscribe(onlyOf(type, listener));
  }

  /** Counts an answer that a fallback gave in this circuit's stead. */
  countFallback(): void {
    this.#counters.fallbacks++;
  }

  /** Consecutive failures while closed; while open, those that opened it. */
  get failureCount(): number {
    return 'failures' in this.#state ? this.#state.failures : 0;
  }

  /**
   * What it has counted, live: reading it takes no snapshot.
   *
   * @internal
   */
  get counters(): Readonly<BreakerCounters> {
    return this.#counters;
  }

  /**
   * How it is now, without what a snapshot takes long to work out.
   *
   * @internal
   */
  glance(now: number): Glance {
    const { kind, since } = viewAt(this.#state, now, this.#rules);
    return {
      state: SHOWN_STATE[kind],
      forced: kind === 'forced_open' || kind === 'metrics_only' || (kind === 'forced_closed' && this.#state.epoch !== this.#offEpoch),
      inStateMs: now - since,
      downMs: this.#downSince === undefined ? 0 : now - this.#downSince,
      retryAfterMs: this.retryAfterMs(now),
      window: this.#health?.snapshot(now),
    };
  }

  /** Everything about it, at this moment. */
  snapshot(): BreakerSnapshot {
    const now = this.#clock.now();
    const { name, service, clock } = this;
    const window = this.#health === null ? null : this.#health.snapshot(now);
    const blockedBy = this.blockedBy(now)?.name ?? null;
    const source = { name, service, clock, window, rampShare: this.#rampShare(now), downSince: this.#downSince, blockedBy };
    return snapshotOf(source, viewAt(this.#state, now, this.#rules), this.#counters, now);
  }

  toJSON(): BreakerSnapshot {
    return this.snapshot();
  }

  async #run<T>(fn: () => T | PromiseLike<T>, permit: number, start: number): Promise<T> {
    let result: T;
    try {
      result = await fn();
    } catch (error) {
      const now = this.#clock.now();
      if (isRefusal(error)) this.exit(permit, 'released', now, now - start);
      else {
        tellFailed(this, error);
        this.exit(permit, 'failure', now, now - start);
      }
      throw error;
    }
    const now = this.#clock.now();
    this.exit(permit, 'success', now, now - start);
    return result;
  }

  #initialState(): BreakerState {
    const since = this.#clock.now();
    const epoch = this.#nextId();
    if (this.#rules.options.enabled) return closed(epoch, since);
    this.#offEpoch = epoch;
    return { kind: 'forced_closed', epoch, since };
  }

  /** Drawn once: a later backoff keeps it. */
  #seedFor({ reopenBackoff }: BreakerOptions): number | undefined {
    return reopenBackoff === undefined ? undefined : Math.floor(this.#random() * 2 ** 32);
  }

  /** Calls that began under the old window would be taken from places of the new one that they were never put in: a new period begins. */
  #replaceWindow(now: number): void {
    this.#health = windowOf(this.#rules.options);
    if (isMeasured(this.#state)) this.#move({ ...this.#state, epoch: this.#nextId() }, now, undefined);
    else this.#health?.clear(REFUSED, now);
  }

  #settled(now: number, observer?: EventListener): BreakerState {
    const settled = settleTime(this.#state, now, this.#rules, this.#nextId);
    if (settled !== this.#state) this.#move(settled, now, observer);
    return this.#state;
  }

  #force(state: BreakerState): void {
    const now = this.#clock.now();
    this.#settled(now);
    this.#move(state, now, undefined);
  }

  /** A closed circuit with a ramp may refuse, and one with a window may have to open because calls hang. True: the call is refused here. */
  #heldBack(state: Closed, now: number, observer: EventListener | undefined): boolean {
    if (this.#health?.hangs(now)) {
      const reason = this.#health.verdict(now);
      if (reason !== undefined) {
        this.#move(trip(state, now, reason, this.#rules, this.#nextId), now, observer);
        return false;
      }
    }
    if (this.#gate === null || now >= state.rampUntil || this.#gate.admits(this.#rampShare(now))) return false;
    this.#counters.rejected++;
    this.#counters.rampRejected++;
    return true;
  }

  #exitMeasured(
    health: HealthWindow,
    permit: number,
    outcome: Outcome,
    now: number,
    durationMs: number,
    observer: EventListener | undefined,
  ): void {
    const state = this.#settled(now, observer);
    // A closed period's permit carries more than its epoch, see `InFlight`.
    const held = Math.floor(permit);
    let tripped: ReturnType<HealthWindow['verdict']>;
    if (held === state.epoch && isMeasured(state) && (outcome === 'success' || outcome === 'failure')) {
      health.record(permit, outcome === 'failure', durationMs, now);
      tripped = health.verdict(now);
    } else health.forget(permit);
    this.#move(settle(state, held, outcome, now, this.#rules, this.#nextId, tripped), now, observer);
  }

  #rampShare(now: number): number {
    const state = this.#state;
    const { ramp } = this.#rules.options;
    return ramp === undefined || state.kind !== 'closed' ? 1 : shareAt(ramp, state.rampUntil, now);
  }

  /** The only place that replaces the state. The event goes out after the state stands, so that a listener sees the truth. */
  #move(next: BreakerState, now: number, observer: EventListener | undefined): void {
    const previous = this.#state;
    if (next === previous) return;
    this.#state = next;
    if (next.epoch !== previous.epoch && SHOWN_STATE[next.kind] === 'closed') {
      // Nothing of another period counts in this one.
      this.#health?.clear(isMeasured(next) ? next.epoch : REFUSED, now);
      this.#gate?.reset();
    }
    if (next.kind === previous.kind) return;
    const c = this.#counters;
    let downMs: number | undefined;
    if (next.kind === 'open' || next.kind === 'forced_open') {
      c.opens++;
      this.#downSince ??= next.since;
    } else if (next.kind !== 'half_open' && this.#downSince !== undefined) {
      downMs = now - this.#downSince;
      this.#downSince = undefined;
    }
    c.moved(previous.kind, next.kind, downMs);
    if (this.events.silent && observer === undefined) return;
    const window = next.kind === 'open' && previous.kind === 'closed' ? this.#health?.snapshot(now) : undefined;
    const event = transitionEvent(this, previous, next, this.#rules.options, this.#clock.wallNow(), { downMs, window });
    this.events.emit(event, observer);
  }
}

/** Do calls of this state go through the window? */
function isMeasured(state: BreakerState): boolean {
  return state.kind === 'closed' || state.kind === 'metrics_only';
}

function windowOf({ slidingWindow, failureThreshold }: BreakerOptions): HealthWindow | null {
  return slidingWindow === undefined ? null : new HealthWindow(slidingWindow, failureThreshold);
}
