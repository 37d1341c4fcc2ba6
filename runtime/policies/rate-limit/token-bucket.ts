/** The rate limit that a server reported in a response. */
export interface RateHints {
  /** Requests left in the server's window. */
  readonly remaining: number | undefined;
  /** Milliseconds until the window ends; undefined if not reported. */
  readonly resetMs: number | undefined;
  /** Length of the window in milliseconds; undefined if not reported. */
  readonly intervalMs: number | undefined;
  /** Requests left today. */
  readonly dailyRemaining: number | undefined;
  /** The server refused the request and asked to wait for this many milliseconds. */
  readonly pauseMs: number | undefined;
}

/** Longest time for which a reported limit applies: one hour, in milliseconds. A wrong header must not block a program for a day. */
export const MAX_PAUSE_MS = 3_600_000;

/** After a daily limit is used up, one request is let through after this many milliseconds. No header reports when the day ends. */
export const DAILY_RECHECK_MS = 300_000;

/** Two reported window ends closer than this are the same end, because servers report whole seconds. In milliseconds. */
const SAME_WINDOW_MS = 1_500;

interface Allowance {
  left: number;
  until: number;
}

/**
 * Tokens for requests. A token is free again `perMs` after it was taken, so no span of `perMs` contains more than `requests` requests. A bucket that
 * refills evenly would allow almost twice as many, and vendors count by window. The limits that a server reports apply in addition. Each method
 * takes the current time as an argument.
 */
export class TokenBucket {
  readonly #requests: number;
  readonly #perMs: number;
  /** The times at which the tokens in use were taken, oldest first, starting at `#head`. */
  readonly #taken: number[] = [];
  #head = 0;
  #window: Allowance | undefined;
  #daily: Allowance | undefined;

  /** If `requests` is Infinity, only the limits that the server reports apply. */
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

  /** Gives back the token taken last, because its request was never sent. */
  refund(): void {
    if (this.#taken.length > this.#head) this.#taken.pop();
    if (this.#window !== undefined) this.#window.left++;
    if (this.#daily !== undefined) this.#daily.left++;
  }

  /** Returns the milliseconds until there is a token for the `place`th request in the queue; 0 if there is one now. */
  waitMs(now: number, place = 1): number {
    this.#expire(now);
    let wait = 0;
    const out = this.#taken.length - this.#head;
    const behind = place - (this.#requests - out) - 1;
    if (behind >= 0) {
      const at = behind % this.#requests;
      // The requests in front take the tokens that are free now. Those tokens are free again after a whole period.
      const first = at < out ? (this.#taken[this.#head + at] ?? now) + this.#perMs - now : this.#perMs;
      wait = first + Math.floor(behind / this.#requests) * this.#perMs;
    }
    const window = this.#window;
    if (window !== undefined && place > window.left) wait = Math.max(wait, window.until - now);
    const daily = this.#daily;
    if (daily !== undefined && place > daily.left) wait = Math.max(wait, daily.until > now ? daily.until - now : DAILY_RECHECK_MS);
    return wait;
  }

  /** Applies a reported limit. Returns true if fewer requests are left than before. */
  learn(hints: RateHints, now: number): boolean {
    const before = this.waitMs(now) > 0;
    const known = this.#window?.left;
    const day = this.#daily?.left;
    if (hints.pauseMs !== undefined && hints.pauseMs > 0) {
      const until = now + Math.min(hints.pauseMs, MAX_PAUSE_MS);
      this.#window = { left: 0, until: Math.max(until, this.#window?.until ?? 0) };
    } else if (hints.remaining !== undefined) this.#learnWindow(hints.remaining, hints, now);
    if (hints.dailyRemaining !== undefined) {
      // If the server reports 0 again, the wait starts over.
      const until = hints.dailyRemaining > 0 ? now : now + DAILY_RECHECK_MS;
      this.#daily = { left: hints.dailyRemaining, until };
    }
    const less = (was: number | undefined, is: number | undefined): boolean => is !== undefined && is < (was ?? Number.POSITIVE_INFINITY);
    return (!before && this.waitMs(now) > 0) || less(known, this.#window?.left) || less(day, this.#daily?.left);
  }

  /** Returns the number of tokens that can be taken now. */
  available(now: number): number {
    this.#expire(now);
    const own = this.#requests - (this.#taken.length - this.#head);
    return Math.max(0, Math.min(own, this.#window?.left ?? own, this.#daily?.left ?? own));
  }

  /** True if removing this bucket would lose no state. */
  idle(now: number): boolean {
    return !this.isOut(now) && this.#window === undefined && (this.#daily === undefined || this.#daily.left > 0);
  }

  /** True if a token is in use. */
  isOut(now: number): boolean {
    this.#expire(now);
    return this.#taken.length > this.#head;
  }

  /** True if a reported limit applies. */
  narrowed(now: number): boolean {
    this.#expire(now);
    return this.#window !== undefined || this.#daily !== undefined;
  }

  /** Copies the limits reported to another bucket: of two windows the one that ends later, of two daily limits the lower one. */
  inherit(other: TokenBucket): void {
    const [window, daily] = [other.#window, other.#daily];
    if (window !== undefined && window.until > (this.#window?.until ?? Number.NEGATIVE_INFINITY)) this.#window = { ...window };
    if (daily !== undefined && daily.left < (this.#daily?.left ?? Number.POSITIVE_INFINITY)) this.#daily = { ...daily };
  }

  /** Responses can arrive out of order, so the lowest number reported within one window applies. */
  #learnWindow(remaining: number, { resetMs, intervalMs }: RateHints, now: number): void {
    const length = Math.min(resetMs ?? intervalMs ?? this.#perMs, MAX_PAUSE_MS);
    const until = now + length;
    const known = this.#window;
    // If only the length of the window is reported, the window ends that long after the first report. Otherwise every response would extend it.
    if (known === undefined || (resetMs !== undefined && until > known.until + SAME_WINDOW_MS)) this.#window = { left: remaining, until };
    else if (resetMs === undefined || until > known.until - SAME_WINDOW_MS) known.left = Math.min(known.left, remaining);
  }

  #expire(now: number): void {
    while (this.#head < this.#taken.length && (this.#taken[this.#head] ?? 0) + this.#perMs <= now) this.#head++;
    // Compacted rarely, so that each token is moved about once.
    if (this.#head > 64 && this.#head * 2 > this.#taken.length) {
      this.#taken.splice(0, this.#head);
      this.#head = 0;
    }
    if (this.#window !== undefined && this.#window.until <= now) this.#window = undefined;
    // Lets one request through, to find out whether a new day has begun.
    if (this.#daily !== undefined && this.#daily.left <= 0 && this.#daily.until <= now) this.#daily.left = 1;
  }
}
