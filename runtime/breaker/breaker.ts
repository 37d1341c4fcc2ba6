import { type Clock, systemClock } from '../clock.js';
import type { ErrorPlace } from '../errors/base.js';
import { withoutStack } from '../errors/base.js';
import { CircuitOpenError } from '../errors/call-errors.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import {
  EventHub,
  type EventListener,
  type EventOf,
  type FuselineEvent,
  onlyOf,
  type Subscription,
  type TransitionEvent,
} from '../observe/events.js';
import { tellFailed, tellRejected } from './breaker-events.js';
import { type BreakerOptions, breakerOptions, DEFAULT_LEASE_MS } from './options.js';
import { Permit } from './permit.js';
import type { BreakerState, Outcome } from './state.js';
import { BreakerCounters, type BreakerSnapshot, SHOWN_STATE, snapshotOf } from './stats.js';
import { admit, REFUSED, settle, settleTime, viewAt } from './transition.js';

export { REFUSED } from './transition.js';

/** What a breaker is made from, besides its thresholds. */
export interface BreakerSetup extends Partial<BreakerOptions> {
  /** Shown in events, errors and health. Default `default`. */
  readonly name?: string;
  /** Default: the name. */
  readonly service?: string;
  readonly clock?: Clock;
  /** Receives the circuit's events; a registry shares one among its circuits. */
  readonly events?: EventHub;
}

/**
 * One circuit: closed, open or half-open, by the table
 *
 * | from | to | when |
 * |---|---|---|
 * | closed | open | consecutive failures reach `failureThreshold` |
 * | open | half-open | a call comes `recoveryTimeoutMs` or more after the opening |
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
  #options: BreakerOptions;
  #state: BreakerState;
  #lastId = REFUSED;
  #downSince = -1;
  #followed: CircuitBreaker[] | undefined;
  #counters = new BreakerCounters();
  readonly #nextId = (): number => ++this.#lastId;

  /** @throws {ConfigurationError} where a threshold is out of range, or the name is none. */
  constructor(setup: BreakerSetup = {}) {
    const { name = 'default', service, clock = systemClock, events, ...options } = setup;
    if (typeof name !== 'string' || name === '') throw new ConfigurationError('breaker.name', name, 'a name');
    this.name = name;
    this.service = service ?? name;
    this.events = events ?? new EventHub();
    this.#clock = clock;
    this.#options = breakerOptions(options);
    this.#state = this.#initialState();
  }

  get options(): BreakerOptions {
    return this.#options;
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
    return SHOWN_STATE[viewAt(this.#state, this.#clock.now(), this.#options).kind];
  }

  /** Milliseconds until a call may come through: 0 while calls pass or probes may, Infinity while held open by hand. */
  retryAfterMs(now: number = this.#clock.now()): number {
    const own = this.#ownWaitMs(now);
    return this.#followed === undefined ? own : Math.max(own, this.blockedBy(now)?.retryAfterMs(now) ?? 0);
  }

  /** Whether a call that came now would be let through. Looking takes no place: another may come first. */
  get admits(): boolean {
    const now = this.#clock.now();
    const state = viewAt(this.#state, now, this.#options);
    if (state.kind === 'half_open' && state.probes.length >= this.#options.halfOpenMaxCalls) return false;
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
    const state = viewAt(this.#state, now, this.#options);
    if (state.kind === 'forced_open') return Number.POSITIVE_INFINITY;
    return state.kind === 'open' ? state.until - now : 0;
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
    if (current.kind === 'closed') return current.epoch;
    const settled = this.#settled(now, observer);
    const admission = admit(settled, now, leaseMs, this.#options, this.#nextId);
    this.#move(admission.state, now, observer);
    if (admission.permit === REFUSED) this.#counters.rejected++;
    return admission.permit;
  }

  /** Gives a permit back. `durationMs` and `timedOut` feed the statistics. A permit of an earlier period changes no state. */
  exit(permit: number, outcome: Outcome, now: number, durationMs = 0, timedOut = false, observer?: EventListener): void {
    if (permit === REFUSED) return;
    this.#count(outcome, now, durationMs, timedOut);
    const state = this.#state;
    if (state.kind === 'closed' && state.failures === 0 && outcome !== 'failure') return;
    this.#move(settle(this.#settled(now, observer), permit, outcome, now, this.#options, this.#nextId), now, observer);
  }

  /** Undoes an `enter` whose call never started because a policy further in refused it. */
  release(permit: number, now: number = this.#clock.now()): void {
    this.exit(permit, 'released', now);
  }

  /**
   * Runs `fn` if the circuit lets it. A rejection or a synchronous throw counts as a failure and comes through unchanged; that of another
   * open circuit inside `fn` counts as nothing, for no one was asked.
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
    return withoutStack(() => new CircuitOpenError(place, this.name, this.retryAfterMs(now), dependency));
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

  /** Everything about it, at this moment. */
  snapshot(): BreakerSnapshot {
    const now = this.#clock.now();
    return snapshotOf(this, viewAt(this.#state, now, this.#options), this.#counters, now);
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
      if (error instanceof CircuitOpenError) this.exit(permit, 'released', now, now - start);
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
    return this.#options.enabled ? { kind: 'closed', epoch, since, failures: 0 } : { kind: 'forced_closed', epoch, since };
  }

  #settled(now: number, observer?: EventListener): BreakerState {
    const settled = settleTime(this.#state, now, this.#options, this.#nextId);
    if (settled !== this.#state) this.#move(settled, now, observer);
    return this.#state;
  }

  #force(state: BreakerState): void {
    const now = this.#clock.now();
    this.#settled(now);
    this.#move(state, now, undefined);
  }

  #count(outcome: Outcome, now: number, durationMs: number, timedOut: boolean): void {
    const c = this.#counters;
    if (outcome === 'success') {
      c.successes++;
      c.consecutiveSuccesses++;
      c.consecutiveFailures = 0;
      c.totalDurationMs += durationMs;
      c.lastSuccessAt = now;
    } else if (outcome === 'failure') {
      c.failures++;
      if (timedOut) c.timeouts++;
      c.consecutiveFailures++;
      c.consecutiveSuccesses = 0;
      c.totalDurationMs += durationMs;
      c.lastFailureAt = now;
    } else if (outcome === 'ignored') c.ignored++;
    else c.released++;
  }

  /** The only place that replaces the state. The event goes out after the state stands, so that a listener sees the truth. */
  #move(next: BreakerState, now: number, observer: EventListener | undefined): void {
    const previous = this.#state;
    if (next === previous) return;
    this.#state = next;
    if (next.kind === previous.kind) return;
    const c = this.#counters;
    c.stateChanges++;
    let downMs: number | undefined;
    if (next.kind === 'open' || next.kind === 'forced_open') {
      c.opens++;
      if (this.#downSince < 0) this.#downSince = next.since;
    } else if (next.kind !== 'half_open' && this.#downSince >= 0) {
      downMs = now - this.#downSince;
      this.#downSince = -1;
    }
    if (this.events.silent && observer === undefined) return;
    const event: TransitionEvent = {
      type: EVENT_TYPES[next.kind],
      circuit: this.name,
      service: this.service,
      at: this.#clock.wallNow(),
      oldState: previous.kind,
      newState: next.kind,
      failureCount: next.kind === 'open' ? next.failures : 'failures' in previous ? previous.failures : 0,
      recoveryTimeoutMs: this.#options.recoveryTimeoutMs,
      ...(downMs === undefined ? {} : { downMs }),
    };
    this.events.emit(event, observer);
  }
}

const EVENT_TYPES = {
  closed: 'circuit_closed',
  open: 'circuit_opened',
  half_open: 'circuit_half_open',
  forced_open: 'circuit_forced_open',
  forced_closed: 'circuit_forced_closed',
  metrics_only: 'circuit_metrics_only',
} as const;
