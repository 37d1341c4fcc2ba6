/** Answers kept per set of credentials, and characters of one answer that is still kept. */
export const LAST_GOOD_ENTRIES = 1_000;
export const LAST_GOOD_MAX_CHARS = 1_048_576;

/** What an entry takes besides its texts: objects, and its places in two maps. */
const OVERHEAD_BYTES = 200;

interface Entry {
  readonly identity: string;
  readonly key: string;
  /** The JSON as it came, so that every reader parses a copy of its own. */
  readonly text: string;
  readonly at: number;
  readonly bytes: number;
}

/**
 * The last good JSON answer per request. Keyed by credentials and tenant headers first, so that one tenant never sees another's data. Bounded
 * per tenant, and in bytes over all: if there is no room, the answers go that were not stored or given for the longest time. Held in private
 * fields, so that printing a client prints no token.
 */
export class LastGoodStore {
  readonly #byIdentity = new Map<string, Map<string, Entry>>();
  /** Least recently used first. */
  readonly #all = new Set<Entry>();
  readonly #maxBytes: number;
  readonly #maxIdentities: number;
  #bytes = 0;

  constructor(maxBytes: number = 64 * 1024 * 1024, maxIdentities = 1_000) {
    this.#maxBytes = maxBytes;
    this.#maxIdentities = maxIdentities;
  }

  put(identity: string, key: string, text: string, at: number): void {
    const entry = { identity, key, text, at, bytes: 2 * (text.length + key.length) + OVERHEAD_BYTES };
    if (text.length > LAST_GOOD_MAX_CHARS || entry.bytes > this.#maxBytes) return;
    const kept = this.#byIdentity.get(identity) ?? new Map<string, Entry>();
    const previous = kept.get(key);
    if (previous !== undefined) this.#remove(previous);
    if (kept.size >= LAST_GOOD_ENTRIES) this.#removeFirst(kept.values());
    while (this.#bytes + entry.bytes > this.#maxBytes) this.#removeFirst(this.#all);
    // Taken out and put in again: a Map's first is then the one stored to least recently.
    this.#byIdentity.delete(identity);
    if (this.#byIdentity.size >= this.#maxIdentities) {
      const [oldest] = this.#byIdentity.values();
      for (const each of [...(oldest?.values() ?? [])]) this.#remove(each);
    }
    this.#byIdentity.set(identity, kept);
    kept.set(key, entry);
    this.#all.add(entry);
    this.#bytes += entry.bytes;
  }

  /** Returns the answer and its age in milliseconds, or undefined if no answer is young enough. */
  get(identity: string, key: string, now: number, maxAgeMs: number | null): { readonly text: string; readonly ageMs: number } | undefined {
    const entry = this.#byIdentity.get(identity)?.get(key);
    if (entry === undefined) return undefined;
    const ageMs = now - entry.at;
    if (maxAgeMs !== null && ageMs > maxAgeMs) return undefined;
    this.#all.delete(entry);
    this.#all.add(entry);
    return { text: entry.text, ageMs };
  }

  /** What the kept answers take, as it is counted: two bytes a character, and something for each. */
  get bytes(): number {
    return this.#bytes;
  }

  clear(): void {
    this.#byIdentity.clear();
    this.#all.clear();
    this.#bytes = 0;
  }

  #removeFirst(entries: Iterable<Entry>): void {
    for (const entry of entries) {
      this.#remove(entry);
      return;
    }
  }

  #remove(entry: Entry): void {
    const kept = this.#byIdentity.get(entry.identity);
    kept?.delete(entry.key);
    if (kept?.size === 0) this.#byIdentity.delete(entry.identity);
    this.#all.delete(entry);
    this.#bytes -= entry.bytes;
  }
}
