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

/** Limits of a registry, and its clock. */
export interface RegistryOptions {
  readonly clock?: Clock;
  /** Source of a reopen backoff's jitter, 0 to 1; for tests and simulations. Default `Math.random`. */
  readonly random?: () => number;
  /** The most circuits that the registry keeps, at least 1. Default 100,000. */
  readonly maxCircuits?: number;
  /** The most bytes of last good responses that its clients keep together; 0 for none. Default 64 MiB. */
  readonly maxLastGoodBytes?: number;
}

const NAMES = namesOf<RegistryOptions>({ clock: 1, random: 1, maxCircuits: 1, maxLastGoodBytes: 1 });

/**
 * The circuits of a process by name. Clients of one service and origin find the same circuit here: bots make a client per tenant or per
 * request, and such a circuit must still open.
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
  /** The most circuits that the registry keeps. */
  readonly maxCircuits: number;
  /** The most bytes of last good responses that its clients keep together. */
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
   * Returns the circuit of that name, and makes it if there is none. A circuit of the same name with other thresholds is left alone: the caller
   * gets another one, named `name#<thresholds>`, so that one client's options never change another's circuit. `previous` is the circuit that the
   * caller used before its configuration changed: it is kept if it still fits, and otherwise the new one continues from it. `random` is the source
   * of a new circuit's jitter.
   *
   * If there are `maxCircuits` already, an unused closed circuit makes room. If there is none, the new circuit works as any other, but only its
   * caller has it.
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
   * Returns true if the registry still keeps this very circuit.
   *
   * @internal
   */
  has(circuit: CircuitBreaker): boolean {
    return this.#index.has(circuit);
  }

  /** Returns all circuits, in the order in which they were made. */
  list(): readonly CircuitBreaker[] {
    return [...this.#index.all()];
  }

  /**
   * Makes the circuits of `name` (a circuit's or a service's) follow those of `others`: while one of those is open, calls of these are
   * refused. Applies to circuits that are made later, too.
   *
   * @throws {ConfigurationError} if they would follow one another in a circle.
   */
  follow(name: string, others: readonly string[]): void {
    this.#dependencies.add(name, others, false);
  }

  /**
   * As `follow`, for as long as there is a circuit of that name.
   *
   * @internal
   */
  followFor(circuit: string, others: readonly string[]): void {
    this.#dependencies.add(circuit, others, true);
  }

  /**
   * Checks what the settings now say that circuits follow, by name. Returns a function that puts it in force, in place of what they said before.
   *
   * @throws {ConfigurationError} if they would follow one another in a circle.
   * @internal
   */
  planFollows(all: ReadonlyMap<string, readonly string[]>): () => void {
    return this.#dependencies.planned(all);
  }

  /** Returns the state of each circuit by name. */
  states(): Readonly<Record<string, BreakerSnapshot['state']>> {
    return Object.fromEntries(this.list().map((circuit) => [circuit.name, circuit.state]));
  }

  /** Closes every circuit and forgets its failures. */
  resetAll(): void {
    for (const circuit of this.list()) circuit.reset();
  }

  /**
   * Forgets one circuit. Code that still holds it can go on using it.
   *
   * @internal
   */
  forget(circuit: CircuitBreaker): void {
    if (!this.#index.has(circuit)) return;
    this.#retired.add(circuit.service, circuit.counters);
    this.#index.remove(circuit);
    this.#dependencies.forget(circuit);
  }

  /** Forgets all circuits. Clients that hold one keep it; new clients get new ones. */
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

  /** As `subscribe`, for events of one type. */
  on<T extends FuselineEvent['type']>(type: T, listener: (event: EventOf<T>) => void): Subscription {
    return this.#events.subscribe(listener, (event) => event.type === type);
  }

  toJSON(): readonly BreakerSnapshot[] {
    return this.list().map((circuit) => circuit.snapshot());
  }

  /**
   * The hub that all of its circuits share.
   *
   * @internal
   */
  get events(): EventHub {
    return this.#events;
  }

  /**
   * What the circuits of each service had counted when they were forgotten.
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

  /** Forgets the closed circuit that was not used for the longest time. Returns false if none can be forgotten. */
  #makeRoom(): boolean {
    const circuit = this.#idle.next(this.#index.all(), (found) => (this.#index.has(found) ? idleSince(found) : undefined));
    if (circuit !== undefined) this.forget(circuit);
    return circuit !== undefined;
  }

  /** A circuit keeps its name when a reload changes its thresholds, so the name that they would give can be taken. */
  #freeName(name: string, options: BreakerOptions): string {
    if (this.#index.get(name) === undefined) return name;
    const wanted = `${name}#${signature(options)}`;
    let free = wanted;
    for (let n = 2; this.#index.get(free) !== undefined; n++) free = `${wanted}~${n}`;
    return free;
  }
}

/** The registry that clients share unless they are given one. */
export const defaultRegistry = new BreakerRegistry();
