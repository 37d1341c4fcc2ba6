import type { ErrorPlace } from '../../errors/base.js';
import { withoutStack } from '../../errors/base.js';
import { CircuitOpenError } from '../../errors/call-errors.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenFunction, givenObject } from '../../errors/given.js';
import { isRefusal } from '../../errors/refusal.js';
import { CALLER, type EventListener, type EventOf, type FuselineEvent, onlyOf, type Subscription } from '../../observe/events.js';
import { tellFailed, tellRejected } from './breaker-events.js';
import { CircuitPermits } from './circuit-permits.js';
import { heldBackMs } from './following.js';
import { DEFAULT_LEASE_MS } from './options.js';
import { Permit } from './permit.js';
import type { RefusalReason } from './state.js';
import { type BreakerCounters, type BreakerSnapshot, type Glance, SHOWN_STATE, snapshotOf } from './stats.js';
import { REFUSED, viewAt } from './transition.js';

export type { BreakerSetup } from './circuit-state.js';
export { REFUSED } from './transition.js';

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
export class CircuitBreaker extends CircuitPermits {
  /**
   * Runs `fn` if the circuit lets it. A rejection or a synchronous throw counts as a failure and comes through unchanged; the refusal
   * of another circuit, a bulkhead or a rate limiter inside `fn` counts as nothing, for no one was asked.
   *
   * @throws {CircuitOpenError} without running `fn`, while the circuit is open.
   */
  call<T>(fn: () => T | PromiseLike<T>): Promise<T> {
    // Said of the circuit's user, not of the service: it must not count.
    if (typeof fn !== 'function') return Promise.reject(new ConfigurationError('fn', fn, 'a function'));
    const start = this.clock.now();
    const permit = this.enter(start, DEFAULT_LEASE_MS, CALLER);
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
    const { leaseMs = DEFAULT_LEASE_MS } = givenObject('options of acquire', options);
    if (typeof leaseMs !== 'number' || !(leaseMs > 0)) throw new ConfigurationError('leaseMs', leaseMs, 'milliseconds, more than 0');
    const now = this.clock.now();
    const permit = this.enter(now, leaseMs, CALLER);
    if (permit !== REFUSED) return new Permit(this, permit, now);
    tellRejected(this, now);
    throw this.openError(now);
  }

  /** A fresh error that says how long the circuit stays open. */
  openError(now: number = this.clock.now(), where?: ErrorPlace): CircuitOpenError {
    const place = where ?? { service: this.service, operation: undefined };
    const dependency = this.blockedBy(now)?.name;
    return withoutStack(() => new CircuitOpenError(place, this.name, this.retryAfterMs(now), this.refusalReason(now), dependency));
  }

  /** Closes the circuit and forgets its failures; the statistics stay. Ends a forced state. */
  reset(): void {
    this.force(this.initialState());
  }

  /** Opens it by hand, until `reset` or another force. */
  forceOpen(): void {
    this.force({ kind: 'forced_open', epoch: this.nextId(), since: this.clock.now() });
  }

  /** Lets every call through, whatever happens, until `reset` or another force. Calls are still counted. */
  forceClosed(): void {
    this.force({ kind: 'forced_closed', epoch: this.nextId(), since: this.clock.now() });
  }

  /** Lets every call through and keeps counting consecutive failures, to see what a threshold would have done. */
  metricsOnly(): void {
    this.force({ kind: 'metrics_only', epoch: this.nextId(), since: this.clock.now(), failures: 0 });
  }

  /** Milliseconds until a call may come through: 0 while calls pass or probes may, Infinity while held open by hand. */
  retryAfterMs(now: number = this.clock.now()): number {
    return Math.max(this.ownWaitMs(now), heldBackMs(this, now));
  }

  /**
   * Whether a call that came now would be let through. Looking takes no place: another may come first. A ramp is not asked: its share grows
   * by the calls that come, so who stayed away because of it would wait for ever.
   */
  get admits(): boolean {
    const now = this.clock.now();
    const state = viewAt(this.current, now, this.rules);
    if (state.kind === 'half_open' && state.probes.length >= this.rules.options.halfOpenMaxCalls) return false;
    return this.retryAfterMs(now) <= 0;
  }

  /** Why a call that comes at `now` would be refused, or was. Where the circuit follows one that is open: why that one refuses. */
  refusalReason(now: number = this.clock.now()): RefusalReason {
    const waitMs = this.retryAfterMs(now);
    if (waitMs > 0) return waitMs === Number.POSITIVE_INFINITY ? 'forced_open' : 'open';
    return this.rampShare(now) < 1 ? 'ramp' : 'half_open';
  }

  /**
   * When it was last used or asked for; undefined where it must not be forgotten: open, probing, held by hand, or with calls under way.
   *
   * @internal
   */
  get idleSince(): number | undefined {
    const { kind, since } = this.current;
    const { underWay, lastSuccessAt, lastFailureAt } = this.counted;
    if ((kind !== 'closed' && !this.isOff) || underWay > 0) return undefined;
    return Math.max(since, lastSuccessAt, lastFailureAt, this.askedAt ?? since);
  }

  /** Subscribes to this circuit's events (and to those of the circuits it shares a registry with, filtered by name). */
  subscribe(listener: EventListener): Subscription {
    givenFunction('listener', listener);
    // Returns what the listener returns: the hub looks after an async one's rejection.
    return this.events.subscribe((event) => (event.circuit === this.name ? listener(event) : undefined));
  }

  /** As `subscribe`, for events of one type. */
  on<T extends FuselineEvent['type']>(type: T, listener: (event: EventOf<T>) => void): Subscription {
    return this.subscribe(onlyOf(type, listener));
  }

  /** Counts an answer that a fallback gave in this circuit's stead. */
  countFallback(): void {
    this.counted.fallbacks++;
  }

  /**
   * What it has counted, live: reading it takes no snapshot.
   *
   * @internal
   */
  get counters(): Readonly<BreakerCounters> {
    return this.counted;
  }

  /**
   * How it is now, without what a snapshot takes long to work out.
   *
   * @internal
   */
  glance(now: number): Glance {
    const { kind, since } = viewAt(this.current, now, this.rules);
    return {
      state: SHOWN_STATE[kind],
      forced: this.byHand,
      inStateMs: now - since,
      downMs: this.downSince === undefined ? 0 : now - this.downSince,
      retryAfterMs: this.retryAfterMs(now),
      window: this.health?.snapshot(now),
    };
  }

  /** Everything about it, at this moment. */
  snapshot(): BreakerSnapshot {
    const now = this.clock.now();
    const { name, service, clock } = this;
    const window = this.health === null ? null : this.health.snapshot(now);
    const blockedBy = this.blockedBy(now)?.name ?? null;
    const source = { name, service, clock, window, rampShare: this.rampShare(now), downSince: this.downSince, blockedBy };
    return snapshotOf(source, viewAt(this.current, now, this.rules), this.counted, now);
  }

  toJSON(): BreakerSnapshot {
    return this.snapshot();
  }

  async #run<T>(fn: () => T | PromiseLike<T>, permit: number, start: number): Promise<T> {
    let result: T;
    try {
      result = await fn();
    } catch (error) {
      const now = this.clock.now();
      if (isRefusal(error)) this.release(permit, now);
      else {
        tellFailed(this, error);
        this.exit(permit, 'failure', now, now - start, false, CALLER);
      }
      throw error;
    }
    const now = this.clock.now();
    this.exit(permit, 'success', now, now - start, false, CALLER);
    return result;
  }
}
