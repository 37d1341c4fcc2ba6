import { brand, type ErrorPlace, FuselineError, placeName } from './base.js';
import { causeOfAny } from './cause.js';

/** Why a tier did not answer. */
export interface TierFailure {
  readonly tier: string;
  /** `circuit_open`: the tier was skipped or refused. `low_quality`: its answer was not good enough. `error`: any other failure. */
  readonly reason: 'circuit_open' | 'error' | 'low_quality';
  /** The error of the tier. For `low_quality`, the error of the quality check, if it threw. */
  readonly error?: unknown;
  /** The result of the quality check. */
  readonly quality?: number;
  /** The result that was required. */
  readonly minQuality?: number;
  /** The duration in milliseconds; 0 if the tier was skipped. */
  readonly durationMs: number;
}

/** No tier answered. `failures` has the reason of each, in the order in which they were tried. The last error is the `cause`. */
export class AllTiersFailedError extends FuselineError {
  readonly kind = 'tiers_failed';
  readonly code = 'EALLTIERSFAILED';
  // Private, so that printing the error prints no error twice.
  readonly #failures: readonly TierFailure[];

  constructor(where: ErrorPlace, failures: readonly TierFailure[]) {
    const told = failures.map((failure) => `${failure.tier} (${describe(failure)})`).join(', ');
    const last = failures.findLast(({ error }) => error !== undefined);
    super(`${placeName(where)}: no tier answered: ${told}`, where, last === undefined ? undefined : { cause: last.error });
    this.#failures = failures;
  }

  get failures(): readonly TierFailure[] {
    return this.#failures;
  }

  /** The names of the tiers, including those that were skipped. */
  get attemptedTiers(): readonly string[] {
    return this.#failures.map(({ tier }) => tier);
  }

  override toJSON(): Record<string, unknown> {
    const failures = this.#failures.map(({ error, ...failure }) =>
      error === undefined ? failure : { ...failure, cause: causeOfAny(error) },
    );
    return { ...super.toJSON(), attemptedTiers: this.attemptedTiers, failures };
  }
}

brand(AllTiersFailedError, 'AllTiersFailedError');

function describe({ reason, error, quality, minQuality }: TierFailure): string {
  if (reason === 'circuit_open') return 'circuit open';
  if (reason === 'error') return causeOfAny(error);
  return quality === undefined ? 'its quality is unknown' : `quality ${quality}, wanted ${minQuality}`;
}
