import type { Clock } from '../../clock.js';
import { type ErrorPlace, withoutStack } from '../../errors/base.js';
import { CircuitOpenError } from '../../errors/call-errors.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenObject } from '../../errors/given.js';
import { namesOf, refuseInherited } from '../../errors/known-options.js';
import {
  type Audience,
  CALLER,
  EventHub,
  type EventListener,
  type EventOf,
  type FuselineEvent,
  type Subscription,
} from '../../observe/events.js';
import { userFunction } from '../../user-code.js';
import { tellChanged, tellRejected } from './announcer.js';
import { countedRun } from './counted-run.js';
import { BreakerCounters } from './counters.js';
import { type Follows, firstOpen, heldBackMs, withFollowed, withNames } from './follows.js';
import { type Change, Machine } from './machine.js';
import { type BreakerInput, type BreakerOptions, breakerOptions, DEFAULT_LEASE_MS } from './options.js';
import { Permit } from './permit.js';
import { changedOptions } from './refit.js';
import { type BreakerSetup, checkedSetup } from './setup.js';
import { SHOWN_STATE } from './shown-state.js';
import { type SlotKey, Slots } from './slots.js';
import { type BreakerSnapshot, type Glance, glanceOf, snapshotOf } from './snapshot.js';
import type { Condition, Outcome, RefusalReason } from './state.js';
import { REFUSED } from './transition.js';

export type { BreakerSetup } from './setup.js';
export { REFUSED } from './transition.js';

const ACQUIRE = namesOf<{ readonly leaseMs?: number }>({ leaseMs: 1 });

/** What an unused circuit has counted. */
const NO_CALLS: Readonly<BreakerCounters> = new BreakerCounters();

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
 * The circuit reads the time when a call comes, so it holds no timer. `call` protects a function. `enter` and `exit` are its two halves for
 * code that gets the result elsewhere; every permit must be given back by `exit`.
 *
 * @example
 * const breaker = new CircuitBreaker({ name: 'billing', failureThreshold: 3, recoveryTimeoutMs: 30_000 });
 * const invoice = await breaker.call(() => billing.fetchInvoice(id));
 */
export class CircuitBreaker {
  readonly name: string;
  readonly service: string;
  /** The clock that its times are measured by. */
  readonly clock: Clock;
  /**
   * The name under which the registry was asked for this circuit, if it has another one. Stored here because a separate map would add 10 % to
   * an idle circuit.
   *
   * @internal
   */
  family: string | undefined = undefined;
  /**
   * When the registry was last asked for this circuit; undefined if only once.
   *
   * @internal
   */
  askedAt: number | undefined = undefined;
  readonly #machine: Machine;
  /** Made when they are first needed, as is everything below: most circuits of a registry are idle. */
  #counters: BreakerCounters | undefined;
  #events: EventHub | undefined;
  #follows: Follows<CircuitBreaker> | undefined;
  #slots: Slots | undefined;

  /** @throws {ConfigurationError} if a threshold is out of range or the name is empty. */
  constructor(setup: BreakerSetup = {}) {
    const { name, service, clock, events, draw, options } = checkedSetup(setup);
    this.name = name;
    this.service = service;
    this.clock = clock;
    this.#events = events;
    this.#machine = new Machine(options, draw, clock.now(), this);
  }

  /** Receives the circuit's events; the circuits of a registry share one. */
  get events(): EventHub {
    this.#events ??= new EventHub();
    return this.#events;
  }

  get options(): BreakerOptions {
    return this.#machine.options;
  }

  /**
   * `closed`, `open` or `half_open`, as it is now: an open circuit whose wait is over is half-open, although no probe has come yet. Reading
   * changes nothing: what time has decided becomes an event when the next call comes.
   */
  get state(): BreakerSnapshot['state'] {
    return SHOWN_STATE[this.#machine.stateAt(this.clock.now()).kind];
  }

  /** Consecutive failures while closed; while open, those that opened it. */
  get failureCount(): number {
    const { current } = this.#machine;
    return 'failures' in current ? current.failures : 0;
  }

  /**
   * Runs `fn` if the circuit lets it. A rejection or a synchronous throw counts as a failure and comes through unchanged. The refusal
   * of another circuit, a bulkhead or a rate limiter inside `fn` does not count, because no request was sent.
   *
   * @throws {CircuitOpenError} without running `fn`, while the circuit is open.
   */
  call<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    // A fault of the caller, not of the service: it must not count.
    if (typeof fn !== 'function') return Promise.reject(new ConfigurationError('fn', fn, 'a function'));
    const start = this.clock.now();
    const permit = this.enter(start, DEFAULT_LEASE_MS, CALLER);
    if (permit !== REFUSED) return countedRun(this, userFunction(fn), permit, start);
    tellRejected(this, start);
    // Not thrown: throwing costs more than making the error.
    return Promise.reject(this.openError(start));
  }

  /**
   * Takes a place in the circuit for work that is not a function. The place is settled by hand or by the end of a `using` block; see `Permit`.
   * While half-open, a permit that is not settled within `leaseMs` (default 30,000) counts as a failure.
   *
   * @throws {CircuitOpenError} while the circuit is open.
   * @throws {ConfigurationError} if `leaseMs` is not a positive number.
   */
  acquire(options: { readonly leaseMs?: number } = {}): Permit {
    refuseInherited('acquire', givenObject('options of acquire', options), ACQUIRE);
    const { leaseMs = DEFAULT_LEASE_MS } = options;
    if (typeof leaseMs !== 'number' || !(leaseMs > 0)) throw new ConfigurationError('leaseMs', leaseMs, 'milliseconds, more than 0');
    const now = this.clock.now();
    const permit = this.enter(now, leaseMs, CALLER);
    if (permit !== REFUSED) return new Permit(this, permit, now);
    tellRejected(this, now);
    throw this.openError(now);
  }

  /**
   * Asks for a permit at `now`. Returns it, or `REFUSED`. A permit must be given back by `exit`, once, whatever happens. A probe's permit that
   * is not back after `leaseMs` counts as a failure, and is worth nothing from then on.
   */
  enter(now: number, leaseMs: number = DEFAULT_LEASE_MS, audience?: Audience): number {
    const counters = this.#counted();
    counters.requests++;
    if (this.#follows !== undefined && firstOpen<CircuitBreaker>(this, now) !== undefined) {
      counters.rejected++;
      return REFUSED;
    }
    const permit = this.#machine.enter(now, leaseMs, audience);
    if (permit === REFUSED) {
      counters.rejected++;
      // A closed circuit refuses nothing but what its ramp holds back.
      if (this.#machine.current.kind === 'closed') counters.rampRejected++;
    }
    return permit;
  }

  /**
   * Gives a permit back. `durationMs` and `timedOut` feed the statistics, and `durationMs` a window's slow calls. A permit of an earlier
   * period changes no state and is in no window.
   */
  exit(permit: number, outcome: Outcome, now: number, durationMs = 0, timedOut = false, audience?: Audience): void {
    if (permit === REFUSED) return;
    this.#counted().count(outcome, now, durationMs, timedOut);
    this.#machine.exit(permit, outcome, now, durationMs, audience);
  }

  /** Undoes an `enter` whose call never started because an inner policy refused it. */
  release(permit: number, now: number = this.clock.now()): void {
    // Stryker disable next-line StringLiteral: what is none of the other outcomes counts as released; the types let nothing else through.
    this.exit(permit, 'released', now);
  }

  /** Returns a fresh error that says how long the circuit stays open. */
  openError(now: number = this.clock.now(), where?: ErrorPlace): CircuitOpenError {
    const place = where ?? { service: this.service, operation: undefined };
    const dependency = this.blockedBy(now)?.name;
    return withoutStack(() => new CircuitOpenError(place, this.name, this.retryAfterMs(now), this.refusalReason(now), dependency));
  }

  /** Closes the circuit and forgets its failures; the statistics stay. Ends a forced state. */
  reset(): void {
    this.#machine.force('closed', this.clock.now());
  }

  /** Opens the circuit by hand, until `reset` or another force. */
  forceOpen(): void {
    this.#machine.force('forced_open', this.clock.now());
  }

  /** Lets every call through, whatever happens, until `reset` or another force. Calls are still counted. */
  forceClosed(): void {
    this.#machine.force('forced_closed', this.clock.now());
  }

  /** Lets every call through and keeps counting consecutive failures, to show what a threshold would have done. */
  metricsOnly(): void {
    this.#machine.force('metrics_only', this.clock.now());
  }

  /** Milliseconds until a call can come through: 0 while calls pass or probes can, Infinity while forced open. */
  retryAfterMs(now: number = this.clock.now()): number {
    const ownMs = this.#machine.waitMs(now);
    return this.#follows === undefined ? ownMs : Math.max(ownMs, heldBackMs<CircuitBreaker>(this, now));
  }

  /**
   * Whether a call that came now would be let through. Reading takes no place: another call can come first. The ramp is not asked: its share
   * grows with the calls that come, so a caller that stayed away because of it would wait forever.
   */
  get admits(): boolean {
    const now = this.clock.now();
    const state = this.#machine.stateAt(now);
    if (state.kind === 'half_open' && state.probes.length >= this.options.halfOpenMaxCalls) return false;
    return this.retryAfterMs(now) <= 0;
  }

  /** Why a call that comes at `now` would be refused, or was. If a followed circuit is open: why that one refuses. */
  refusalReason(now: number = this.clock.now()): RefusalReason {
    const waitMs = this.retryAfterMs(now);
    if (waitMs > 0) return waitMs === Number.POSITIVE_INFINITY ? 'forced_open' : 'open';
    return this.#machine.rampShare(now) < 1 ? 'ramp' : 'half_open';
  }

  /** The open circuit because of which this one refuses calls; undefined if there is none. A circuit that is off follows none. */
  blockedBy(now: number = this.clock.now()): CircuitBreaker | undefined {
    // Stryker disable next-line ConditionalExpression: a short cut; a circuit that follows none is blocked by none.
    return this.#follows === undefined ? undefined : firstOpen<CircuitBreaker>(this, now);
  }

  /**
   * Follows another circuit: while that one is open (or refuses because of one that it follows itself), calls of this one are refused.
   *
   * @throws {ConfigurationError} if that one already follows this one.
   */
  follow(other: CircuitBreaker): void {
    if (!(other instanceof CircuitBreaker)) throw new ConfigurationError('follow', other, 'a CircuitBreaker');
    this.#follows = withFollowed<CircuitBreaker>(this.#follows, this, other);
  }

  /** Subscribes to this circuit's events (and to those of the circuits it shares a registry with, filtered by name). */
  subscribe(listener: EventListener): Subscription {
    return this.events.subscribe(listener, ({ circuit }) => circuit === this.name);
  }

  /** As `subscribe`, for events of one type. */
  on<T extends FuselineEvent['type']>(type: T, listener: (event: EventOf<T>) => void): Subscription {
    return this.events.subscribe(listener, (event) => event.circuit === this.name && event.type === type);
  }

  /** Counts a call that a fallback answered instead of this circuit's service. */
  countFallback(): void {
    this.#counted().fallbacks++;
  }

  /** Returns everything about the circuit at this moment. */
  snapshot(): BreakerSnapshot {
    const now = this.clock.now();
    return snapshotOf(this, this.#machine, this.#counters ?? NO_CALLS, now);
  }

  toJSON(): BreakerSnapshot {
    return this.snapshot();
  }

  /**
   * Replaces options. Options that are not given stay; `slidingWindow`, `reopenBackoff` and `ramp` are replaced whole, or removed by `false`.
   *
   * State, statistics and listeners are kept, and this call neither opens nor closes the circuit. Failures, probes and openings count on, and are
   * judged by the new options when the next call ends. An open circuit waits as long as it said. A window of other calls (extent, slots, slow
   * duration) starts empty.
   *
   * Only `enabled` takes effect immediately: `false` lets every call through, `true` starts over, closed. A state forced by hand stays.
   *
   * @throws {ConfigurationError} if an option is out of range; nothing is replaced then.
   */
  reconfigure(given: BreakerInput): void {
    const options = breakerOptions(changedOptions(this.options, givenObject('breaker', given)));
    this.#machine.reconfigure(options, this.clock.now());
  }

  /**
   * Returns what another circuit needs to continue this one; undefined while this one is off.
   *
   * @internal
   */
  condition(): Condition | undefined {
    return this.#machine.condition(this.clock.now());
  }

  /**
   * Continues another circuit. Returns false, and changes nothing, if this one is off.
   *
   * @internal
   */
  continueFrom(condition: Condition): boolean {
    return this.#machine.continueFrom(condition, this.clock.now());
  }

  /**
   * Opens because other processes found the service down. Returns false, and changes nothing, unless the circuit is closed.
   *
   * @internal
   */
  openWithPeers(leftMs: number): boolean {
    return this.#machine.openWithPeers(this.clock.now(), leftMs);
  }

  /**
   * Also follows the circuits that names of its registry mean at each moment.
   *
   * @internal
   */
  followByName(byName: (() => Iterable<CircuitBreaker>) | undefined): void {
    this.#follows = withNames(this.#follows, byName);
  }

  /** @internal */
  get followed(): Iterable<CircuitBreaker> {
    return this.#follows ?? [];
  }

  /** @internal */
  get followsNone(): boolean {
    const { kind } = this.#machine.current;
    return kind === 'forced_closed' || kind === 'metrics_only';
  }

  /** @internal */
  waitMs(now: number): number {
    return this.#machine.waitMs(now);
  }

  /**
   * When the circuit was last used or asked for; undefined if it must not be forgotten: open, probing, held by hand, or with calls under way.
   *
   * @internal
   */
  get idleSince(): number | undefined {
    const { current, isOff } = this.#machine;
    const { underWay, lastSuccessAt, lastFailureAt } = this.#counters ?? NO_CALLS;
    if ((current.kind !== 'closed' && !isOff) || underWay > 0) return undefined;
    return Math.max(current.since, lastSuccessAt, lastFailureAt, this.askedAt ?? current.since);
  }

  /**
   * What the circuit has counted, live: reading it makes no snapshot.
   *
   * @internal
   */
  get counters(): Readonly<BreakerCounters> {
    return this.#counted();
  }

  /**
   * Returns how the circuit is at `now`, without the parts of a snapshot that take long to work out.
   *
   * @internal
   */
  glance(now: number): Glance {
    return glanceOf(this, this.#machine, now);
  }

  /**
   * Counts and announces a change of the machine's state.
   *
   * @internal
   */
  changed(change: Change, audience: Audience | undefined): void {
    this.#counted().changed(change);
    tellChanged(this, change, this.#machine, audience);
  }

  /** @internal */
  slot<T>(key: SlotKey<T>, make: () => T): T {
    this.#slots ??= new Slots();
    return this.#slots.slot(key, make);
  }

  /** @internal */
  peek<T>(key: SlotKey<T>): T | undefined {
    return this.#slots?.peek(key);
  }

  #counted(): BreakerCounters {
    this.#counters ??= new BreakerCounters();
    return this.#counters;
  }
}
