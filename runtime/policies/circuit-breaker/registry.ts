import { type Clock, systemClock } from '../../clock.js';
import { givenClock, givenFunction, givenObject } from '../../errors/given.js';
import { namesOf, refuseUnknown } from '../../errors/known-options.js';
import { EventHub, type EventListener, type EventOf, type FuselineEvent, onlyOf, type Subscription } from '../../observe/events.js';
import { CircuitBreaker } from './breaker.js';
import { configuredOptions } from './configured.js';
import { Dependencies } from './dependencies.js';
import { type HealthSummary, healthSummary } from './health-summary.js';
import { IdleCircuits } from './idle-circuits.js';
import { type BreakerInput, type BreakerOptions, breakerOptions } from './options.js';
import { countOption } from './ranges.js';
import { sameOptions, signature } from './signature.js';
import { BreakerCounters, type BreakerSnapshot } from './stats.js';

/** Limits of a registry, and its clock. */
export interface RegistryOptions {
  readonly clock?: Clock;
  /** Source of a reopen backoff's jitter, 0 to 1; for tests and simulations. Default `Math.random`. */
  readonly random?: () => number;
  /** Circuits that it keeps at most, at least 1. Default 100,000. */
  readonly maxCircuits?: number;
  /** Bytes of last good responses that its clients keep at most, all together; 0 for none. Default 64 MiB. */
  readonly maxLastGoodBytes?: number;
}

const NAMES = namesOf<RegistryOptions>({ clock: 1, random: 1, maxCircuits: 1, maxLastGoodBytes: 1 });

const NONE: readonly CircuitBreaker[] = [];

/**
 * The circuits of a process by name. Clients of one service and origin find the same circuit here: bots make a client per tenant or per
 * request, and such a circuit must still open.
 */
export class BreakerRegistry {
  readonly #circuits = new Map<string, CircuitBreaker>();
  readonly #services = new Map<string, Set<CircuitBreaker>>();
  /** The circuits that were asked for by one name: they differ in their thresholds, which a reload may change. */
  readonly #families = new Map<string, readonly CircuitBreaker[]>();
  /** What the circuits that were forgotten had counted, by service: sums over a service must not fall. */
  readonly #retired = new Map<string, BreakerCounters>();
  readonly #events = new EventHub();
  readonly #dependencies = new Dependencies((name) => this.#members(name));
  readonly #idle = new IdleCircuits();
  readonly #clock: Clock;
  readonly #random: () => number;
  /** Most circuits that it keeps. */
  readonly maxCircuits: number;
  /** Most bytes of last good responses that its clients keep, all together. */
  readonly maxLastGoodBytes: number;
  /**
   * Told of each circuit that is new, before anyone uses it.
   *
   * @internal
   */
  made: ((circuit: CircuitBreaker) => void) | undefined;

  /** @throws {ConfigurationError} where a limit is out of range. */
  constructor(options: RegistryOptions = {}) {
    refuseUnknown('a registry', givenObject('registry options', options), NAMES);
    const { clock = systemClock, random = Math.random, maxCircuits = 100_000, maxLastGoodBytes = 64 * 1024 * 1024 } = options;
    this.#clock = givenClock('clock', clock);
    this.#random = givenFunction('random', random);
    this.maxCircuits = countOption('maxCircuits', maxCircuits, 1);
    this.maxLastGoodBytes = countOption('maxLastGoodBytes', maxLastGoodBytes, 0);
  }

  /**
   * The circuit of that name, made where it is new. A circuit of the same name with other thresholds is left alone: the caller gets one of
   * its own, named `name#<thresholds>`, so that one client's options never change another's circuit. `previous` is the circuit that the
   * caller used before its configuration changed: kept where it still fits, and what a new one continues from. `random` is the source of a new
   * one's jitter.
   *
   * Where there are `maxCircuits` already, a closed circuit that nobody uses makes room; where there is none, the new circuit works as any
   * other, but is its caller's alone.
   */
  obtain(
    name: string,
    service: string,
    given: BreakerInput,
    clock: Clock = this.#clock,
    previous?: CircuitBreaker,
    random: () => number = this.#random,
  ): CircuitBreaker {
    const options = breakerOptions(given);
    const family = this.#families.get(name) ?? NONE;
    const fitting = family.filter((circuit) => sameOptions(configuredOptions(circuit), options));
    const found = fitting.find((circuit) => circuit === previous) ?? fitting[0];
    if (found !== undefined) {
      found.askedAt = clock.now();
      return found;
    }
    const circuit = new CircuitBreaker({
      ...options,
      name: this.#freeKey(name, options),
      service,
      clock,
      events: this.#events,
      random,
    });
    const condition = previous?.condition();
    if (condition !== undefined) circuit.continueFrom(condition);
    else if (previous === undefined) this.made?.(circuit);
    if (this.#circuits.size < this.maxCircuits || this.#makeRoom()) this.#keep(circuit, name);
    this.#dependencies.tie(circuit);
    return circuit;
  }

  #keep(circuit: CircuitBreaker, family: string): void {
    this.#circuits.set(circuit.name, circuit);
    this.#families.set(family, [...(this.#families.get(family) ?? NONE), circuit]);
    const ofService = this.#services.get(circuit.service) ?? new Set();
    this.#services.set(circuit.service, ofService.add(circuit));
    circuit.family = family;
  }

  /** Forgets the closed circuit that was not used for longest; false where none may be forgotten. */
  #makeRoom(): boolean {
    const usedAt = (circuit: CircuitBreaker): number | undefined =>
      this.#circuits.get(circuit.name) === circuit ? circuit.idleSince : undefined;
    const circuit = this.#idle.next(this.#circuits.values(), usedAt);
    if (circuit !== undefined) this.forget(circuit);
    return circuit !== undefined;
  }

  *#members(name: string): Iterable<CircuitBreaker> {
    const circuit = this.#circuits.get(name);
    if (circuit !== undefined) yield circuit;
    // Stryker disable next-line ConditionalExpression: who is met twice is the same; this spares asking it.
    for (const member of this.#services.get(name) ?? NONE) if (member !== circuit) yield member;
  }

  /**
   * Forgets one circuit: whoever still holds it keeps it.
   *
   * @internal
   */
  forget(circuit: CircuitBreaker): void {
    const { name, service, family = name } = circuit;
    if (this.#circuits.get(name) !== circuit) return;
    this.#retire(circuit);
    this.#circuits.delete(name);
    circuit.family = undefined;
    const rest = (this.#families.get(family) ?? NONE).filter((member) => member !== circuit);
    // Stryker disable next-line ConditionalExpression: a family of none says the same; this spares keeping it.
    if (rest.length === 0) this.#families.delete(family);
    else this.#families.set(family, rest);
    const ofService = this.#services.get(service) ?? new Set();
    ofService.delete(circuit);
    // Stryker disable next-line ConditionalExpression: as above.
    if (ofService.size === 0) this.#services.delete(service);
    this.#dependencies.forget(circuit);
  }

  get(name: string): CircuitBreaker | undefined {
    return this.#circuits.get(name);
  }

  /** All circuits, in the order in which they were made. */
  list(): readonly CircuitBreaker[] {
    return [...this.#circuits.values()];
  }

  /**
   * Makes the circuits of `name` (a circuit's or a service's) follow those of `others`: while one of those is open, calls of these are
   * refused. Holds for circuits that are made later, too.
   *
   * @throws {ConfigurationError} where they would follow one another in a circle.
   */
  follow(name: string, others: readonly string[]): void {
    this.#dependencies.add(name, others, false);
  }

  /**
   * As `follow`, by whoever made the circuit of that name: holds for as long as there is one.
   *
   * @internal
   */
  followFor(circuit: string, others: readonly string[]): void {
    this.#dependencies.add(circuit, others, true);
  }

  /**
   * Whom the circuits of several names follow by their settings, in the place of whom they followed by them before. The result puts it in force.
   *
   * @throws {ConfigurationError} where they would follow one another in a circle.
   * @internal
   */
  planFollows(all: ReadonlyMap<string, readonly string[]>): () => void {
    return this.#dependencies.planned(all);
  }

  /** State of each circuit by name. */
  states(): Readonly<Record<string, BreakerSnapshot['state']>> {
    return Object.fromEntries(this.list().map((circuit) => [circuit.name, circuit.state]));
  }

  /** Closes every circuit and forgets its failures. */
  resetAll(): void {
    for (const circuit of this.list()) circuit.reset();
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

  /** Events of every circuit, and of every client that uses this registry. */
  subscribe(listener: EventListener): Subscription {
    return this.#events.subscribe(listener);
  }

  /**
   * Where the events of its circuits come together.
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
    return this.#retired;
  }

  #retire({ service, counters }: CircuitBreaker): void {
    let sum = this.#retired.get(service);
    if (sum === undefined) {
      // Where every circuit is a service of its own, as many are remembered as there may be circuits.
      const oldest = this.#retired.size < this.maxCircuits ? undefined : this.#retired.keys().next().value;
      // Stryker disable next-line ConditionalExpression: for the types; there is one where there are so many.
      if (oldest !== undefined) this.#retired.delete(oldest);
      sum = new BreakerCounters();
      this.#retired.set(service, sum);
    }
    sum.add(counters);
  }

  /** A circuit keeps its name when a reload changes its thresholds, so the name that they would give may be taken. */
  #freeKey(name: string, options: BreakerOptions): string {
    if (!this.#circuits.has(name)) return name;
    const key = `${name}#${signature(options)}`;
    let free = key;
    for (let n = 2; this.#circuits.has(free); n++) free = `${key}~${n}`;
    return free;
  }

  /** As `subscribe`, for events of one type. */
  on<T extends FuselineEvent['type']>(type: T, listener: (event: EventOf<T>) => void): Subscription {
    return this.#events.subscribe(onlyOf(type, listener));
  }

  toJSON(): readonly BreakerSnapshot[] {
    return this.list().map((circuit) => circuit.snapshot());
  }
}

/** The registry that clients share unless they are given one. */
export const defaultRegistry = new BreakerRegistry();
