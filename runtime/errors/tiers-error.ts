import { brand, type ErrorPlace, FuselineError, placeName } from './base.js';
import { causeOfAny } from './cause.js';

/** Why a tier gave no answer. */
export interface TierFailure {
  readonly tier: string;
  /** `circuit_open`: skipped, or refused. `low_quality`: it answered, but not well enough. `error`: anything else. */
  readonly reason: 'circuit_open' | 'error' | 'low_quality';
  /** What it threw; of `low_quality`, what the quality check threw, where it did. */
  readonly error?: unknown;
  /** What the quality check gave. */
  readonly quality?: number;
  /** What it should have given. */
  readonly minQuality?: number;
  /** How long it took, in milliseconds; 0 where it was skipped. */
  readonly durationMs: number;
}

/** No tier gave an answer. `failures` says of each why, in the order in which they were tried; the last error is the `cause`. */
export class AllTiersFailedError extends FuselineError {
  readonly kind = 'tiers_failed';
  readonly code = 'EALLTIERSFAILED';
  // Private, so that printing the error prints no answer and no error twice.
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

  /** Names of the tiers, those that were skipped included. */
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
  return quality === undefined ? 'its quality could not be told' : `quality ${quality}, wanted ${minQuality}`;
}
