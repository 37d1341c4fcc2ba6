import type { Clock } from '../../clock.js';
import type { ProtectOptions } from '../protect-options.js';
import type { ProtectContext } from '../run.js';
import type { CircuitSource } from './select-provider.js';

/** One way to the answer. */
export interface Tier<T = unknown, A extends readonly unknown[] = readonly unknown[]>
  extends Partial<Pick<ProtectOptions, 'breaker' | 'timeoutMs' | 'retry' | 'isFailure'>> {
  /** Shown in errors and metrics; unique. */
  readonly name: string;
  readonly run: (context: ProtectContext, ...args: A) => T | PromiseLike<T>;
  /**
   * Whose circuit decides whether the tier is worth trying, where `run` goes through it by itself: a generated client, for its calls are
   * protected. `breaker`, in contrast, is one that protects `run` here.
   */
  readonly circuit?: CircuitSource;
  /** Instead of the options' `minQuality`. */
  readonly minQuality?: number;
}

/** What holds for all tiers. */
export interface TiersOptions<T = unknown> {
  /** What the whole is called in errors. Default `tiers`. */
  readonly name?: string;
  /** How good an answer is. One that is not told (it throws, or gives no number) is not good enough. It says nothing of the circuit. */
  readonly quality?: (answer: T, tier: string) => number | PromiseLike<number>;
  /** The least quality that is given to the caller. Needs `quality`. */
  readonly minQuality?: number;
  /** Limit over all tiers, in milliseconds, more than 0. `null` or `Infinity`: no limit, the default. */
  readonly totalTimeoutMs?: number | null;
  /** True for an error that no other tier will change, such as a 404: it comes through. Default: none. A throw or a promise means false. */
  readonly stopOn?: (error: unknown, tier: string) => boolean;
  /** Default: that of the first tier's breaker, else the machine's. */
  readonly clock?: Clock;
}
