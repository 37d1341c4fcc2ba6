interface Sample {
  readonly at: number;
  readonly successes: number;
  readonly failures: number;
}

/** The counters of a circuit. They only grow. */
export type Counts = Pick<Sample, 'successes' | 'failures'>;

/** The most samples of a window. Its length is exact to a sixtieth. */
const SLOTS = 60;

/** The success rate of the last `windowMs`, computed from samples of the counters. */
export class SuccessWindow {
  #samples: Sample[];

  constructor(
    readonly windowMs: number,
    now: number,
    counts: Counts,
  ) {
    this.#samples = [{ at: now, ...counts }];
  }

  /** Returns the attempts within the window that succeeded or failed, and the share that succeeded. The share is 1 if there were none. */
  look(now: number, counts: Counts): { readonly calls: number; readonly rate: number } {
    // The last sample before the window stays, because the window starts there.
    while (this.#samples.length > 1 && (this.#samples[1]?.at ?? now) <= now - this.windowMs) this.#samples.shift();
    const first = this.#samples[0] ?? { at: now, ...counts };
    if (now - (this.#samples.at(-1)?.at ?? 0) >= this.windowMs / SLOTS) this.#samples.push({ at: now, ...counts });
    const successes = counts.successes - first.successes;
    const calls = successes + counts.failures - first.failures;
    return { calls, rate: calls === 0 ? 1 : successes / calls };
  }

  /** Empties the window. */
  restart(now: number, counts: Counts): void {
    this.#samples = [{ at: now, ...counts }];
  }
}
