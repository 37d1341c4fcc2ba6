/** Answers kept per set of credentials, and characters of one answer that is still kept. */
export const LAST_GOOD_ENTRIES = 1_000;
export const LAST_GOOD_MAX_CHARS = 1_048_576;

interface Entry {
  /** The JSON as it came, so that every reader parses a copy of its own. */
  readonly text: string;
  readonly at: number;
}

/**
 * The last good JSON answer per request. Keyed by credentials and tenant headers first, so that one tenant never sees another's data; least
 * recently stored answers go first. Held in private fields, so that printing a client prints no token.
 */
export class LastGoodStore {
  readonly #byIdentity = new Map<string, Map<string, Entry>>();
  readonly #maxIdentities: number;

  constructor(maxIdentities = 1_000) {
    this.#maxIdentities = maxIdentities;
  }

  put(identity: string, key: string, text: string, at: number): void {
    if (text.length > LAST_GOOD_MAX_CHARS) return;
    const entries = this.#byIdentity.get(identity) ?? new Map<string, Entry>();
    // Taken out and put in again, here and below: a Map's first is then the one stored to least recently.
    this.#byIdentity.delete(identity);
    evict(this.#byIdentity, this.#maxIdentities - 1);
    this.#byIdentity.set(identity, entries);
    entries.delete(key);
    evict(entries, LAST_GOOD_ENTRIES - 1);
    entries.set(key, { text, at });
  }

  /** The answer and its age in milliseconds, or undefined where there is none young enough. */
  get(identity: string, key: string, now: number, maxAgeMs: number | null): { readonly text: string; readonly ageMs: number } | undefined {
    const entry = this.#byIdentity.get(identity)?.get(key);
    if (entry === undefined) return undefined;
    const ageMs = now - entry.at;
    return maxAgeMs !== null && ageMs > maxAgeMs ? undefined : { text: entry.text, ageMs };
  }

  clear(): void {
    this.#byIdentity.clear();
  }
}

function evict(map: Map<string, unknown>, keep: number): void {
  while (map.size > keep) {
    const oldest = map.keys().next();
    if (oldest.done) return;
    map.delete(oldest.value);
  }
}
