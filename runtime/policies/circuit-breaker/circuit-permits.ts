import { ConfigurationError } from '../../errors/configuration-error.js';
import type { Audience } from '../../observe/events.js';
import type { CircuitBreaker } from './breaker.js';
import { CircuitState, isMeasured } from './circuit-state.js';
import { type Following, firstOpen, withFollowed, withNames } from './following.js';
import { DEFAULT_LEASE_MS } from './options.js';
import type { Closed, Outcome } from './state.js';
import { admit, REFUSED, settle, trip, tripWithPeers, viewAt } from './transition.js';
import type { HealthWindow } from './window/health.js';

/** Who may pass a circuit, by its own state and by those that it follows. */
export abstract class CircuitPermits extends CircuitState {
  /** Undefined where it follows none: most ask nobody. */
  #following: Following | undefined;

  /**
   * Asks for a permit at `now`. Returns it, or `REFUSED`. A permit must be given back by `exit`, once, whatever happens; one of a probe that
   * is not back after `leaseMs` counts as a failure and is worth nothing any more.
   */
  enter(now: number, leaseMs: number = DEFAULT_LEASE_MS, audience?: Audience): number {
    this.counted.requests++;
    if (this.blockedBy(now) !== undefined) {
      this.counted.rejected++;
      return REFUSED;
    }
    const current = this.current;
    if (current.kind === 'closed') {
      // Stryker disable next-line ConditionalExpression: a short cut; what follows comes to the same.
      if (!this.guarded) return current.epoch;
      if (this.#heldBack(current, now, audience)) return REFUSED;
    }
    const settled = this.settled(now, audience);
    const { state, permit } = admit(settled, now, leaseMs, this.rules, this.nextId);
    this.move(state, now, audience);
    if (permit === REFUSED) this.counted.rejected++;
    else if (this.health !== null && isMeasured(state)) return this.health.enter(now);
    return permit;
  }

  /**
   * Gives a permit back. `durationMs` and `timedOut` feed the statistics, and `durationMs` a window's slow calls. A permit of an earlier
   * period changes no state and is in no window.
   */
  exit(permit: number, outcome: Outcome, now: number, durationMs = 0, timedOut = false, audience?: Audience): void {
    if (permit === REFUSED) return;
    this.counted.count(outcome, now, durationMs, timedOut);
    const state = this.current;
    if (this.health !== null) {
      this.#exitMeasured(this.health, permit, outcome, now, durationMs, audience);
      return;
    }
    // Stryker disable next-line ConditionalExpression,EqualityOperator,StringLiteral: a short cut; what follows changes nothing either.
    if (state.kind === 'closed' && state.failures === 0 && outcome !== 'failure') return;
    this.move(settle(this.settled(now, audience), permit, outcome, now, this.rules, this.nextId), now, audience);
  }

  /** Undoes an `enter` whose call never started because a policy further in refused it. */
  release(permit: number, now: number = this.clock.now()): void {
    // Stryker disable next-line StringLiteral: what is none of the other outcomes counts as released; the types let nothing else through.
    this.exit(permit, 'released', now);
  }

  /**
   * Opens because other processes found the service down, and wait for another `leftMs`. False where it is not closed, or held so by hand or
   * by its options: then nothing changes.
   *
   * @internal
   */
  openWithPeers(leftMs: number): boolean {
    const now = this.clock.now();
    const state = this.settled(now);
    if (state.kind !== 'closed') return false;
    this.move(tripWithPeers(state, now, leftMs, this.rules, this.nextId), now, undefined);
    return true;
  }

  /**
   * Follows another circuit: while that is open (or refuses because of one that it follows itself), calls of this one are refused.
   *
   * @throws {ConfigurationError} where that one follows this one already.
   */
  follow(other: CircuitBreaker): void {
    if (!(other instanceof CircuitPermits)) throw new ConfigurationError('follow', other, 'a CircuitBreaker');
    this.#following = withFollowed(this, other);
  }

  /**
   * Follows besides whom the names of its registry mean at each moment; undefined: nobody.
   *
   * @internal
   */
  followByName(byName: Following['byName']): void {
    this.#following = withNames(this, byName);
  }

  /** The open circuit because of which this one refuses calls, where it follows one. A circuit that is off follows none. */
  blockedBy(now: number = this.clock.now()): CircuitBreaker | undefined {
    // Stryker disable next-line ConditionalExpression: a short cut; whoever follows nobody is blocked by nobody.
    return this.#following === undefined ? undefined : firstOpen(this as unknown as CircuitBreaker, now);
  }

  /**
   * Whom it follows itself.
   *
   * @internal
   */
  get following(): Following | undefined {
    return this.#following;
  }

  /**
   * Does it let every call through now, whomever it follows?
   *
   * @internal
   */
  get followsNone(): boolean {
    const { kind } = this.current;
    return kind === 'forced_closed' || kind === 'metrics_only';
  }

  /**
   * As `retryAfterMs`, whomever it follows.
   *
   * @internal
   */
  ownWaitMs(now: number): number {
    const state = viewAt(this.current, now, this.rules);
    if (state.kind === 'forced_open') return Number.POSITIVE_INFINITY;
    return state.kind === 'open' ? state.until - now : 0;
  }

  /** A closed circuit with a ramp may refuse, and one with a window may have to open because calls hang. True: the call is refused here. */
  #heldBack(state: Closed, now: number, audience: Audience | undefined): boolean {
    if (this.health?.hangs(now)) {
      const reason = this.health.verdict(now);
      if (reason !== undefined) {
        this.move(trip(state, now, reason, this.rules, this.nextId), now, audience);
        return false;
      }
    }
    if (this.gate === null || this.gate.admits(this.rampShare(now))) return false;
    this.counted.rejected++;
    this.counted.rampRejected++;
    return true;
  }

  #exitMeasured(
    health: HealthWindow,
    permit: number,
    outcome: Outcome,
    now: number,
    durationMs: number,
    audience: Audience | undefined,
  ): void {
    const state = this.settled(now, audience);
    // A closed period's permit carries more than its epoch, see `InFlight`.
    const held = Math.floor(permit);
    let tripped: ReturnType<HealthWindow['verdict']>;
    if (held === state.epoch && isMeasured(state) && (outcome === 'success' || outcome === 'failure')) {
      health.record(permit, outcome === 'failure', durationMs, now);
      tripped = health.verdict(now);
    } else health.forget(permit);
    this.move(settle(state, held, outcome, now, this.rules, this.nextId, tripped), now, audience);
  }
}
