import { ConfigurationError } from '../errors/configuration-error.js';
import type { CircuitBreaker } from './breaker.js';

/**
 * Which circuits follow which, by name: known before the circuits are, because clients make theirs at their first call. A name means the
 * circuit of that name and every circuit of the service of that name.
 */
export class Dependencies {
  readonly #followed = new Map<string, Set<string>>();

  /** So that nobody compares all circuits with all others for nothing. */
  // Stryker disable next-line BlockStatement: who compares all the same finds that none follows another.
  get empty(): boolean {
    // Stryker disable next-line ConditionalExpression: as above.
    return this.#followed.size === 0;
  }

  /** @throws {ConfigurationError} where a name would follow itself, directly or through others; nothing is changed then. */
  add(name: string, others: readonly string[]): void {
    if (typeof name !== 'string' || name === '') throw new ConfigurationError('follows', name, 'the name of a circuit or service');
    if (!Array.isArray(others)) throw new ConfigurationError(`follows of '${name}'`, others, 'a list of names');
    for (const other of others) {
      if (typeof other !== 'string' || other === '')
        throw new ConfigurationError(`follows of '${name}'`, other, 'the name of a circuit or service');
      const way = other === name ? [name] : this.#way(other, name);
      if (way !== undefined) {
        const cycle = [name, ...way].join(' -> ');
        throw new ConfigurationError(`follows of '${name}'`, other, 'a circuit that does not follow this one', `The circle: ${cycle}`);
      }
    }
    const followed = this.#followed.get(name) ?? new Set();
    for (const other of others) followed.add(other);
    this.#followed.set(name, followed);
  }

  /** Ties circuits that exist: `circuit` to all that it follows, and all that follow it. */
  tie(circuit: CircuitBreaker, all: Iterable<CircuitBreaker>): void {
    for (const other of all) {
      if (other === circuit) continue;
      if (this.#follows(circuit, other)) circuit.follow(other);
      if (this.#follows(other, circuit)) other.follow(circuit);
    }
  }

  #follows(one: CircuitBreaker, other: CircuitBreaker): boolean {
    return [one.name, one.service].some((name) => {
      const followed = this.#followed.get(name);
      return followed !== undefined && (followed.has(other.name) || followed.has(other.service));
    });
  }

  /** The names from one to the other, along who follows whom. */
  #way(from: string, to: string, seen = new Set<string>()): readonly string[] | undefined {
    seen.add(from);
    // Stryker disable next-line ArrayDeclaration: a name that nobody gave leads nowhere.
    for (const next of this.#followed.get(from) ?? []) {
      if (next === to) return [from, to];
      const rest = seen.has(next) ? undefined : this.#way(next, to, seen);
      if (rest !== undefined) return [from, ...rest];
    }
    return undefined;
  }
}
