import { type Clock, systemClock } from '../clock.js';
import { EventHub, type EventListener, type EventOf, type FuselineEvent, onlyOf, type Subscription } from '../observe/events.js';
import { CircuitBreaker } from './breaker.js';
import { Dependencies } from './dependencies.js';
import type { BreakerOptions } from './options.js';
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
  readonly #events = new EventHub();
  readonly #dependencies = new Dependencies();
  readonly #clock: Clock;

  constructor(options: { readonly clock?: Clock } = {}) {
    this.#clock = options.clock ?? systemClock;
  }

  /**
   * The circuit of that name, made where it is new. A circuit of the same name with other thresholds is left alone: the caller gets one of
   * its own, named `name#<thresholds>`, so that one client's options never change another's circuit.
   */
  obtain(name: string, service: string, options: BreakerOptions, clock: Clock = this.#clock): CircuitBreaker {
    const found = this.#circuits.get(name);
    if (found !== undefined && sameOptions(found.options, options)) return found;
    const key = found === undefined ? name : `${name}#${signature(options)}`;
    let circuit = this.#circuits.get(key);
    if (circuit === undefined) {
      circuit = new CircuitBreaker({ ...options, name: key, service, clock, events: this.#events });
      this.#circuits.set(key, circuit);
      if (!this.#dependencies.empty) this.#dependencies.tie(circuit, this.#circuits.values());
    }
    return circuit;
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

function signature(options: BreakerOptions): string {
  return `${options.failureThreshold}-${options.successThreshold}-${options.recoveryTimeoutMs}-${options.halfOpenMaxCalls}${options.enabled ? '' : '-off'}`;
}

/** The registry that clients share unless they are given one. */
export const defaultRegistry = new BreakerRegistry();
