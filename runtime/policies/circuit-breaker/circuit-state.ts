import { type Clock, systemClock } from '../../clock.js';
import { givenClock, givenFunction, givenName, givenObject, must } from '../../errors/given.js';
import { type Audience, EventHub } from '../../observe/events.js';
import { type BreakerInput, type BreakerOptions, breakerOptions } from './options.js';
import { RampGate, shareAt } from './recovery/ramp.js';
import { changedOptions, refitted } from './refit.js';
import type { BreakerState, Condition } from './state.js';
import { BreakerCounters, type BreakerSnapshot, SHOWN_STATE } from './stats.js';
import { closed, REFUSED, type Rules, settleTime, viewAt } from './transition.js';
import { transitionEvent } from './transition-event.js';
import { HealthWindow } from './window/health.js';
import { sameCalls } from './window/options.js';

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
  readonly random?: (() => number) | undefined;
}

/** The state of a circuit, and the only place where it changes. */
export abstract class CircuitState {
  readonly name: string;
  readonly service: string;
  readonly events: EventHub;
  /**
   * By what name the registry that keeps it was asked for it. Here, because a map of them would cost as much as a tenth of an idle circuit.
   *
   * @internal
   */
  family: string | undefined = undefined;
  /**
   * When it was asked for again.
   *
   * @internal
   */
  askedAt: number | undefined = undefined;
  readonly #clock: Clock;
  readonly #random: () => number;
  #rules: Rules;
  /** Null without a window: its calls cost nothing then. */
  #health: HealthWindow | null;
  /** Null without a ramp. */
  #gate: RampGate | null = null;
  #state: BreakerState;
  #lastId = REFUSED;
  #downSince: number | undefined;
  #counters = new BreakerCounters();
  /** Period that began because the circuit is switched off by its options, not by hand. */
  #offEpoch = -1;
  /** Made when it is first asked for: a circuit that only ever succeeds needs none. */
  #nextId: (() => number) | undefined;

  /** @throws {ConfigurationError} where a threshold is out of range, or the name is none. */
  constructor(setup: BreakerSetup = {}) {
    const { name = 'default', service, clock = systemClock, events, random = Math.random, ...given } = givenObject('breaker', setup);
    this.name = givenName('breaker.name', name);
    this.service = service === undefined ? name : givenName('breaker.service', service);
    must(events === undefined || events instanceof EventHub, 'breaker.events', events, 'an EventHub');
    this.events = events ?? new EventHub();
    this.#clock = givenClock('breaker.clock', clock);
    this.#random = givenFunction('breaker.random', random);
    const options = breakerOptions(given);
    this.#rules = { options, seed: this.#seedFor(options) };
    this.#health = windowOf(options);
    this.#gate = this.#gateFor(options);
    this.#state = this.initialState();
    this.#health?.clear(isMeasured(this.#state) ? this.#state.epoch : REFUSED, this.#state.since);
  }

  get options(): BreakerOptions {
    return this.#rules.options;
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

  /** Consecutive failures while closed; while open, those that opened it. */
  get failureCount(): number {
    return 'failures' in this.#state ? this.#state.failures : 0;
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
    const options = breakerOptions(changedOptions(previous, givenObject('breaker', given)));
    const now = this.#clock.now();
    // A lease that ran out under the old options is judged by them.
    this.settled(now);
    this.#rules = { options, seed: this.#rules.seed ?? this.#seedFor(options) };
    this.#state = refitted(this.#state, options, now);
    if (!sameCalls(previous.slidingWindow, options.slidingWindow)) this.#replaceWindow(now);
    else this.#health?.retune(options);
    this.#gate = this.#gateFor(options);
    if (options.enabled === previous.enabled) return;
    if (!this.byHand) this.move(this.initialState(), now, undefined);
  }

  /**
   * What it does now, for a circuit that continues it; undefined where it is off, which is no state but its options.
   *
   * @internal
   */
  condition(): Condition | undefined {
    const state = viewAt(this.#state, this.#clock.now(), this.#rules);
    return this.isOff ? undefined : { state, downSince: this.#downSince };
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
    const epoch = ++this.#lastId;
    // Stryker disable next-line ConditionalExpression: in any other state nobody reads a list of probes.
    this.#state = state.kind === 'half_open' ? { ...state, epoch, probes: [] } : { ...state, epoch };
    this.#downSince = condition.downSince;
    this.#health?.clear(isMeasured(state) ? epoch : REFUSED, now);
    return true;
  }

  /** The state as it stands: what time has decided since is not in it. */
  protected get current(): BreakerState {
    return this.#state;
  }

  protected get rules(): Rules {
    return this.#rules;
  }

  protected get counted(): BreakerCounters {
    return this.#counters;
  }

  protected get health(): HealthWindow | null {
    return this.#health;
  }

  protected get gate(): RampGate | null {
    return this.#gate;
  }

  /** Whether a closed circuit has more to ask than its state. */
  protected get guarded(): boolean {
    // Stryker disable next-line ConditionalExpression: to ask nobody is a short cut, see `enter`.
    return this.#health !== null || this.#gate !== null;
  }

  /** When it ceased to be closed; undefined while it is. */
  protected get downSince(): number | undefined {
    return this.#downSince;
  }

  protected get nextId(): () => number {
    this.#nextId ??= () => ++this.#lastId;
    return this.#nextId;
  }

  /** Is it in a period that began because its options switch it off? */
  protected get isOff(): boolean {
    return this.#state.epoch === this.#offEpoch;
  }

  /** Does someone hold it in its state? */
  protected get byHand(): boolean {
    const { kind } = this.#state;
    return kind === 'forced_open' || kind === 'metrics_only' || (kind === 'forced_closed' && !this.isOff);
  }

  /** Of a circuit that is new, or begins anew. */
  protected initialState(): BreakerState {
    const since = this.#clock.now();
    const epoch = ++this.#lastId;
    if (this.#rules.options.enabled) return closed(epoch, since);
    this.#offEpoch = epoch;
    return { kind: 'forced_closed', epoch, since };
  }

  /** Drawn once: a later backoff keeps it. */
  #seedFor({ reopenBackoff }: BreakerOptions): number | undefined {
    return reopenBackoff === undefined ? undefined : Math.floor(this.#random() * 2 ** 32);
  }

  /** The gate that it has, or a new one. */
  #gateFor({ ramp }: BreakerOptions): RampGate | null {
    // Stryker disable next-line ConditionalExpression: without a ramp a gate lets all in; this spares asking it.
    return ramp === undefined ? null : (this.#gate ?? new RampGate());
  }

  /** Calls that began under the old window would be taken from places of the new one that they were never put in: a new period begins. */
  #replaceWindow(now: number): void {
    this.#health = windowOf(this.#rules.options);
    if (isMeasured(this.#state)) this.move({ ...this.#state, epoch: ++this.#lastId }, now, undefined);
    else this.#health?.clear(REFUSED, now);
  }

  /** The state at `now`: what time has decided becomes an event. */
  protected settled(now: number, audience?: Audience): BreakerState {
    this.move(settleTime(this.#state, now, this.#rules, this.nextId), now, audience);
    return this.#state;
  }

  /** Someone wants it so. */
  protected force(state: BreakerState): void {
    const now = this.#clock.now();
    this.settled(now);
    this.move(state, now, undefined);
  }

  /** Share of calls that a ramp lets in; 1 without one. */
  protected rampShare(now: number): number {
    const state = this.#state;
    const { ramp } = this.#rules.options;
    return ramp === undefined || state.kind !== 'closed' ? 1 : shareAt(ramp, state.rampUntil, now);
  }

  /** The only place that replaces the state. The event goes out after the state stands, so that a listener sees the truth. */
  protected move(next: BreakerState, now: number, audience: Audience | undefined): void {
    const previous = this.#state;
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
    // Stryker disable next-line ConditionalExpression: an event that nobody hears changes nothing; this spares making it.
    if (this.events.silent && audience?.hears !== true) return;
    const window = next.kind === 'open' && previous.kind === 'closed' ? this.#health?.snapshot(now) : undefined;
    const event = transitionEvent(this, previous, next, this.#rules.options, this.#clock.wallNow(), { downMs, window });
    this.events.emit(event, audience);
  }
}

/** Do calls of this state go through the window? */
export function isMeasured(state: BreakerState): boolean {
  return state.kind === 'closed' || state.kind === 'metrics_only';
}

function windowOf({ slidingWindow, failureThreshold }: BreakerOptions): HealthWindow | null {
  return slidingWindow === undefined ? null : new HealthWindow(slidingWindow, failureThreshold);
}
