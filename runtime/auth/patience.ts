/** The first and the longest time in which a token that is refused counts as fresh, in milliseconds. */
const FIRST_MS = 5_000;
const LONGEST_MS = 600_000;

/**
 * Decides whether a token that a server refused with 401 is renewed. A token that is refused soon after it was given is not stale: another one would be
 * refused, too. This time doubles with each token that a 401 ends, because an operation that always answers 401 must not use up a token each time.
 */
export class Patience {
  #ms = FIRST_MS;

  /** `ageMs`: how long the refused token has been in use. True: it is renewed. */
  ends(ageMs: number): boolean {
    if (ageMs < this.#ms) return false;
    this.#ms = Math.min(2 * this.#ms, LONGEST_MS);
    return true;
  }

  /** A token lived until its end, so a 401 was not what ended it. */
  begin(): void {
    this.#ms = FIRST_MS;
  }
}
