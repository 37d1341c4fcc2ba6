import { durationOption, objectOption, shareOption } from '../ranges.js';

/** The options of a ramp, which admits a growing share of calls after a recovery. */
export interface Ramp {
  /** Duration of the ramp after the circuit closes, in milliseconds, at least 1. Default 10,000. */
  readonly durationMs: number;
  /** Share of calls admitted when the circuit closes, 0 to 1. It grows linearly to 1. Default 0.1. */
  readonly initialShare: number;
}

/** The options of a ramp, all optional. */
export type RampOptions = { readonly [K in keyof Ramp]?: Ramp[K] | undefined };

export const RAMP_DEFAULTS: Ramp = { durationMs: 10_000, initialShare: 0.1 };

const NAMES: ReadonlySet<string> = new Set(Object.keys(RAMP_DEFAULTS));

const PLACE = 'breaker.ramp';

/** Fills in defaults. @throws {ConfigurationError} naming the option, the value and the range. */
export function rampOptions(given: RampOptions): Ramp {
  const { durationMs = RAMP_DEFAULTS.durationMs, initialShare = RAMP_DEFAULTS.initialShare } = objectOption(PLACE, given, NAMES);
  return {
    durationMs: durationOption(`${PLACE}.durationMs`, durationMs, 1),
    initialShare: shareOption(`${PLACE}.initialShare`, initialShare),
  };
}

/** Returns the share of calls that a ramp admits at `now`. `until` is the end of the ramp; from then on the share is 1. */
export function shareAt(ramp: Ramp, until: number, now: number): number {
  const gone = Math.min(1, Math.max(0, 1 - (until - now) / ramp.durationMs));
  return ramp.initialShare + (1 - ramp.initialShare) * gone;
}

/**
 * Admits a share of the calls, evenly spread. Each call adds the share to a credit, and a call passes when the credit reaches 1. Nothing is random: a
 * share of 10 % admits every tenth call.
 */
export class RampGate {
  #credit = 1;

  /** Starts over, so that the first call of a ramp passes. */
  reset(): void {
    this.#credit = 1;
  }

  /** Returns true if the next call passes. */
  admits(share: number): boolean {
    this.#credit += share;
    // Rounded to a billionth, because ten times 0.1 is a little less than 1.
    if (Math.round(this.#credit * 1e9) < 1e9) return false;
    this.#credit = Math.max(0, this.#credit - 1);
    return true;
  }
}
