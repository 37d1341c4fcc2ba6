import { ConfigurationError } from '../../errors/configuration-error.js';
import { isList } from '../../errors/readable.js';

/** The parts of a circuit that following by name needs. */
export interface Member<C> {
  readonly name: string;
  readonly service: string;
  followByName(byName: (() => Iterable<C>) | undefined): void;
}

/** Returns the circuit of that name, and all circuits of the service of that name. */
export type Members<C> = (name: string) => Iterable<C>;

const NONE: ReadonlySet<string> = new Set();

/**
 * Stores which circuits follow which, by name. A name can be given before its circuits exist, because a client creates its circuits at its first
 * call. Names are looked up at each check of a follower, because circuits are added and removed.
 */
export class Dependencies<C extends Member<C>> {
  /** Names given by code. A reload does not change them. */
  readonly #said = new Map<string, ReadonlySet<string>>();
  /** Names given by the configuration. A reload replaces them. */
  readonly #configured = new Map<string, readonly string[]>();
  /** Circuits whose entry in `#said` is removed with the circuit. */
  readonly #ofCircuit = new Set<string>();
  readonly #members: Members<C>;

  constructor(members: Members<C>) {
    this.#members = members;
  }

  /**
   * Makes the circuits of `name` also follow the circuits of `others`.
   *
   * @param ofCircuit - true if this entry is removed together with the circuit of that name
   * @throws {ConfigurationError} if a name would follow itself, directly or through others; nothing is changed then.
   */
  add(name: string, others: readonly string[], ofCircuit: boolean): void {
    checkNames(name, others);
    this.#checkCircle(name, others, this.#followed);
    if (!ofCircuit) this.#ofCircuit.delete(name);
    else if (!this.#said.has(name)) this.#ofCircuit.add(name);
    this.#said.set(name, new Set([...(this.#said.get(name) ?? NONE), ...others]));
    for (const member of this.#members(name)) this.tie(member);
  }

  /**
   * Checks the configured `follows` of several names. Returns a function that applies them, in place of the ones configured before.
   *
   * @throws {ConfigurationError} if a name would follow itself; nothing is changed then.
   */
  planned(all: ReadonlyMap<string, readonly string[]>): () => void {
    const then = (name: string): readonly string[] => [
      ...(this.#said.get(name) ?? NONE),
      ...(all.get(name) ?? this.#configured.get(name) ?? NONE),
    ];
    for (const [name, others] of all) this.#checkCircle(name, others, then);
    return () => {
      for (const [name, others] of all) {
        const before = this.#configured.get(name);
        // Most services follow no other. If nothing changed, the circuits of the service need not be visited.
        // Stryker disable next-line ConditionalExpression,LogicalOperator,EqualityOperator: replacing a list by the same one changes nothing.
        if (before === others || (before?.length ?? 0) + others.length === 0) continue;
        this.#configured.set(name, others);
        for (const member of this.#members(name)) this.tie(member);
      }
    };
  }

  /** Makes a circuit follow the circuits that its name and its service's name stand for, now and later. */
  tie(circuit: C): void {
    const { name, service } = circuit;
    // Stryker disable next-line ConditionalExpression,EqualityOperator: a search for no names finds no circuits; this saves it.
    const follows = this.#followed(name).length + this.#followed(service).length > 0;
    circuit.followByName(follows ? () => this.#followedBy(circuit) : undefined);
  }

  /** Removes the entries that exist only as long as the circuit. */
  forget({ name }: C): void {
    if (this.#ofCircuit.delete(name)) this.#said.delete(name);
  }

  *#followedBy(circuit: C): Iterable<C> {
    const { name, service } = circuit;
    for (const other of new Set([...this.#followed(name), ...this.#followed(service)])) yield* this.#members(other);
  }

  readonly #followed = (name: string): readonly string[] => [...(this.#said.get(name) ?? NONE), ...(this.#configured.get(name) ?? NONE)];

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
  if (!isList(others)) throw new ConfigurationError(`follows of '${name}'`, others, 'a list of names');
  for (const other of others) {
    if (typeof other !== 'string' || other === '')
      throw new ConfigurationError(`follows of '${name}'`, other, 'the name of a circuit or service');
  }
}

/** Returns the path of names from `from` to `to`, each followed by the one before it; undefined if there is none. */
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
