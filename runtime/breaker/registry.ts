import { type Clock, systemClock } from '../clock.js';
import { EventHub, type EventListener, type EventOf, type FuselineEvent, onlyOf, type Subscription } from '../observe/events.js';
import { CircuitBreaker } from './breaker.js';
import { Dependencies } from './dependencies.js';
import { type BreakerInput, type BreakerOptions, breakerOptions } from './options.js';
import type { BreakerSnapshot } from './stats.js';

/** One line for a dashboard or a health check. */
export interface HealthSummary {
  /** `healthy`: all closed. `recovering`: some half-open, none open. `degraded`: some open. `critical`: all open. */
  readonly overallStatus: 'healthy' | 'degraded' | 'recovering' | 'critical';
  readonly totalCircuits: number;
  readonly states: { readonly closed: number; readonly open: number; readonly halfOpen: number };
  readonly totalRequests: number;
  readonly totalFailures: number;
  /** Percent, 0 to 100; 100 before the first verdict. */
  readonly successRate: number;
}

/**
 * The circuits of a process by name. Clients of one service and origin find the same circuit here: bots make a client per tenant or per
 * request, and such a circuit must still open.
 */
export class BreakerRegistry {
  readonly #circuits = new Map<string, CircuitBreaker>();
  /** The circuits that were asked for by one name: they differ in their thresholds, which a reload may change. */
  readonly #families = new Map<string, CircuitBreaker[]>();
  readonly #events = new EventHub();
  readonly #dependencies = new Dependencies();
  readonly #clock: Clock;

  constructor(options: { readonly clock?: Clock } = {}) {
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * The circuit of that name, made where it is new. A circuit of the same name with other thresholds is left alone: the caller gets one of
   * its own, named `name#<thresholds>`, so that one client's options never change another's circuit. `previous` is the circuit that the
   * caller used before its configuration changed: kept where it still fits, and what a new one continues from.
   */
  obtain(name: string, service: string, given: BreakerInput, clock: Clock = this.#clock, previous?: CircuitBreaker): CircuitBreaker {
    const options = breakerOptions(given);
    const family = this.#families.get(name) ?? [];
    const fitting = family.filter((circuit) => sameOptions(circuit.options, options));
    const found = fitting.find((circuit) => circuit === previous) ?? fitting[0];
    if (found !== undefined) return found;
    const circuit = new CircuitBreaker({ ...options, name: this.#freeKey(name, options), service, clock, events: this.#events });
    if (previous !== undefined) circuit.continueFrom(previous);
    this.#circuits.set(circuit.name, circuit);
    this.#families.set(name, [...family, circuit]);
    // Stryker disable next-line ConditionalExpression: where nobody follows another, tying ties nothing.
    if (!this.#dependencies.empty) this.#dependencies.tie(circuit, this.#circuits.values());
    return circuit;
  }

  /**
   * Forgets one circuit: whoever still holds it keeps it.
   *
   * @internal
   */
  forget(circuit: CircuitBreaker): void {
    if (this.#circuits.get(circuit.name) !== circuit) return;
    this.#circuits.delete(circuit.name);
    for (const [name, family] of this.#families) {
      const rest = family.filter((member) => member !== circuit);
      if (rest.length === 0) this.#families.delete(name);
      else if (rest.length < family.length) this.#families.set(name, rest);
    }
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
    this.#dependencies.add(name, others);
    for (const circuit of this.#circuits.values()) this.#dependencies.tie(circuit, this.#circuits.values());
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
    this.#circuits.clear();
    this.#families.clear();
  }

  healthSummary(): HealthSummary {
    const all = this.list().map((circuit) => circuit.snapshot());
    const count = (state: BreakerSnapshot['state']): number => all.filter((snapshot) => snapshot.state === state).length;
    const states = { closed: count('closed'), open: count('open'), halfOpen: count('half_open') };
    const sum = (read: (stats: BreakerSnapshot['stats']) => number): number => all.reduce((total, { stats }) => total + read(stats), 0);
    const failures = sum((stats) => stats.failedRequests);
    const judged = failures + sum((stats) => stats.successfulRequests);
    return {
      overallStatus:
        all.length > 0 && states.open === all.length
          ? 'critical'
          : states.open > 0
            ? 'degraded'
            : states.halfOpen > 0
              ? 'recovering'
              : 'healthy',
      totalCircuits: all.length,
      states,
      totalRequests: sum((stats) => stats.totalRequests),
      totalFailures: failures,
      successRate: judged === 0 ? 100 : ((judged - failures) / judged) * 100,
    };
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

function sameOptions(a: BreakerOptions, b: BreakerOptions): boolean {
  return signature(a) === signature(b);
}

function signature({ slidingWindow, reopenBackoff, ramp, ...options }: BreakerOptions): string {
  const basic = `${options.failureThreshold}-${options.successThreshold}-${options.recoveryTimeoutMs}-${options.halfOpenMaxCalls}`;
  const more = [
    ['w', slidingWindow],
    ['b', reopenBackoff],
    ['r', ramp],
  ] as const;
  const blocks = more.map(([letter, block]) => (block === undefined ? '' : `-${letter}${values(block)}`));
  return `${basic}${options.enabled ? '' : '-off'}${blocks.join('')}`;
}

/** Checked options have their keys in one order, whatever order they were given in. */
function values(block: object): string {
  return Object.values(block).join('_');
}

/** The registry that clients share unless they are given one. */
export const defaultRegistry = new BreakerRegistry();
