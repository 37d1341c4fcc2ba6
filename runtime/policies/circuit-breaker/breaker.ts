import type { Clock } from '../../clock.js';
import { type ErrorPlace, withoutStack } from '../../errors/base.js';
import { CircuitOpenError } from '../../errors/call-errors.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenObject } from '../../errors/given.js';
import { isInstance } from '../../errors/readable.js';
import { type Audience, EventHub, type EventListener } from '../../observe/event-hub.js';
import type { EventOf, FuselineEvent } from '../../observe/events.js';
import type { Subscription } from '../../observe/subscription.js';
import { userFunction } from '../../user-code.js';
import { tellChanged } from './announcer.js';
import { countedCall } from './counted-run.js';
import { BreakerCounters } from './counters.js';
import { type Follows, firstOpen, heldBackMs, withFollowed, withNames } from './follows.js';
import { type Change, Machine } from './machine.js';
import { Openings, tellFollowers } from './openings.js';
import { type BreakerInput, type BreakerOptions, breakerOptions, DEFAULT_LEASE_MS } from './options.js';
import { type AcquireOptions, acquirePermit, type Permit } from './permit.js';
import { changedOptions } from './refit.js';
import { type BreakerSetup, checkedSetup } from './setup.js';
import { SHOWN_STATE } from './shown-state.js';
import { type SlotKey, Slots } from './slots.js';
import { type BreakerSnapshot, snapshotOf } from './snapshot.js';
import type { OpenReason, Outcome, RefusalReason } from './state.js';
import { REFUSED } from './transition.js';

export type { BreakerSetup } from './setup.js';
export { REFUSED } from './transition.js';

/** The counters of an unused circuit. */
const NO_CALLS: Readonly<BreakerCounters> = new BreakerCounters();

/**
 * A circuit breaker. The circuit is closed, open or half-open, and changes its state as follows:
 *
 * | from | to | when |
 * |---|---|---|
 * | closed | open | consecutive failures reach `failureThreshold`, or the sliding window reaches one of its thresholds |
 * | open | half-open | a call arrives after the wait, which is `recoveryTimeoutMs` (longer with a reopen backoff) |
 * | half-open | closed | `successThreshold` probes succeeded |
 * | half-open | open | a probe failed, or did not end within its lease |
 *
 * The circuit reads the clock when a call arrives, so it needs no timer. `call` protects a function. `enter` and `exit` are the two halves of `call`,
 * for code that gets its result elsewhere. Every permit must be given back with `exit`.
 *
 * @example
 * const breaker = new CircuitBreaker({ name: 'billing', failureThreshold: 3, recoveryTimeoutMs: 30_000 });
 * const invoice = await breaker.call(() => billing.fetchInvoice(id));
 */
export class CircuitBreaker {
  readonly name: string;
  readonly service: string;
  /** The clock of all times of this circuit. */
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
  /** Created when first needed, like the fields below, because most circuits of a registry are idle. */
  #counters: BreakerCounters | undefined;
  #events: EventHub | undefined;
  #follows: Follows<CircuitBreaker> | undefined;
  #slots: Slots | undefined;
  #openings: Openings | undefined;

  /** @throws {ConfigurationError} if a threshold is out of range or the name is empty. */
  constructor(setup: BreakerSetup = {}) {
    const { name, service, clock, events, draw, options } = checkedSetup(setup);
    this.name = name;
    this.service = service;
    this.clock = clock;
    this.#events = events;
    this.#machine = new Machine(options, draw, clock.now(), this);
  }

  /** The hub that receives the circuit's events. All circuits of a registry share one hub. */
  get events(): EventHub {
    this.#events ??= new EventHub();
    return this.#events;
  }

  get options(): BreakerOptions {
    return this.#machine.options;
  }

  /**
   * The current state: `closed`, `open` or `half_open`. An open circuit whose wait is over is reported as `half_open`, even before the first probe.
   * Reading has no side effect: the circuit emits the event of a change that is due when the next call arrives.
   */
  get state(): BreakerSnapshot['state'] {
    return SHOWN_STATE[this.#machine.stateAt(this.clock.now()).kind];
  }

  /** Consecutive failures. While the circuit is open, the failures that opened it. */
  get failureCount(): number {
    const { current } = this.#machine;
    return 'failures' in current ? current.failures : 0;
  }

  /**
   * Runs `fn` if the circuit admits the call. A rejection or a synchronous exception counts as a failure and is passed on unchanged. If another
   * circuit, a bulkhead or a rate limiter inside `fn` refuses the call, this circuit does not count it, because no request was sent.
   *
   * @throws {CircuitOpenError} without running `fn`, while the circuit is open.
   */
  call<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    // A mistake of the caller, not a failure of the service, so it is not counted.
    if (typeof fn !== 'function') return Promise.reject(new ConfigurationError('fn', fn, 'a function'));
    return countedCall(this, userFunction(fn));
  }

  /**
   * Takes a permit for work that is not a function. Settle the permit with one of its methods, or by the end of a `using` block; see `Permit`. While
   * the circuit is half-open, a permit that is not settled within `leaseMs` milliseconds counts as a failure. Default 30,000.
   *
   * @throws {CircuitOpenError} while the circuit is open.
   * @throws {ConfigurationError} if `leaseMs` is not a positive number, or another option is given.
   */
  acquire(options?: AcquireOptions): Permit {
    return acquirePermit(this, options);
  }

  /**
   * Requests a permit at `now`. Returns the permit, or `REFUSED`. A permit must be given back with exactly one call of `exit`. If the permit of a
   * probe is not given back within `leaseMs` milliseconds, it counts as a failure and is ignored afterwards.
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
      // A closed circuit refuses only the calls that its ramp holds back.
      if (this.#machine.current.kind === 'closed') counters.rampRejected++;
    }
    return permit;
  }

  /**
   * Gives a permit back. The statistics use `durationMs` and `timedOut`; the sliding window uses `durationMs` to detect slow calls. A permit of an
   * earlier period changes no state and is not counted in the window.
   */
  exit(permit: number, outcome: Outcome, now: number, durationMs = 0, timedOut = false, audience?: Audience): void {
    if (permit === REFUSED) return;
    this.#counted().count(outcome, now, durationMs, timedOut);
    this.#machine.exit(permit, outcome, now, durationMs, audience);
  }

  /** Gives back the permit of a call that never started, because an inner policy refused it. */
  release(permit: number, now: number = this.clock.now()): void {
    // Stryker disable next-line StringLiteral: what is none of the other outcomes counts as released; the types let nothing else through.
    this.exit(permit, 'released', now);
  }

  /** Creates an error that reports how long the circuit stays open. */
  openError(now: number = this.clock.now(), where?: ErrorPlace): CircuitOpenError {
    const place = where ?? { service: this.service, operation: undefined };
    const dependency = this.blockedBy(now)?.name;
    const why = this.openReason(now);
    return withoutStack(() => new CircuitOpenError(place, this.name, this.retryAfterMs(now), this.refusalReason(now), dependency, why));
  }

  /** Closes the circuit, clears its failures and ends a forced state. The statistics are kept. */
  reset(): void {
    this.#machine.force('closed', this.clock.now());
  }

  /** Forces the circuit open, until `reset`, `forceClosed` or `metricsOnly` is called. */
  forceOpen(): void {
    this.#machine.force('forced_open', this.clock.now());
  }

  /** Forces the circuit closed: every call is admitted until `reset`, `forceOpen` or `metricsOnly` is called. Calls are still counted. */
  forceClosed(): void {
    this.#machine.force('forced_closed', this.clock.now());
  }

  /** Admits every call and still counts consecutive failures, to show whether a threshold would have opened the circuit. */
  metricsOnly(): void {
    this.#machine.force('metrics_only', this.clock.now());
  }

  /** Returns the milliseconds until a call can be admitted: 0 while calls or probes can pass, Infinity while the circuit is forced open. */
  retryAfterMs(now: number = this.clock.now()): number {
    const ownMs = this.#machine.waitMs(now);
    return this.#follows === undefined ? ownMs : Math.max(ownMs, heldBackMs<CircuitBreaker>(this, now));
  }

  /**
   * True if a call that arrived now would be admitted. Reading it takes no permit, so another call can take the permit first. The ramp is not
   * considered: it admits a share of the calls that arrive, so a caller that stopped calling because of it would never be admitted.
   */
  get admits(): boolean {
    const now = this.clock.now();
    const state = this.#machine.stateAt(now);
    if (state.kind === 'half_open' && state.probes.length >= this.options.halfOpenMaxCalls) return false;
    return this.retryAfterMs(now) <= 0;
  }

  /** Returns why the circuit that refuses calls at `now` opened: this one, or one that it follows. Undefined if it is not open, or forced open. */
  openReason(now: number = this.clock.now()): OpenReason | undefined {
    const { current } = (this.blockedBy(now) ?? this).#machine;
    return current.kind === 'open' ? current.reason : undefined;
  }

  /** Returns why a call at `now` is refused. If a followed circuit is open, returns the reason of that circuit. */
  refusalReason(now: number = this.clock.now()): RefusalReason {
    const waitMs = this.retryAfterMs(now);
    if (waitMs > 0) return waitMs === Number.POSITIVE_INFINITY ? 'forced_open' : 'open';
    return this.#machine.rampShare(now) < 1 ? 'ramp' : 'half_open';
  }

  /** Returns the open circuit because of which this one refuses calls, or undefined. A circuit that is off is blocked by none. */
  blockedBy(now: number = this.clock.now()): CircuitBreaker | undefined {
    // Stryker disable next-line ConditionalExpression: a short cut; a circuit that follows none is blocked by none.
    return this.#follows === undefined ? undefined : firstOpen<CircuitBreaker>(this, now);
  }

  /**
   * Makes this circuit follow another one. While `other` is open, or refuses because of a circuit that it follows, this circuit refuses calls.
   *
   * @throws {ConfigurationError} if `other` already follows this circuit.
   */
  follow(other: CircuitBreaker): void {
    if (!isInstance(other, CircuitBreaker)) throw new ConfigurationError('follow', other, 'a CircuitBreaker');
    this.#follows = withFollowed<CircuitBreaker>(this.#follows, this, other);
    this.#openings?.followsChanged();
  }

  /** Subscribes to the events of this circuit. */
  subscribe(listener: EventListener): Subscription {
    return this.events.subscribe(listener, ({ circuit }) => circuit === this.name);
  }

  /** Subscribes to the events of one type of this circuit. */
  on<T extends FuselineEvent['type']>(type: T, listener: (event: EventOf<T>) => void): Subscription {
    return this.events.subscribe(listener, (event) => event.circuit === this.name && event.type === type);
  }

  /** Counts a call for which a fallback supplied the result. */
  countFallback(): void {
    this.#counted().fallbacks++;
  }

  /** Returns the current state, settings in effect and statistics of the circuit. */
  snapshot(): BreakerSnapshot {
    const now = this.clock.now();
    return snapshotOf(this, this.#machine, this.counters, now);
  }

  toJSON(): BreakerSnapshot {
    return this.snapshot();
  }

  /**
   * Replaces options. Options that are not given keep their values. `slidingWindow`, `reopenBackoff` and `ramp` are replaced as a whole; `false`
   * removes them.
   *
   * State, statistics and listeners are kept, and this call neither opens nor closes the circuit. The counts of failures, probes and openings
   * continue; the new options apply to them when the next call ends. An open circuit keeps its current wait. If the size, duration, slots or slow
   * duration of the window change, the window starts empty.
   *
   * Only `enabled` takes effect immediately: `false` admits every call, `true` starts over with a closed circuit. A forced state is kept.
   *
   * @throws {ConfigurationError} if an option is out of range; nothing is replaced then.
   */
  reconfigure(given: BreakerInput): void {
    const options = breakerOptions(changedOptions(this.options, givenObject('breaker', given)));
    this.#machine.reconfigure(options, this.clock.now());
  }

  /**
   * Also follows the circuits that names of its registry mean at each moment.
   *
   * @internal
   */
  followByName(byName: (() => Iterable<CircuitBreaker>) | undefined): void {
    this.#follows = withNames(this.#follows, byName);
    this.#openings?.followsChanged();
  }

  /** @internal */
  get followed(): Iterable<CircuitBreaker> {
    return this.#follows ?? [];
  }

  /** @internal */
  get follows(): boolean {
    return this.#follows !== undefined;
  }

  /**
   * The state behind the circuit, for code that continues, watches or forgets circuits.
   *
   * @internal
   */
  get machine(): Machine {
    return this.#machine;
  }

  /**
   * The live counters. Reading them creates no snapshot.
   *
   * @internal
   */
  get counters(): Readonly<BreakerCounters> {
    return this.#counters ?? NO_CALLS;
  }

  /**
   * Counts and announces a change of the machine's state.
   *
   * @internal
   */
  changed(change: Change, audience: Audience | undefined): void {
    this.#counted().changed(change);
    tellChanged(this, change, this.#machine, audience);
    const { kind } = change.next;
    if (kind === 'open' || kind === 'forced_open') {
      this.#openings?.tell(change.at);
      tellFollowers();
    } else if (kind !== 'half_open') this.#openings?.tellPlaces(change.at, Number.POSITIVE_INFINITY);
  }

  /**
   * Passes the places of probes that ended to the calls that wait for them.
   *
   * @internal
   */
  freed(places: number, at: number): void {
    this.#openings?.tellPlaces(at, places);
  }

  /**
   * The calls that wait, and end their wait when this circuit opens, or has a place for a probe.
   *
   * @internal
   */
  get openings(): Openings {
    this.#openings ??= new Openings(this);
    return this.#openings;
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
