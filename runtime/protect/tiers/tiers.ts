import { guardedClock, systemClock } from '../../clock.js';
import { withoutStack } from '../../errors/base.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenClock, givenFunction, givenObject, refuseUnreadable } from '../../errors/given.js';
import { namesOf, refuseUnknown } from '../../errors/known-options.js';
import { isList } from '../../errors/readable.js';
import { AllTiersFailedError, type TierFailure } from '../../errors/tiers-error.js';
import { CircuitBreaker } from '../../policies/circuit-breaker/breaker.js';
import { answerOf, CURRENT, userFunction } from '../../user-code.js';
import { type Protected, protect } from '../protect.js';
import type { ProtectContext } from '../run.js';
import type { Tier, TiersOptions } from './options.js';
import type { TierMetrics } from './tier-metrics.js';
import { TierStep } from './tier-step.js';

export type { Tier, TiersOptions };

const NAMES = namesOf<TiersOptions>({ name: 1, quality: 1, minQuality: 1, totalTimeoutMs: 1, stopOn: 1, captureStack: 1, clock: 1 });

/** A function with several tiers. */
export type TieredFunction<A extends readonly unknown[], T> = Protected<A, T> & {
  /** Returns the counters of each tier, in the order of the tiers. */
  metrics(): readonly TierMetrics[];
};

/**
 * Returns a function that tries several tiers in order and returns the first answer that is good enough. A tier whose circuit is open is skipped. If
 * the last argument of a call is an `AbortSignal`, it aborts the call immediately, and no further tier runs.
 *
 * `tiers` itself throws only the `ConfigurationError`; the returned function rejects with the others.
 *
 * @throws {ConfigurationError} naming the tier and the invalid option.
 * @throws {AllTiersFailedError} if no tier returned a good enough answer. The error lists the tiers tried, and why each failed.
 * @throws {TimeoutError} if the call exceeds `totalTimeoutMs`.
 * @example
 * const findContact = tiers([
 *   { name: 'ghl', circuit: ghl, run: ({ signal }, id: string) => ghl.contacts.get({ contactId: id }, { signal }) },
 *   { name: 'mirror', breaker: mirror, timeoutMs: 500, run: ({ signal }, id: string) => rows.load(id, signal) },
 * ]);
 * const found = await findContact('cnt_82Kd');
 */
export function tiers<T, A extends readonly unknown[] = []>(
  // TypeScript infers the arguments from the first tier, because a later tier may use none of them.
  list: readonly [Tier<T, A>, ...Tier<NoInfer<T>, NoInfer<A>>[]],
  options?: TiersOptions<NoInfer<T>>,
): TieredFunction<A, T>;
export function tiers<T, A extends readonly unknown[] = []>(
  list: readonly Tier<T, A>[],
  options?: TiersOptions<NoInfer<T>>,
): TieredFunction<A, T>;
export function tiers<T, A extends readonly unknown[]>(list: readonly Tier<T, A>[], options: TiersOptions<T> = {}): TieredFunction<A, T> {
  refuseUnknown('tiers', givenObject('options of tiers', options), NAMES);
  refuseUnreadable(options);
  const { name = 'tiers', quality, totalTimeoutMs, stopOn } = options;
  if (!isList(list) || list.length === 0) throw new ConfigurationError('tiers', list, 'a list of at least one tier');
  for (const [key, given] of Object.entries({ quality, stopOn })) {
    if (given !== undefined) givenFunction(key, given);
  }
  if (options.clock !== undefined) givenClock('clock', options.clock);
  const clock = guardedClock(options.clock ?? list.find((tier) => tier?.breaker !== undefined)?.breaker?.clock ?? systemClock);
  // A circuit that never opens. With it, tiers without a circuit get the same timeouts and aborts as the others.
  const passing = new CircuitBreaker({ name, enabled: false, clock });
  const steps = list.map((tier, at) => new TierStep<T>(tier as unknown as Tier, at, options, passing));
  checkNames(list);

  const climb = async (context: ProtectContext, ...args: A): Promise<T> => {
    const { signal } = context;
    const failures: TierFailure[] = [];
    for (const step of steps) {
      const failure = await step.try(args, signal, clock);
      if ('answer' in failure) return failure.answer;
      // The caller's promise is already settled, so this exception has no effect.
      if (signal.aborted) throw signal.reason;
      failures.push(failure);
      if (stops(stopOn, failure)) throw failure.error;
    }
    throw withoutStack(() => new AllTiersFailedError({ service: undefined, operation: name }, failures));
  };
  const { captureStack } = options;
  const limits = { totalTimeoutMs, captureStack } as Pick<TiersOptions, 'totalTimeoutMs' | 'captureStack'>;
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
