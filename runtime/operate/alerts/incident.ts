/**
 * How bad it is: nothing, too few successes, open, open for long. A worse one is told of although the cooldown still runs.
 */
export type Stage = 0 | 1 | 2 | 3;

/** What is to be told. `untold`: openings since the last message of which nothing was said. */
export interface News {
  readonly kind: 'firing' | 'resolved';
  readonly untold: number;
}

/**
 * The trouble of a service, or of a circuit, from its beginning to the end of the cooldown. Its rules:
 *
 * - what begins or gets worse is told at once,
 * - the end of what was told is told at once,
 * - what comes back within the cooldown of the last `firing` message is not told; when the cooldown is over it is, if it still goes on, and
 *   if not, its end is told, so that the last message is always the truth.
 *
 * Knows no clock and sends nothing: time comes in as monotonic milliseconds.
 */
export class Incident {
  /** Messages so far. */
  sequence = 0;
  /** Of half-open circuits one is told of per incident. */
  halfOpenTold = false;
  #told: Stage = 0;
  /** The worst that was told in this cooldown. */
  #peak: Stage = 0;
  #cooldownUntil = Number.NEGATIVE_INFINITY;
  #untold = 0;
  #active = false;

  constructor(
    readonly id: string,
    /** Wall clock. */
    readonly startedAt: number,
  ) {}

  /** The worst that was told and has not ended. */
  get told(): Stage {
    return this.#told;
  }

  /** Until when what comes back is not told. */
  get cooldownUntil(): number {
    return this.#cooldownUntil;
  }

  /** Nothing goes on, nothing is left to tell, and what comes now is another incident. */
  isOver(now: number): boolean {
    return !this.#active && this.#told === 0 && this.#untold === 0 && now >= this.#cooldownUntil;
  }

  /** The state is `stage` now. Returns what has to be told of that. */
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

/** A new one about a service or a circuit. `at`: wall-clock milliseconds. `draw`: at least 0 and below 1, so that ids of processes differ. */
export function incidentOf(subject: string, at: number, draw: number): Incident {
  // What receivers take as a key: no longer than PagerDuty allows, and of harmless characters.
  const name = subject.replace(/[^\w.@/-]+/g, '_').slice(0, 100);
  const id = `${name}-${at.toString(36)}${Math.floor(draw * 0x1_0000)
    .toString(16)
    .padStart(4, '0')}`;
  return new Incident(id, at);
}
