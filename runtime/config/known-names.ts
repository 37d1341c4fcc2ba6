import { nearest } from '../errors/nearest.js';

/** Largest number of names listed in a message. */
const LISTED = 12;
/**
 * Largest number of searches for the nearest name. A search compares with all names, so a file with many unknown names must not start one for each.
 */
const SEARCHES = 50;

/** The existing names, for messages about unknown names. */
export class KnownNames {
  readonly #names: ReadonlySet<string>;
  #searches = 0;

  constructor(names: Iterable<string>) {
    this.#names = new Set(names);
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }

  /** Returns `Did you mean ...?`, or undefined if no name is similar. `except` is not suggested. */
  meant(name: string, except?: string): string | undefined {
    if (this.#searches >= SEARCHES) return undefined;
    this.#searches += 1;
    const found = nearest(name, except === undefined ? this.#names : this.#without(except));
    return found === undefined ? undefined : `Did you mean \`${found}\`?`;
  }

  /** Returns the first names and the number of further ones; `none` if there are no names. */
  list(none: string, except?: string): string {
    return listNames(this.#without(except), this.#names.size - (except !== undefined && this.has(except) ? 1 : 0), none);
  }

  /** Like `list`, for the names that start with `start`. If there are none, for all names. */
  listBeginning(start: string, none: string): string {
    if (this.#searches >= SEARCHES) return this.list(none);
    const neighbours = [...this.#names].filter((name) => name.startsWith(start));
    return neighbours.length === 0 ? this.list(none) : listNames(neighbours, neighbours.length, none);
  }

  get size(): number {
    return this.#names.size;
  }

  *#without(except: string | undefined): Iterable<string> {
    for (const name of this.#names) if (name !== except) yield name;
  }
}

function listNames(names: Iterable<string>, count: number, none: string): string {
  if (count === 0) return none;
  const shown: string[] = [];
  for (const name of names) {
    if (shown.length === LISTED) break;
    shown.push(name);
  }
  return count > LISTED ? `${shown.join(', ')} and ${count - LISTED} more` : shown.join(', ');
}
