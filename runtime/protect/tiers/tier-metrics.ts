import type { TierFailure } from '../../errors/tiers-error.js';

/** How one tier has done so far. */
export interface TierMetrics {
  readonly tier: string;
  /** Runs that were started. */
  readonly attempts: number;
  /** Its answers that were given to callers. */
  readonly answers: number;
  /** Runs that ended in an error. */
  readonly errors: number;
  /** Answers below the wanted quality. */
  readonly lowQuality: number;
  /** Not run, because its circuit was open, or refused by it. */
  readonly skipped: number;
  /** Runs that the caller's abort or the total deadline ended. */
  readonly aborted: number;
  /** Of runs that ended by themselves, in milliseconds; 0 before the first. */
  readonly avgDurationMs: number;
}

/** Counters of one tier. */
export class TierCounters {
  attempts = 0;
  answers = 0;
  aborted = 0;
  #errors = 0;
  #lowQuality = 0;
  #skipped = 0;
  #totalMs = 0;

  answered(durationMs: number): void {
    this.answers++;
    this.#totalMs += durationMs;
  }

  failed({ reason, durationMs }: TierFailure): void {
    if (reason === 'circuit_open') {
      this.#skipped++;
      return;
    }
    if (reason === 'error') this.#errors++;
    else this.#lowQuality++;
    this.#totalMs += durationMs;
  }

  read(tier: string): TierMetrics {
    const ended = this.answers + this.#errors + this.#lowQuality;
    return {
      tier,
      attempts: this.attempts,
      answers: this.answers,
      errors: this.#errors,
      lowQuality: this.#lowQuality,
      skipped: this.#skipped,
      aborted: this.aborted,
      avgDurationMs: ended === 0 ? 0 : this.#totalMs / ended,
    };
  }
}
