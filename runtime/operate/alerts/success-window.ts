interface Sample {
  readonly at: number;
  readonly successes: number;
  readonly failures: number;
}

/** What a circuit's counters say: they only grow. */
export type Counts = Pick<Sample, 'successes' | 'failures'>;

/** Samples that a window keeps at most: it is as exact as a sixtieth of its length. */
const SLOTS = 60;

/** The success rate of the last `windowMs`, from counters that are looked at now and then. */
export class SuccessWindow {
  #samples: Sample[];

  constructor(
    readonly windowMs: number,
    now: number,
    counts: Counts,
  ) {
    this.#samples = [{ at: now, ...counts }];
  }

  /** Attempts that ended in a verdict within the window, and the share of them that succeeded; 1 where there were none. */
  look(now: number, counts: Counts): { readonly calls: number; readonly rate: number } {
    // The one that the window begins at stays, all before it go.
    while (this.#samples.length > 1 && (this.#samples[1]?.at ?? now) <= now - this.windowMs) this.#samples.shift();
    const first = this.#samples[0] ?? { at: now, ...counts };
    if (now - (this.#samples.at(-1)?.at ?? 0) >= this.windowMs / SLOTS) this.#samples.push({ at: now, ...counts });
    const successes = counts.successes - first.successes;
    const calls = successes + counts.failures - first.failures;
    return { calls, rate: calls === 0 ? 1 : successes / calls };
  }

  /** Forgets what was. */
  restart(now: number, counts: Counts): void {
    this.#samples = [{ at: now, ...counts }];
  }
}
