/** Largest number of responses kept per set of credentials. */
export const LAST_GOOD_ENTRIES = 1_000;
/** Longest response that is kept, in characters. */
export const LAST_GOOD_MAX_CHARS = 1_048_576;

/** Estimated memory of an entry besides its texts: its objects, and its entries in two collections. */
const OVERHEAD_BYTES = 200;

interface Entry {
  readonly identity: string;
  readonly key: string;
  /** The JSON text as received, so that every reader parses its own copy. */
  readonly text: string;
  at: number;
  readonly bytes: number;
  /** Its neighbours in the order of use. */
  older: Entry | undefined;
  newer: Entry | undefined;
}

/**
 * Stores the last good JSON response per request. Entries are keyed first by credentials and tenant headers, so that one tenant never gets data of
 * another. The store is bounded per tenant and in total bytes. If it is full, it removes the least recently used entries. All state is in private
 * fields, so that printing a client prints no token.
 */
export class LastGoodStore {
  readonly #byIdentity = new Map<string, Map<string, Entry>>();
  /** Ends of the list of all entries by their last use. A linked list, because each answer moves its entry. */
  #oldest: Entry | undefined = undefined;
  #newest: Entry | undefined = undefined;
  readonly #maxBytes: number;
  readonly #maxIdentities: number;
  #bytes = 0;

  constructor(maxBytes: number = 64 * 1024 * 1024, maxIdentities = 1_000) {
    this.#maxBytes = maxBytes;
    this.#maxIdentities = maxIdentities;
  }

  put(identity: string, key: string, text: string, at: number): void {
    const known = this.#byIdentity.get(identity);
    const same = known?.get(key);
    if (known !== undefined && same !== undefined && same.text === text) {
      same.at = at;
      this.#use(same);
      moveToEnd(known, key, same);
      moveToEnd(this.#byIdentity, identity, known);
      return;
    }
    this.#store(identity, key, text, at);
  }

  #store(identity: string, key: string, text: string, at: number): void {
    const bytes = 2 * (text.length + key.length) + OVERHEAD_BYTES;
    const entry: Entry = { identity, key, text, at, bytes, older: undefined, newer: undefined };
    if (text.length > LAST_GOOD_MAX_CHARS || entry.bytes > this.#maxBytes) return;
    const kept = this.#byIdentity.get(identity) ?? new Map<string, Entry>();
    const previous = kept.get(key);
    if (previous !== undefined) this.#remove(previous);
    const [first] = kept.values();
    if (first !== undefined && kept.size >= LAST_GOOD_ENTRIES) this.#remove(first);
    while (this.#bytes + entry.bytes > this.#maxBytes) this.#removeOldest();
    // Taken out and put in again: a Map's first is then the one stored to least recently.
    this.#byIdentity.delete(identity);
    if (this.#byIdentity.size >= this.#maxIdentities) {
      const [oldest] = this.#byIdentity.values();
      for (const each of [...(oldest?.values() ?? [])]) this.#remove(each);
    }
    this.#byIdentity.set(identity, kept);
    kept.set(key, entry);
    this.#append(entry);
    this.#bytes += entry.bytes;
  }

  /** Returns the response and its age in milliseconds, or undefined if there is none of at most `maxAgeMs` milliseconds. Null means any age. */
  get(identity: string, key: string, now: number, maxAgeMs: number | null): { readonly text: string; readonly ageMs: number } | undefined {
    const entry = this.#byIdentity.get(identity)?.get(key);
    if (entry === undefined) return undefined;
    const ageMs = now - entry.at;
    if (maxAgeMs !== null && ageMs > maxAgeMs) return undefined;
    this.#use(entry);
    return { text: entry.text, ageMs };
  }

  /** Estimated memory of all entries in bytes: two bytes per character, plus a constant per entry. */
  get bytes(): number {
    return this.#bytes;
  }

  clear(): void {
    this.#byIdentity.clear();
    this.#oldest = undefined;
    this.#newest = undefined;
    this.#bytes = 0;
  }

  /** Marks an entry as the most recently used. */
  #use(entry: Entry): void {
    if (this.#newest === entry) return;
    this.#unlink(entry);
    this.#append(entry);
  }

  #append(entry: Entry): void {
    entry.older = this.#newest;
    if (this.#newest === undefined) this.#oldest = entry;
    else this.#newest.newer = entry;
    this.#newest = entry;
  }

  #unlink(entry: Entry): void {
    const { older, newer } = entry;
    if (older === undefined) this.#oldest = newer;
    else older.newer = newer;
    if (newer === undefined) this.#newest = older;
    else newer.older = older;
    entry.older = undefined;
    entry.newer = undefined;
  }

  #removeOldest(): void {
    if (this.#oldest !== undefined) this.#remove(this.#oldest);
  }

  #remove(entry: Entry): void {
    const kept = this.#byIdentity.get(entry.identity);
    kept?.delete(entry.key);
    if (kept?.size === 0) this.#byIdentity.delete(entry.identity);
    this.#unlink(entry);
    this.#bytes -= entry.bytes;
  }
}

/** Moves a key to the end of a Map, which iterates in insertion order. */
function moveToEnd<V>(map: Map<string, V>, key: string, value: V): void {
  if (map.size === 1) return;
  map.delete(key);
  map.set(key, value);
}
