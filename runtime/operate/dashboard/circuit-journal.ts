import type { FallbackUsedEvent, TransitionEvent } from '../../observe/events.js';
import type { OpenReason, StateKind } from '../../policies/circuit-breaker/state.js';
import type { AnswerCounts } from './wire.js';

/** The failures of one class. */
export interface ErrorClass {
  /** `http_503`, `timeout`, `refused`, ... All classes beyond the limit count as `other`. */
  readonly cause: string;
  readonly count: number;
  /** The time of the last one, as wall-clock milliseconds. */
  readonly lastAt: number;
}

/** A state of a circuit, and when it began. */
export interface Period {
  readonly at: number;
  readonly kind: StateKind;
}

/** The most classes per circuit. Vendors have few statuses; the limit protects against one that invents them. */
const MAX_CAUSES = 16;
/** The most state changes per circuit, for the strip of its recent past. */
const MAX_PERIODS = 64;
/** The length of the strip, in milliseconds. */
const IN_SIGHT_MS = 15 * 60_000;
const OTHER = 'other';
const RANK: { readonly [K in StateKind]: number } = { closed: 0, forced_closed: 0, metrics_only: 0, half_open: 1, forced_open: 2, open: 3 };

/** Counts what callers got instead of the service's answer. */
class AnswerTally {
  cache = 0;
  fallback = 0;
  refused = 0;
  /** The refused calls that a fallback or the last good response answered. */
  refusedAnswered = 0;

  count({ source, cause }: FallbackUsedEvent): void {
    this[source]++;
    if (cause === 'circuit_open') this.refusedAnswered++;
  }

  get counts(): AnswerCounts {
    // The callers of the other refused calls got an immediate error.
    return { cache: this.cache, fallback: this.fallback, error: Math.max(0, this.refused - this.refusedAnswered) };
  }
}

/** The history of one circuit, collected from its events. */
export class CircuitJournal {
  /** Since when the circuit has not been closed, as wall-clock milliseconds; null if it is closed. */
  downSince: number | null = null;
  /** The time of the last event, as wall-clock milliseconds. */
  heardAt = 0;
  /** The reason of the last opening; null if someone forced it. */
  reason: OpenReason | null = null;
  /** The class of the last failure. */
  lastCause: string | undefined;
  /** Calls that a bulkhead refused. */
  bulkheadRefusals = 0;
  /** Calls that a rate limiter refused. */
  rateLimitRefusals = 0;
  readonly #causes = new Map<string, { count: number; lastAt: number }>();
  readonly #periods: Period[] = [];
  readonly #total = new AnswerTally();
  #outage = new AnswerTally();

  /** The failures by class, the latest first. */
  get errors(): readonly ErrorClass[] {
    return [...this.#causes].map(([cause, { count, lastAt }]) => ({ cause, count, lastAt })).sort((a, b) => b.lastAt - a.lastAt);
  }

  /** The states, the oldest first. */
  get periods(): readonly Period[] {
    return this.#periods;
  }

  /** What callers got since the journal began. */
  get answers(): AnswerCounts {
    return this.#total.counts;
  }

  /** What callers got since the circuit opened, or during the last outage if it is closed. */
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
  /** Removes the states before the strip. If there are none, merges the two oldest into the worse state, so that no outage becomes shorter. */
  #shorten(now: number): void {
    const periods = this.#periods;
    const gone = periods.findLastIndex((_, index) => (periods[index + 1]?.at ?? now) < now - IN_SIGHT_MS) + 1;
    const [first, second] = periods;
    if (gone > 0) periods.splice(0, gone);
    else if (first !== undefined && second !== undefined)
      periods.splice(0, 2, { at: first.at, kind: RANK[second.kind] > RANK[first.kind] ? second.kind : first.kind });
  }
}
