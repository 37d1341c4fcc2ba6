import type { Clock } from '../../clock.js';
import type { ProtectOptions } from '../protect-options.js';
import type { ProtectContext } from '../run.js';
import type { CircuitSource } from './select-provider.js';

/** One of several functions that can supply the result. */
export interface Tier<T = unknown, A extends readonly unknown[] = readonly unknown[]>
  extends Partial<Pick<ProtectOptions, 'breaker' | 'timeoutMs' | 'retry' | 'isFailure'>> {
  /** Name in errors and metrics. Must be unique. */
  readonly name: string;
  readonly run: (context: ProtectContext, ...args: A) => T | PromiseLike<T>;
  /**
   * The circuit that decides whether the tier is tried. Use it if `run` already goes through that circuit, for example if `run` calls a generated
   * client. Use `breaker` instead to protect `run` itself with a circuit.
   */
  readonly circuit?: CircuitSource;
  /** Overrides `minQuality` of the options for this tier. */
  readonly minQuality?: number;
}

/** Options that apply to all tiers. */
export interface TiersOptions<T = unknown> {
  /** Name in errors. Default `tiers`. */
  readonly name?: string;
  /**
   * Returns the quality of an answer. If it throws or returns no number, the answer counts as not good enough. The quality does not affect the
   * circuit.
   */
  readonly quality?: (answer: T, tier: string) => number | PromiseLike<number>;
  /** Lowest quality of an answer that is returned to the caller. Requires `quality`. Default: every answer is returned. */
  readonly minQuality?: number;
  /** Limit for all tiers together, in milliseconds, more than 0. `null` or `Infinity` means no limit. Default: no limit. */
  readonly totalTimeoutMs?: number | null;
  /** True for an error that no other tier will change, such as a 404: it comes through. Default: none. A throw or a promise means false. */
  readonly stopOn?: (error: unknown, tier: string) => boolean;
  /** As for `protect`: `error.stack` names the line of your code that made the call. */
  readonly captureStack?: boolean;
  /** Default: the clock of the first `breaker` among the tiers, otherwise the system clock. */
  readonly clock?: Clock;
}
