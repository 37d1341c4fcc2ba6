/** Number of the oldest entries that are searched for an unused one. */
const LOOKED_AT = 32;

/**
 * A map of values that are shared by name. If it has more than `max` entries, unused values are removed, least recently requested first. The map
 * grows beyond `max` only if none of the oldest values is unused.
 */
export class BoundedMap<V> {
  readonly #values = new Map<string, V>();
  readonly #max: number;
  readonly #idle: (value: V) => boolean;
  readonly #gone: ((value: V) => void) | undefined;
  /** The last entry of the map. */
  #latest: string | undefined;

  /** `gone` is called with each removed value. */
  constructor(max: number, idle: (value: V) => boolean, gone?: (value: V) => void) {
    this.#max = max;
    this.#idle = idle;
    this.#gone = gone;
  }

  get(key: string): V | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    if (key === this.#latest) return value;
    // Deleted and set again, so that the first entry of the map is the least recently requested one.
    this.#values.delete(key);
    this.#values.set(key, value);
    this.#latest = key;
    return value;
  }

  /** Adds a new entry. */
  set(key: string, value: V): void {
    if (this.#values.size >= this.#max) this.#makeRoom();
    this.#values.set(key, value);
    this.#latest = key;
  }

  get size(): number {
    return this.#values.size;
  }

  values(): Iterable<V> {
    return this.#values.values();
  }

  #makeRoom(): void {
    let looked = 0;
    for (const [key, value] of this.#values) {
      if (this.#idle(value)) {
        this.#values.delete(key);
        this.#gone?.(value);
        if (this.#values.size < this.#max) return;
      } else if (++looked >= LOOKED_AT) return;
    }
  }
}
