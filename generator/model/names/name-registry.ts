/**
 * The exported names of one service. Gives out each name once. Names that differ only in case are equal; reserved names must match exactly.
 */
export class NameRegistry {
  readonly #reserved: ReadonlySet<string>;
  readonly #taken = new Set<string>();

  constructor(reserved: ReadonlySet<string> = new Set()) {
    this.#reserved = reserved;
  }

  has(name: string): boolean {
    return this.#reserved.has(name) || this.#taken.has(name.toLowerCase());
  }

  take(name: string): void {
    this.#taken.add(name.toLowerCase());
  }

  /** Returns the first free candidate. If all are taken, returns the last one with the lowest free number from 2. */
  claim(...candidates: [string, ...string[]]): string {
    const base = candidates.at(-1) ?? candidates[0];
    let name = candidates.find((candidate) => !this.has(candidate));
    for (let number = 2; name === undefined; number += 1) if (!this.has(`${base}${number}`)) name = `${base}${number}`;
    this.take(name);
    return name;
  }
}
