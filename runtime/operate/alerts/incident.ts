/** The severity of a trouble: 0 none, 1 too few successes, 2 open, 3 open for long. A higher stage is reported even within the cooldown. */
export type Stage = 0 | 1 | 2 | 3;

/** News to report. `untold` counts the openings since the last message that were not reported. */
export interface News {
  readonly kind: 'firing' | 'resolved';
  readonly untold: number;
}

/**
 * The trouble of a service or a circuit, from its beginning to the end of the cooldown. Its rules:
 *
 * - A new or worse trouble is reported immediately.
 * - The end of a reported trouble is reported immediately.
 * - A trouble that returns within the cooldown of the last `firing` message is not reported. After the cooldown one message follows: the trouble, if it
 *   continues, and otherwise its end. So the last message is always true.
 *
 * An incident has no clock and sends nothing. Times are monotonic milliseconds.
 */
export class Incident {
  /** The number of messages so far. */
  sequence = 0;
  /** Whether a half-open circuit was reported, which happens once per incident. */
  halfOpenTold = false;
  #told: Stage = 0;
  /** The highest stage that was reported in this cooldown. */
  #peak: Stage = 0;
  #cooldownUntil = Number.NEGATIVE_INFINITY;
  #untold = 0;
  #active = false;

  constructor(
    readonly id: string,
    /** The start by the wall clock. */
    readonly startedAt: number,
  ) {}

  /** The highest reported stage that has not ended. */
  get told(): Stage {
    return this.#told;
  }

  /** The end of the cooldown. */
  get cooldownUntil(): number {
    return this.#cooldownUntil;
  }

  /** Whether the incident ended and everything was reported. The next trouble is a new incident. */
  isOver(now: number): boolean {
    return !this.#active && this.#told === 0 && this.#untold === 0 && now >= this.#cooldownUntil;
  }

  /** Moves to a stage. Returns the news to report, if any. */
  move(stage: Stage, now: number, cooldownMs: number): News | undefined {
    const begins = stage > 0 && !this.#active;
    this.#active = stage > 0;
    if (now >= this.#cooldownUntil) this.#peak = this.#told;
    if (stage > this.#told) {
      if (stage > this.#peak) {
        this.#told = stage;
        this.#peak = stage;
        this.#cooldownUntil = now + cooldownMs;
        return { kind: 'firing', untold: this.#takeUntold() };
      }
      if (begins) this.#untold++;
    } else if (stage === 0 && (this.#told > 0 || (this.#untold > 0 && now >= this.#cooldownUntil))) {
      this.#told = 0;
      return { kind: 'resolved', untold: this.#takeUntold() };
    }
    return undefined;
  }

  #takeUntold(): number {
    const untold = this.#untold;
    this.#untold = 0;
    return untold;
  }
}

/** Makes the incident of a service or a circuit. `at`: wall-clock milliseconds. `draw`: at least 0 and below 1, so that ids of processes differ. */
export function incidentOf(subject: string, at: number, draw: number): Incident {
  // Receivers use the id as a key. It has harmless characters, and no more than PagerDuty allows.
  const name = subject.replace(/[^\w.@/-]+/g, '_').slice(0, 100);
  const id = `${name}-${at.toString(36)}${Math.floor(draw * 0x1_0000)
    .toString(16)
    .padStart(4, '0')}`;
  return new Incident(id, at);
}
