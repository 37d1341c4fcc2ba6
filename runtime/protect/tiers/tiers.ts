import { guardedClock, systemClock } from '../../clock.js';
import { withoutStack } from '../../errors/base.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenClock, givenFunction, givenObject } from '../../errors/given.js';
import { namesOf, refuseUnknown } from '../../errors/known-options.js';
import { AllTiersFailedError, type TierFailure } from '../../errors/tiers-error.js';
import { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import { answerOf, CURRENT, userFunction } from '../../user-code.js';
import { type Protected, protect } from '../protect.js';
import type { ProtectContext } from '../run.js';
import type { Tier, TiersOptions } from './options.js';
import type { TierMetrics } from './tier-metrics.js';
import { TierStep } from './tier-step.js';

export type { Tier, TiersOptions };

const NAMES = namesOf<TiersOptions>({ name: 1, quality: 1, minQuality: 1, totalTimeoutMs: 1, stopOn: 1, clock: 1 });

/** A function with several tiers. */
export type TieredFunction<A extends readonly unknown[], T> = Protected<A, T> & {
  /** How each tier has done, in their order. */
  metrics(): readonly TierMetrics[];
};

/**
 * Tries several ways to an answer, in order: the first that gives one good enough wins. A tier whose circuit is open is skipped. A signal
 * that the caller gives last ends the call at once, and no further tier is run.
 *
 * @throws {ConfigurationError} at once, naming the tier and the option that cannot work.
 * @throws {AllTiersFailedError} where no tier gave an answer: what was tried, and why each failed.
 * @throws {TimeoutError} when `totalTimeoutMs` is over.
 * @example
 * const findContact = tiers([
 *   { name: 'ghl', circuit: ghl, run: ({ signal }, id: string) => ghl.contacts.get({ contactId: id }, { signal }) },
 *   { name: 'mirror', breaker: mirror, timeoutMs: 500, run: ({ signal }, id: string) => rows.load(id, signal) },
 * ]);
 * const found = await findContact('cnt_82Kd');
 */
export function tiers<T, A extends readonly unknown[] = []>(
  // The first says what the arguments are: one further down may well look at none of them.
  list: readonly [Tier<T, A>, ...Tier<NoInfer<T>, NoInfer<A>>[]],
  options?: TiersOptions<NoInfer<T>>,
): TieredFunction<A, T>;
export function tiers<T, A extends readonly unknown[] = []>(
  list: readonly Tier<T, A>[],
  options?: TiersOptions<NoInfer<T>>,
): TieredFunction<A, T>;
export function tiers<T, A extends readonly unknown[]>(list: readonly Tier<T, A>[], options: TiersOptions<T> = {}): TieredFunction<A, T> {
  refuseUnknown('tiers', givenObject('options of tiers', options), NAMES);
  const { name = 'tiers', quality, totalTimeoutMs, stopOn } = options;
  if (!Array.isArray(list) || list.length === 0) throw new ConfigurationError('tiers', list, 'a list of at least one tier');
  for (const [key, given] of Object.entries({ quality, stopOn })) {
    if (given !== undefined) givenFunction(key, given);
  }
  if (options.clock !== undefined) givenClock('clock', options.clock);
  const clock = guardedClock(options.clock ?? list.find((tier) => tier?.breaker !== undefined)?.breaker?.clock ?? systemClock);
  // One that never opens: every tier is left behind and told of aborts in the same way.
  const passing = new CircuitBreaker({ name, enabled: false, clock });
  const steps = list.map((tier, at) => new TierStep<T>(tier as unknown as Tier, at, options, passing));
  checkNames(list);

  const climb = async (context: ProtectContext, ...args: A): Promise<T> => {
    const { signal } = context;
    const failures: TierFailure[] = [];
    for (const step of steps) {
      const failure = await step.try(args, signal, clock);
      if ('answer' in failure) return failure.answer;
      // The caller has its reason already; what is thrown here reaches nobody.
      if (signal.aborted) throw signal.reason;
      failures.push(failure);
      if (stops(stopOn, failure)) throw failure.error;
    }
    throw withoutStack(() => new AllTiersFailedError({ service: undefined, operation: name }, failures));
  };
  const limits = { totalTimeoutMs } as { readonly totalTimeoutMs?: number | null };
  const call = protect<T, A>(climb, { breaker: passing, clock, name, ...limits });
  return Object.assign(call, { metrics: () => steps.map((step) => step.counters.read(step.name)) });

  function stops(predicate: TiersOptions['stopOn'], { error, tier, reason }: TierFailure): boolean {
    return reason === 'error' && predicate !== undefined && answerOf(CURRENT, userFunction(predicate), error, tier) === true;
  }
}

function checkNames(list: readonly { readonly name: string }[]): void {
  for (const [at, { name }] of list.entries()) {
    if (list.findIndex((other) => other.name === name) !== at)
      throw new ConfigurationError(`tiers[${at}].name`, name, 'a name that no other tier has');
  }
}
