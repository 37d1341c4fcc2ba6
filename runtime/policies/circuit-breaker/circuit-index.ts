/** The parts of a circuit that the index needs. */
export interface Indexed {
  readonly name: string;
  readonly service: string;
  /** The name of the family, if it differs from the circuit's name. Set by the index. */
  family: string | undefined;
}

/** The circuits of a registry by name, by service, and by family. The family is the name under which a circuit was requested. */
export class CircuitIndex<C extends Indexed> {
  readonly #circuits = new Map<string, C>();
  readonly #services = new Map<string, Set<C>>();
  /**
   * The circuits of each family whose name differs from that of the family. They have other thresholds, which a reload can change. Most families have
   * none, so the circuit with the family's own name is only in `#circuits`.
   */
  readonly #variants = new Map<string, readonly C[]>();

  get size(): number {
    return this.#circuits.size;
  }

  get(name: string): C | undefined {
    return this.#circuits.get(name);
  }

  has(circuit: C): boolean {
    return this.#circuits.get(circuit.name) === circuit;
  }

  /** All circuits, in the order in which they were added. */
  all(): Iterable<C> {
    return this.#circuits.values();
  }

  /** Returns the circuits that were requested under `name`. */
  family(name: string): readonly C[] {
    const circuit = this.#circuits.get(name);
    const variants = this.#variants.get(name) ?? [];
    // A circuit of that name can be the variant of another family.
    return circuit === undefined || circuit.family !== undefined ? variants : [circuit, ...variants];
  }

  /** Returns the circuits that a follower of `name` follows: the circuit of that name, and all circuits of the service of that name. */
  *members(name: string): Iterable<C> {
    const circuit = this.#circuits.get(name);
    if (circuit !== undefined) yield circuit;
    // Stryker disable next-line ConditionalExpression: to meet a circuit twice changes nothing; this saves asking it.
    for (const member of this.#services.get(name) ?? []) if (member !== circuit) yield member;
  }

  add(circuit: C, family: string): void {
    const { name, service } = circuit;
    this.#circuits.set(name, circuit);
    const ofService = this.#services.get(service) ?? new Set();
    this.#services.set(service, ofService.add(circuit));
    if (name === family) return;
    circuit.family = family;
    this.#variants.set(family, [...(this.#variants.get(family) ?? []), circuit]);
  }

  /** Removes a circuit that the index has. */
  remove(circuit: C): void {
    const { name, service, family } = circuit;
    this.#circuits.delete(name);
    const ofService = this.#services.get(service);
    // Stryker disable next-line OptionalChaining: for the types; the index has the service of each of its circuits.
    ofService?.delete(circuit);
    // Stryker disable next-line ConditionalExpression,OptionalChaining: for the types; and a service without circuits says the same, this saves keeping it.
    if (ofService?.size === 0) this.#services.delete(service);
    // Stryker disable next-line ConditionalExpression: a short cut; no family has the name undefined.
    if (family === undefined) return;
    // Stryker disable next-line ArrayDeclaration: for the types; the index has the family of each of its variants.
    const rest = (this.#variants.get(family) ?? []).filter((member) => member !== circuit);
    // Stryker disable next-line ConditionalExpression: a family without variants says the same; this saves keeping it.
    if (rest.length === 0) this.#variants.delete(family);
    else this.#variants.set(family, rest);
  }
}
