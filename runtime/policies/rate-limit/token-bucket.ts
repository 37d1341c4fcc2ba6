/** What a server said of its limit. */
export interface RateHints {
  /** Requests left in its window. */
  readonly remaining: number | undefined;
  /** Milliseconds until its window ends, where it says so. */
  readonly resetMs: number | undefined;
  /** Length of its window in milliseconds, where it says that instead. */
  readonly intervalMs: number | undefined;
  /** Requests left today. */
  readonly dailyRemaining: number | undefined;
  /** It refused, and asked to wait this many milliseconds. */
  readonly pauseMs: number | undefined;
}

/** Longest time for which a server's word is taken, in milliseconds: an hour. A wrong header must not silence a program for a day. */
export const MAX_PAUSE_MS = 3_600_000;

/** No header tells when a used-up day ends: one request asks again after this many milliseconds. */
export const DAILY_RECHECK_MS = 300_000;

/** Two ends of a window that lie closer than this are the same one: servers tell it in whole seconds. */
const SAME_WINDOW_MS = 1_500;

interface Allowance {
  left: number;
  until: number;
}

/**
 * Tokens for requests. A token comes back `perMs` after it was taken, so no span of that length ever sees more than `requests`: a bucket that
 * refills evenly would let through nearly twice as many, and vendors count windows. What a server says of its own limit narrows it further.
 * Time comes in as a number.
 */
export class TokenBucket {
  readonly #requests: number;
  readonly #perMs: number;
  /** When the tokens that are out were taken, oldest first, from `#head` on. */
  readonly #taken: number[] = [];
  #head = 0;
  #window: Allowance | undefined;
  #daily: Allowance | undefined;

  /** `requests` may be Infinity: then only what the server says counts. */
  constructor(requests: number, perMs: number) {
    this.#requests = requests;
    this.#perMs = perMs;
  }

  /** Takes a token, or returns false and takes nothing. */
  take(now: number): boolean {
    if (this.waitMs(now) > 0) return false;
    if (this.#requests !== Number.POSITIVE_INFINITY) this.#taken.push(now);
    if (this.#window !== undefined) this.#window.left--;
    if (this.#daily !== undefined && --this.#daily.left <= 0) this.#daily.until = now + DAILY_RECHECK_MS;
    return true;
  }

  /** Gives back the token that was taken last: its request was never sent. */
  refund(): void {
    if (this.#taken.length > this.#head) this.#taken.pop();
    if (this.#window !== undefined) this.#window.left++;
    if (this.#daily !== undefined) this.#daily.left++;
  }

  /** Milliseconds until the token that is `place`th in line is there: 0 where it is. */
  waitMs(now: number, place = 1): number {
    this.#expire(now);
    let wait = 0;
    const out = this.#taken.length - this.#head;
    const behind = place - (this.#requests - out) - 1;
    if (behind >= 0) {
      const at = behind % this.#requests;
      // Tokens that are free now are taken by those in front, and come back a whole period from now.
      const first = at < out ? (this.#taken[this.#head + at] ?? now) + this.#perMs - now : this.#perMs;
      wait = first + Math.floor(behind / this.#requests) * this.#perMs;
    }
    const window = this.#window;
    if (window !== undefined && place > window.left) wait = Math.max(wait, window.until - now);
    const daily = this.#daily;
    if (daily !== undefined && place > daily.left) wait = Math.max(wait, daily.until > now ? daily.until - now : DAILY_RECHECK_MS);
    return wait;
  }

  /** Takes the server's word for what is left. True where that is less than was thought. */
  learn(hints: RateHints, now: number): boolean {
    const before = this.waitMs(now) > 0;
    const known = this.#window?.left;
    const day = this.#daily?.left;
    if (hints.pauseMs !== undefined && hints.pauseMs > 0) {
      const until = now + Math.min(hints.pauseMs, MAX_PAUSE_MS);
      this.#window = { left: 0, until: Math.max(until, this.#window?.until ?? 0) };
    } else if (hints.remaining !== undefined) this.#learnWindow(hints.remaining, hints, now);
    if (hints.dailyRemaining !== undefined) {
      // Told again while the day is used up, the wait begins anew.
      const until = hints.dailyRemaining > 0 ? now : now + DAILY_RECHECK_MS;
      this.#daily = { left: hints.dailyRemaining, until };
    }
    const less = (was: number | undefined, is: number | undefined): boolean => is !== undefined && is < (was ?? Number.POSITIVE_INFINITY);
    return (!before && this.waitMs(now) > 0) || less(known, this.#window?.left) || less(day, this.#daily?.left);
  }

  /** Tokens that could be taken now, one after another. */
  available(now: number): number {
    this.#expire(now);
    const own = this.#requests - (this.#taken.length - this.#head);
    return Math.max(0, Math.min(own, this.#window?.left ?? own, this.#daily?.left ?? own));
  }

  /** Forgetting it would change nothing. */
  idle(now: number): boolean {
    return !this.isOut(now) && this.#window === undefined && (this.#daily === undefined || this.#daily.left > 0);
  }

  /** Some token is out. */
  isOut(now: number): boolean {
    this.#expire(now);
    return this.#taken.length > this.#head;
  }

  /** The server's word narrows the limit. */
  narrowed(now: number): boolean {
    this.#expire(now);
    return this.#window !== undefined || this.#daily !== undefined;
  }

  /** Takes over what the server said to another bucket; of two words the later one of a window, and the lower one of a day. */
  inherit(other: TokenBucket): void {
    const [window, daily] = [other.#window, other.#daily];
    if (window !== undefined && window.until > (this.#window?.until ?? Number.NEGATIVE_INFINITY)) this.#window = { ...window };
    if (daily !== undefined && daily.left < (this.#daily?.left ?? Number.POSITIVE_INFINITY)) this.#daily = { ...daily };
  }

  /** An answer may be overtaken by a later one, so within one window only the lower number counts. */
  #learnWindow(remaining: number, { resetMs, intervalMs }: RateHints, now: number): void {
    const length = Math.min(resetMs ?? intervalMs ?? this.#perMs, MAX_PAUSE_MS);
    const until = now + length;
    const known = this.#window;
    // Where only the length of the window is told, it ends a length after it was first heard of: else every answer would prolong it.
    if (known === undefined || (resetMs !== undefined && until > known.until + SAME_WINDOW_MS)) this.#window = { left: remaining, until };
    else if (resetMs === undefined || until > known.until - SAME_WINDOW_MS) known.left = Math.min(known.left, remaining);
  }

  #expire(now: number): void {
    while (this.#head < this.#taken.length && (this.#taken[this.#head] ?? 0) + this.#perMs <= now) this.#head++;
    // Moved seldom, so that each token is moved about once.
    if (this.#head > 64 && this.#head * 2 > this.#taken.length) {
      this.#taken.splice(0, this.#head);
      this.#head = 0;
    }
    if (this.#window !== undefined && this.#window.until <= now) this.#window = undefined;
    // One request finds out whether a new day has begun.
    if (this.#daily !== undefined && this.#daily.left <= 0 && this.#daily.until <= now) this.#daily.left = 1;
  }
}
