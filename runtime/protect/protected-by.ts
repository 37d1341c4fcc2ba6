import { ConfigurationError } from '../errors/configuration-error.js';
import { givenObject } from '../errors/given.js';
import { namesOf, refuseInherited } from '../errors/known-options.js';
import { protection } from './protect.js';
import { NAMES as OF_PROTECT, type ProtectOptions } from './protect-options.js';
import { isSignal, type ProtectContext } from './run.js';

/** How a method is protected. `R` is what its fallback gives. */
export interface ProtectedByOptions<R = never> extends ProtectOptions<R> {
  /**
   * Which of the method's parameters is its `AbortSignal`, counted from 0. What the caller gives there ends the call; what the method gets
   * there ends when the caller or a time limit does, also where the caller gave none. Default: none; out of time, the method is left behind.
   */
  readonly signalAt?: number;
}

const NAMES = new Set([...OF_PROTECT, ...namesOf<Pick<ProtectedByOptions, 'signalAt'>>({ signalAt: 1 })]);

/**
 * Protects a method: a TC39 decorator (no compiler option needed). All instances share the policy and its circuit. The method may be
 * private or static, must return a promise, and keeps its `this`. The options are those of `protect`.
 *
 * @throws {ConfigurationError} when the class is defined, naming the option that cannot work.
 * @example
 * class Rates {
 *   \@protectedBy({ breaker: getCircuitBreaker('rates'), timeoutMs: 2_000, signalAt: 1 })
 *   async load(currency: string, signal?: AbortSignal): Promise<number> { ... }
 * }
 */
export function protectedBy<R = never>(options: ProtectedByOptions<R>) {
  return <This, A extends unknown[], T>(
    method: (this: This, ...args: A) => Promise<T>,
    context: ClassMethodDecoratorContext<This, (this: This, ...args: A) => Promise<T>>,
  ): ((this: This, ...args: A) => Promise<T | R>) => {
    const { kind } = (context ?? {}) as { readonly kind?: unknown };
    if (kind !== 'method') throw new ConfigurationError('@protectedBy', kind, 'a method, and TC39 decorators (no experimentalDecorators)');
    // Before a copy makes an inherited option its own.
    refuseInherited('protectedBy', givenObject('options', options), NAMES);
    const { signalAt, ...policy } = options;
    if (signalAt !== undefined && (!Number.isSafeInteger(signalAt) || signalAt < 0))
      throw new ConfigurationError('signalAt', signalAt, 'the index of a parameter, 0 or more');
    const run = (work: ProtectContext, self: This, args: A): Promise<T> =>
      method.apply(self, signalAt === undefined ? args : withSignal(args, signalAt, work.signal));
    const named = { ...policy, name: policy.name === undefined ? String(context.name) : policy.name } as unknown as ProtectOptions<
      never,
      never
    >;
    const start = protection<T | R>(run as never, named);
    return function (this: This, ...args: A): Promise<T | R> {
      const given: unknown = signalAt === undefined ? undefined : args[signalAt];
      if (given === undefined || given === null) return start([this, args], undefined, args);
      if (!isSignal(given)) return Promise.reject(new ConfigurationError(`argument ${signalAt}`, given, 'an AbortSignal'));
      return start([this, args], given, args);
    };
  };
}

/** A copy of the arguments in which the signal stands at its place, however few the caller gave. */
function withSignal<A extends unknown[]>(args: A, at: number, signal: AbortSignal): A {
  const copy: unknown[] = Array.from({ length: Math.max(args.length, at + 1) }, (_, index) => args[index]);
  copy[at] = signal;
  return copy as A;
}
