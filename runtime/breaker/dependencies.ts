import { ConfigurationError } from '../errors/configuration-error.js';
import type { CircuitBreaker } from './breaker.js';

/** Whom the circuits of one name follow. */
interface Rule {
  /** Said by code; stays. */
  readonly said: Set<string>;
  /** Said by the settings; a reload replaces it. */
  configured: readonly string[];
  /** It came with the circuit of that name, and goes with it. */
  ofCircuit: boolean;
}

/** The circuits that a name means: that of the name, and every one of the service of that name. */
export type Members = (name: string) => Iterable<CircuitBreaker>;

const NOBODY: readonly string[] = [];

/**
 * Which circuits follow which, by name: known before the circuits are, because clients make theirs at their first call. A name means the
 * circuit of that name and every circuit of the service of that name.
 */
export class Dependencies {
  readonly #rules = new Map<string, Rule>();
  /** Who follows a name. */
  readonly #followers = new Map<string, Set<string>>();
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
    const configured = this.#rules.get(name)?.configured ?? NOBODY;
    this.#checkCircles(new Map([[name, [...configured, ...others]]]));
    const rule = this.#rule(name);
    if (!ofCircuit) rule.ofCircuit = false;
    else if (rule.said.size === 0 && configured.length === 0) rule.ofCircuit = true;
    for (const other of others) rule.said.add(other);
    this.#tieNames(name, others);
  }

  /**
   * What the settings say of several names, in the place of what they said before. The result puts it in force.
   *
   * @throws {ConfigurationError} where a name would follow itself; nothing is changed then.
   */
  planned(all: ReadonlyMap<string, readonly string[]>): () => void {
    this.#checkCircles(all);
    return () => {
      for (const [name, others] of all) this.#configure(name, others);
    };
  }

  /** The circuit is there from now on: it follows whom it should, and is followed by who should. */
  tie(circuit: CircuitBreaker): void {
    if (this.#rules.size === 0) return;
    for (const name of namesOf(circuit)) {
      for (const other of this.#followedBy(name)) for (const followed of this.#members(other)) tied(circuit, followed);
      for (const follower of this.#followers.get(name) ?? []) for (const member of this.#members(follower)) tied(member, circuit);
    }
  }

  /** The circuit is forgotten: nobody follows it any more. */
  untie(circuit: CircuitBreaker): void {
    if (this.#rules.size === 0) return;
    for (const name of namesOf(circuit))
      for (const follower of this.#followers.get(name) ?? []) for (const member of this.#members(follower)) member.unfollow(circuit);
    const rule = this.#rules.get(circuit.name);
    if (rule?.ofCircuit !== true) return;
    this.#rules.delete(circuit.name);
    for (const other of rule.said) this.#withdraw(circuit.name, other);
  }

  #configure(name: string, others: readonly string[]): void {
    const before = this.#rules.get(name)?.configured ?? NOBODY;
    if (before === others || (before.length === 0 && others.length === 0)) return;
    const rule = this.#rule(name);
    rule.configured = others;
    rule.ofCircuit = false;
    this.#tieNames(name, others);
    for (const other of before) {
      if (others.includes(other) || rule.said.has(other)) continue;
      this.#withdraw(name, other);
      for (const member of this.#members(name)) for (const followed of this.#members(other)) member.unfollow(followed);
    }
    // What another rule says of the same circuits still holds.
    if (before.length > 0) for (const member of this.#members(name)) this.tie(member);
  }

  #tieNames(name: string, others: readonly string[]): void {
    for (const other of others) {
      const followers = this.#followers.get(other) ?? new Set();
      this.#followers.set(other, followers.add(name));
      for (const member of this.#members(name)) for (const followed of this.#members(other)) tied(member, followed);
    }
  }

  #withdraw(name: string, other: string): void {
    const followers = this.#followers.get(other);
    followers?.delete(name);
    if (followers?.size === 0) this.#followers.delete(other);
  }

  #rule(name: string): Rule {
    const rule = this.#rules.get(name) ?? { said: new Set(), configured: NOBODY, ofCircuit: false };
    this.#rules.set(name, rule);
    return rule;
  }

  #followedBy(name: string): readonly string[] {
    const rule = this.#rules.get(name);
    return rule === undefined ? NOBODY : [...rule.said, ...rule.configured];
  }

  #checkCircles(changed: ReadonlyMap<string, readonly string[]>): void {
    const followed = (name: string): readonly string[] => {
      const others = changed.get(name);
      return others === undefined ? this.#followedBy(name) : [...(this.#rules.get(name)?.said ?? NOBODY), ...others];
    };
    for (const [name, others] of changed) {
      for (const other of others) {
        const way = other === name ? [name] : wayFrom(other, name, followed);
        if (way === undefined) continue;
        const hint = `The circle: ${[name, ...way].join(' -> ')}`;
        throw new ConfigurationError(`follows of '${name}'`, other, 'a circuit that does not follow this one', hint);
      }
    }
  }
}

/** A circuit may bear the name that its own service follows. */
function tied(circuit: CircuitBreaker, followed: CircuitBreaker): void {
  if (circuit !== followed) circuit.follow(followed);
}

function checkNames(name: string, others: readonly string[]): void {
  if (typeof name !== 'string' || name === '') throw new ConfigurationError('follows', name, 'the name of a circuit or service');
  if (!Array.isArray(others)) throw new ConfigurationError(`follows of '${name}'`, others, 'a list of names');
  for (const other of others) {
    if (typeof other !== 'string' || other === '')
      throw new ConfigurationError(`follows of '${name}'`, other, 'the name of a circuit or service');
  }
}

function namesOf({ name, service }: CircuitBreaker): readonly string[] {
  return name === service ? [name] : [name, service];
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
