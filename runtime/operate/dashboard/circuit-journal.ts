import type { FallbackUsedEvent, TransitionEvent } from '../../observe/events.js';
import type { OpenReason, StateKind } from '../../policies/circuit-breaker/state.js';
import type { AnswerCounts } from './wire.js';

/** Failures of one class. */
export interface ErrorClass {
  /** `http_503`, `timeout`, `network`, ...; `other` for what came after the list was full. */
  readonly cause: string;
  readonly count: number;
  /** Wall-clock milliseconds of the last one. */
  readonly lastAt: number;
}

/** When a circuit came into a state. */
export interface Period {
  readonly at: number;
  readonly kind: StateKind;
}

/** Classes kept per circuit. Statuses of a vendor are few; the bound is for one that invents them. */
const MAX_CAUSES = 16;
/** State changes kept per circuit, for the strip of its recent past. */
const MAX_PERIODS = 64;
/** How far back the strip goes, in milliseconds. */
const IN_SIGHT_MS = 15 * 60_000;
const OTHER = 'other';
const RANK: { readonly [K in StateKind]: number } = { closed: 0, forced_closed: 0, metrics_only: 0, half_open: 1, forced_open: 2, open: 3 };

/** What callers got who were not served. */
class AnswerTally {
  cache = 0;
  fallback = 0;
  refused = 0;
  /** Refused calls that something else answered. */
  refusedAnswered = 0;

  count({ source, cause }: FallbackUsedEvent): void {
    this[source]++;
    if (cause === 'circuit_open') this.refusedAnswered++;
  }

  get counts(): AnswerCounts {
    // An error at once: refused, and nothing answered instead.
    return { cache: this.cache, fallback: this.fallback, error: Math.max(0, this.refused - this.refusedAnswered) };
  }
}

/** What events have told of one circuit. */
export class CircuitJournal {
  /** Since when the circuit has not been closed, as wall-clock milliseconds; null while it is. */
  downSince: number | null = null;
  /** Wall-clock milliseconds of the last event. */
  heardAt = 0;
  /** What opened it last; null where that was done by hand. */
  reason: OpenReason | null = null;
  /** The failure that came last. */
  lastCause: string | undefined;
  /** Refused by a bulkhead, and by a rate limiter. */
  bulkheadRefusals = 0;
  rateLimitRefusals = 0;
  readonly #causes = new Map<string, { count: number; lastAt: number }>();
  readonly #periods: Period[] = [];
  readonly #total = new AnswerTally();
  #outage = new AnswerTally();

  /** Latest first. */
  get errors(): readonly ErrorClass[] {
    return [...this.#causes].map(([cause, { count, lastAt }]) => ({ cause, count, lastAt })).sort((a, b) => b.lastAt - a.lastAt);
  }

  /** Oldest first. */
  get periods(): readonly Period[] {
    return this.#periods;
  }

  /** Since the journal began. */
  get answers(): AnswerCounts {
    return this.#total.counts;
  }

  /** Since the circuit opened; where it is closed, during the last outage. */
  get outageAnswers(): AnswerCounts {
    return this.#outage.counts;
  }

  failed(cause: string, at: number): void {
    const name = this.#causes.has(cause) || this.#causes.size < MAX_CAUSES - 1 ? cause : OTHER;
    const known = this.#causes.get(name);
    if (known === undefined) this.#causes.set(name, { count: 1, lastAt: at });
    else {
      known.count++;
      known.lastAt = at;
    }
    this.lastCause = cause;
  }

  refused(): void {
    this.#total.refused++;
    this.#outage.refused++;
  }

  answered(event: FallbackUsedEvent): void {
    this.#total.count(event);
    this.#outage.count(event);
  }

  moved({ newState, at, reason }: TransitionEvent): void {
    this.#periods.push({ at, kind: newState });
    if (this.#periods.length > MAX_PERIODS) this.#shorten(at);
    if (newState === 'open' || newState === 'forced_open') this.reason = reason ?? null;
    const down = newState === 'open' || newState === 'forced_open' || newState === 'half_open';
    if (!down) this.downSince = null;
    else if (this.downSince === null) {
      this.downSince = at;
      this.#outage = new AnswerTally();
    }
  }
  /** Leaves out what is out of sight; else makes one of the two oldest, and that the worse of them: an outage must not become shorter. */
  #shorten(now: number): void {
    const periods = this.#periods;
    const gone = periods.findLastIndex((_, index) => (periods[index + 1]?.at ?? now) < now - IN_SIGHT_MS) + 1;
    const [first, second] = periods;
    if (gone > 0) periods.splice(0, gone);
    else if (first !== undefined && second !== undefined)
      periods.splice(0, 2, { at: first.at, kind: RANK[second.kind] > RANK[first.kind] ? second.kind : first.kind });
  }
}
