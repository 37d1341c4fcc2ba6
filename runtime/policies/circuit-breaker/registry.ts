import { type Clock, guardedClock, systemClock } from '../../clock.js';
import { givenClock, givenFunction, givenObject } from '../../errors/given.js';
import { namesOf, refuseUnknown } from '../../errors/known-options.js';
import { EventHub, type EventListener } from '../../observe/event-hub.js';
import type { EventOf, FuselineEvent } from '../../observe/events.js';
import type { Subscription } from '../../observe/subscription.js';
import { CircuitBreaker } from './breaker.js';
import { CircuitIndex } from './circuit-index.js';
import type { BreakerCounters } from './counters.js';
import { Dependencies } from './dependencies.js';
import { conditionOf, continueFrom } from './handover.js';
import { type HealthSummary, healthSummary } from './health-summary.js';
import { IdleCircuits, idleSince } from './idle-circuits.js';
import { type BreakerInput, type BreakerOptions, breakerOptions } from './options.js';
import { countOption } from './ranges.js';
import { RetiredCounts } from './retired-counts.js';
import { sameOptions, signature } from './signature.js';
import { type SlotKey, Slots } from './slots.js';
import type { BreakerSnapshot } from './snapshot.js';
import { configuredOptions } from './tuning.js';

/** Options of a registry. */
export interface RegistryOptions {
  readonly clock?: Clock;
  /** Source of the jitter of reopen backoffs, returns a number from 0 to 1. For tests and simulations. Default `Math.random`. */
  readonly random?: () => number;
  /** Largest number of circuits that the registry keeps, at least 1. Default 100,000. */
  readonly maxCircuits?: number;
  /** Largest total size of the last good responses that its clients keep, in bytes; 0 keeps none. Default 64 MiB. */
  readonly maxLastGoodBytes?: number;
}

const NAMES = namesOf<RegistryOptions>({ clock: 1, random: 1, maxCircuits: 1, maxLastGoodBytes: 1 });

/**
 * The circuits of a process by name. Clients of one service and origin share a circuit through their registry. A bot can create one client per tenant
 * or per request: without sharing, none of their circuits would count enough failures to open.
 */
export class BreakerRegistry {
  readonly #index = new CircuitIndex<CircuitBreaker>();
  readonly #dependencies = new Dependencies<CircuitBreaker>((name) => this.#index.members(name));
  readonly #idle = new IdleCircuits<CircuitBreaker>();
  readonly #retired: RetiredCounts;
  readonly #events = new EventHub();
  readonly #slots = new Slots();
  readonly #clock: Clock;
  readonly #random: RegistryOptions['random'];
  /** Largest number of circuits that the registry keeps. */
  readonly maxCircuits: number;
  /** Largest total size of the last good responses that its clients keep, in bytes. */
  readonly maxLastGoodBytes: number;
  /**
   * Called with each new circuit before anything else uses it.
   *
   * @internal
   */
  made: ((circuit: CircuitBreaker) => void) | undefined;

  /** @throws {ConfigurationError} if a limit is out of range. */
  constructor(options: RegistryOptions = {}) {
    refuseUnknown('a registry', givenObject('registry options', options), NAMES);
    const { clock = systemClock, random, maxCircuits = 100_000, maxLastGoodBytes = 64 * 1024 * 1024 } = options;
    this.#clock = guardedClock(givenClock('clock', clock));
    this.#random = random === undefined ? undefined : givenFunction('random', random);
    this.maxCircuits = countOption('maxCircuits', maxCircuits, 1);
    this.maxLastGoodBytes = countOption('maxLastGoodBytes', maxLastGoodBytes, 0);
    this.#retired = new RetiredCounts(maxCircuits);
  }

  /**
   * Returns the circuit of that name, and creates it if there is none. If the circuit of that name has other thresholds, it is not changed: the
   * caller gets another circuit, named `name#<thresholds>`. So the options of one client never change the circuit of another. `previous` is the
   * circuit that the caller used before its configuration changed. It is returned if its options still fit; otherwise the new circuit continues from
   * it. `random` is the source of jitter of a new circuit.
   *
   * If the registry is full, it removes an unused closed circuit. If there is none, the registry does not keep the new circuit: the circuit works,
   * but only this caller has it.
   */
  obtain(
    name: string,
    service: string,
    given: BreakerInput,
    clock: Clock = this.#clock,
    previous?: CircuitBreaker,
    random: RegistryOptions['random'] = this.#random,
  ): CircuitBreaker {
    const options = breakerOptions(given);
    const fitting = this.#index.family(name).filter((circuit) => sameOptions(configuredOptions(circuit), options));
    const found = fitting.find((circuit) => circuit === previous) ?? fitting[0];
    if (found !== undefined) {
      found.askedAt = clock.now();
      return found;
    }
    const circuit = new CircuitBreaker({
      ...options,
      name: this.#freeName(name, options),
      service,
      clock,
      events: this.#events,
      random,
    });
    const condition = previous && conditionOf(previous);
    if (condition !== undefined) continueFrom(circuit, condition);
    else if (previous === undefined) this.made?.(circuit);
    if (this.#index.size < this.maxCircuits || this.#makeRoom()) this.#index.add(circuit, name);
    this.#dependencies.tie(circuit);
    return circuit;
  }

  get(name: string): CircuitBreaker | undefined {
    return this.#index.get(name);
  }

  /**
   * Returns true if the registry still keeps this circuit object.
   *
   * @internal
   */
  has(circuit: CircuitBreaker): boolean {
    return this.#index.has(circuit);
  }

  /** Returns all circuits, in the order of their creation. */
  list(): readonly CircuitBreaker[] {
    return [...this.#index.all()];
  }

  /**
   * Makes the circuits of `name` follow the circuits of `others`. A name is that of a circuit or of a service. While a followed circuit is open, its
   * followers refuse calls. This also applies to circuits that are created later.
   *
   * @throws {ConfigurationError} if the circuits would follow one another in a circle.
   */
  follow(name: string, others: readonly string[]): void {
    this.#dependencies.add(name, others, false);
  }

  /**
   * Like `follow`, until the circuit of that name is removed.
   *
   * @internal
   */
  followFor(circuit: string, others: readonly string[]): void {
    this.#dependencies.add(circuit, others, true);
  }

  /**
   * Checks the configured `follows` of several names. Returns a function that applies them, in place of the ones configured before.
   *
   * @throws {ConfigurationError} if the circuits would follow one another in a circle.
   * @internal
   */
  planFollows(all: ReadonlyMap<string, readonly string[]>): () => void {
    return this.#dependencies.planned(all);
  }

  /** Returns the current state of each circuit, by name. */
  states(): Readonly<Record<string, BreakerSnapshot['state']>> {
    return Object.fromEntries(this.list().map((circuit) => [circuit.name, circuit.state]));
  }

  /** Closes every circuit, clears its failures and ends its forced state. */
  resetAll(): void {
    for (const circuit of this.list()) circuit.reset();
  }

  /**
   * Removes a circuit from the registry. Code that still holds the circuit can continue to use it.
   *
   * @internal
   */
  forget(circuit: CircuitBreaker): void {
    if (!this.#index.has(circuit)) return;
    this.#retired.add(circuit.service, circuit.counters);
    this.#index.remove(circuit);
    this.#dependencies.forget(circuit);
  }

  /** Removes all circuits. Existing clients keep their circuits; new clients get new ones. */
  clear(): void {
    for (const circuit of this.list()) this.forget(circuit);
    this.#idle.clear();
    this.made = undefined;
  }

  healthSummary(): HealthSummary {
    return healthSummary(this.toJSON());
  }

  /** Subscribes to the events of every circuit, and of every client that uses this registry. */
  subscribe(listener: EventListener): Subscription {
    return this.#events.subscribe(listener);
  }

  /** Subscribes to the events of one type, of every circuit and client. */
  on<T extends FuselineEvent['type']>(type: T, listener: (event: EventOf<T>) => void): Subscription {
    return this.#events.subscribe(listener, (event) => event.type === type);
  }

  toJSON(): readonly BreakerSnapshot[] {
    return this.list().map((circuit) => circuit.snapshot());
  }

  /**
   * The event hub that all circuits of the registry share.
   *
   * @internal
   */
  get events(): EventHub {
    return this.#events;
  }

  /**
   * The counts of removed circuits, by service.
   *
   * @internal
   */
  get retired(): ReadonlyMap<string, Readonly<BreakerCounters>> {
    return this.#retired.byService;
  }

  /** @internal */
  slot<T>(key: SlotKey<T>, make: () => T): T {
    return this.#slots.slot(key, make);
  }

  /** @internal */
  peek<T>(key: SlotKey<T>): T | undefined {
    return this.#slots.peek(key);
  }

  /** Removes the least recently used closed circuit. Returns false if there is none to remove. */
  #makeRoom(): boolean {
    const circuit = this.#idle.next(this.#index.all(), (found) => (this.#index.has(found) ? idleSince(found) : undefined));
    if (circuit !== undefined) this.forget(circuit);
    return circuit !== undefined;
  }

  /** A circuit keeps its name when a reload changes its thresholds, so a name made from thresholds can be in use already. */
  #freeName(name: string, options: BreakerOptions): string {
    if (this.#index.get(name) === undefined) return name;
    const wanted = `${name}#${signature(options)}`;
    let free = wanted;
    for (let n = 2; this.#index.get(free) !== undefined; n++) free = `${wanted}~${n}`;
    return free;
  }
}

/** The registry of clients for which no `registry` is given. */
export const defaultRegistry = new BreakerRegistry();
