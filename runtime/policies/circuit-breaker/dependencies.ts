import { ConfigurationError } from '../../errors/configuration-error.js';
import type { CircuitBreaker } from './breaker.js';

/** The circuits that a name means: that of the name, and every one of the service of that name. */
export type Members = (name: string) => Iterable<CircuitBreaker>;

const NOBODY: ReadonlySet<string> = new Set();

/**
 * Which circuits follow which, by name: known before the circuits are, because clients make theirs at their first call, and looked up when a
 * follower is asked, because circuits come and go.
 */
export class Dependencies {
  /** By code; stays. */
  readonly #said = new Map<string, ReadonlySet<string>>();
  /** By the settings; a reload replaces it. */
  readonly #configured = new Map<string, readonly string[]>();
  /** Names of which what is said came with their circuit, and goes with it. */
  readonly #ofCircuit = new Set<string>();
  readonly #members: Members;

  constructor(members: Members) {
    this.#members = members;
  }

  /**
   * @param ofCircuit - forgotten when the circuit of that name is
   * @throws {ConfigurationError} where a name would follow itself, directly or through others; nothing is changed then.
   */
  add(name: string, others: readonly string[], ofCircuit: boolean): void {
    checkNames(name, others);
    this.#checkCircle(name, others, this.#followed);
    if (!ofCircuit) this.#ofCircuit.delete(name);
    else if (!this.#said.has(name)) this.#ofCircuit.add(name);
    this.#said.set(name, new Set([...(this.#said.get(name) ?? NOBODY), ...others]));
    for (const member of this.#members(name)) this.tie(member);
  }

  /**
   * What the settings say of several names, in the place of what they said before. The result puts it in force.
   *
   * @throws {ConfigurationError} where a name would follow itself; nothing is changed then.
   */
  planned(all: ReadonlyMap<string, readonly string[]>): () => void {
    const then = (name: string): readonly string[] => [
      ...(this.#said.get(name) ?? NOBODY),
      ...(all.get(name) ?? this.#configured.get(name) ?? NOBODY),
    ];
    for (const [name, others] of all) this.#checkCircle(name, others, then);
    return () => {
      for (const [name, others] of all) {
        const before = this.#configured.get(name);
        // Most services follow none, and what did not change needs no look at all of its circuits.
        // Stryker disable next-line ConditionalExpression,LogicalOperator,EqualityOperator: the same in the place of the same changes nothing.
        if (before === others || (before?.length ?? 0) + others.length === 0) continue;
        this.#configured.set(name, others);
        for (const member of this.#members(name)) this.tie(member);
      }
    };
  }

  /** Lets a circuit follow whom the names say, now and later. */
  tie(circuit: CircuitBreaker): void {
    const { name, service } = circuit;
    // Stryker disable next-line ConditionalExpression,EqualityOperator: who looks for nobody finds nobody; this spares looking.
    const follows = this.#followed(name).length + this.#followed(service).length > 0;
    circuit.followByName(follows ? () => this.#followedBy(circuit) : undefined);
  }

  /** The circuit is forgotten. */
  forget({ name }: CircuitBreaker): void {
    if (this.#ofCircuit.delete(name)) this.#said.delete(name);
  }

  *#followedBy(circuit: CircuitBreaker): Iterable<CircuitBreaker> {
    const { name, service } = circuit;
    for (const other of new Set([...this.#followed(name), ...this.#followed(service)])) yield* this.#members(other);
  }

  readonly #followed = (name: string): readonly string[] => [
    ...(this.#said.get(name) ?? NOBODY),
    ...(this.#configured.get(name) ?? NOBODY),
  ];

  #checkCircle(name: string, others: readonly string[], followed: (name: string) => readonly string[]): void {
    for (const other of others) {
      const way = other === name ? [name] : wayFrom(other, name, followed);
      if (way === undefined) continue;
      const hint = `The circle: ${[name, ...way].join(' -> ')}`;
      throw new ConfigurationError(`follows of '${name}'`, other, 'a circuit that does not follow this one', hint);
    }
  }
}

function checkNames(name: string, others: readonly string[]): void {
  if (typeof name !== 'string' || name === '') throw new ConfigurationError('follows', name, 'the name of a circuit or service');
  if (!Array.isArray(others)) throw new ConfigurationError(`follows of '${name}'`, others, 'a list of names');
  for (const other of others) {
    if (typeof other !== 'string' || other === '')
      throw new ConfigurationError(`follows of '${name}'`, other, 'the name of a circuit or service');
  }
}

/** The names from one to the other, along who follows whom. */
function wayFrom(
  from: string,
  to: string,
  followed: (name: string) => readonly string[],
  seen = new Set<string>(),
): readonly string[] | undefined {
  seen.add(from);
  for (const next of followed(from)) {
    if (next === to) return [from, to];
    const rest = seen.has(next) ? undefined : wayFrom(next, to, followed, seen);
    if (rest !== undefined) return [from, ...rest];
  }
  return undefined;
}
