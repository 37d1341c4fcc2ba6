import { type Clock, systemClock } from '../clock.js';
import type { ErrorPlace } from '../errors/base.js';
import { withoutStack } from '../errors/base.js';
import { CircuitOpenError } from '../errors/call-errors.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { EventHub, type EventListener, type Subscription, type TransitionEvent } from '../observe/events.js';
import { type BreakerOptions, breakerOptions, DEFAULT_LEASE_MS } from './options.js';
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
  #counters = new BreakerCounters();
  /** Period that began because the circuit is switched off by its options, not by hand. */
  #offEpoch = -1;
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

  /**
   * Replaces thresholds; those not given stay. State, statistics and listeners are kept, and nothing opens or closes because of it:
   *
   * - failures counted so far count on; where they already reach a lower `failureThreshold`, the next failure opens the circuit,
   * - an open circuit waits as long as it said when it opened; the next wait is the new one,
   * - successful probes count on; where they already reach a lower `successThreshold`, the next one closes the circuit,
   * - probes in flight above a lower `halfOpenMaxCalls` end as they would have.
   *
   * Only `enabled` takes effect at once: `false` lets every call through, `true` begins anew, closed. A state forced by hand stays.
   *
   * @throws {ConfigurationError} where a threshold is out of range; nothing is replaced then.
   */
  reconfigure(options: Partial<BreakerOptions>): void {
    const next = breakerOptions({ ...this.#options, ...options });
    const now = this.#clock.now();
    // A lease that ran out under the old options is judged by them.
    this.#settled(now);
    const switched = next.enabled !== this.#options.enabled;
    this.#options = next;
    if (!switched) return;
    const { kind, epoch } = this.#state;
    const byHand = (kind === 'forced_closed' && epoch !== this.#offEpoch) || kind === 'forced_open' || kind === 'metrics_only';
    if (!byHand) this.#move(this.#initialState(), now, undefined);
  }

  /**
   * Takes over the state of another circuit, which calls of this one went through before. Its probes stay with it; statistics begin anew.
   *
   * @internal
   */
  continueFrom(other: CircuitBreaker): void {
    const now = this.#clock.now();
    const state = viewAt(other.#state, now, other.#options);
    const automatic = state.kind === 'closed' || state.kind === 'open' || state.kind === 'half_open';
    if (state.epoch === other.#offEpoch || (automatic && !this.#options.enabled)) return;
    const epoch = this.#nextId();
    this.#state = state.kind === 'half_open' ? { ...state, epoch, probes: [] } : { ...state, epoch };
    this.#downSince = other.#downSince;
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
    // Not thrown: throwing costs more than making the error.
    return permit === REFUSED ? Promise.reject(this.openError(start)) : this.#run(fn, permit, start);
  }

  /** A fresh error that says how long the circuit stays open. */
  openError(now: number = this.#clock.now(), where?: ErrorPlace): CircuitOpenError {
    return withoutStack(
      () => new CircuitOpenError(where ?? { service: this.service, operation: undefined }, this.name, this.retryAfterMs(now)),
    );
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
      this.exit(permit, error instanceof CircuitOpenError ? 'released' : 'failure', now, now - start);
      throw error;
    }
    const now = this.#clock.now();
    this.exit(permit, 'success', now, now - start);
    return result;
  }

  #initialState(): BreakerState {
    const since = this.#clock.now();
    const epoch = this.#nextId();
    if (this.#options.enabled) return { kind: 'closed', epoch, since, failures: 0 };
    this.#offEpoch = epoch;
    return { kind: 'forced_closed', epoch, since };
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
