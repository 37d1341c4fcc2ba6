import type { TierFailure } from '../../errors/tiers-error.js';

/** The counters of one tier, since `tiers` was called. */
export interface TierMetrics {
  readonly tier: string;
  /** Runs started. */
  readonly attempts: number;
  /** Answers returned to callers. */
  readonly answers: number;
  /** Runs that ended with an error. */
  readonly errors: number;
  /** Answers below the required quality. */
  readonly lowQuality: number;
  /** Calls for which the tier was skipped because its circuit was open or could not be asked, or was refused by the circuit. */
  readonly skipped: number;
  /** Runs ended by the caller's abort or by the total deadline. */
  readonly aborted: number;
  /** Average duration of the runs that ended by themselves, in milliseconds; 0 before the first. */
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
