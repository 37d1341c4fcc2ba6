import { inDevelopment, withCallSite } from '../errors/call-site.js';
import { ConfigurationError } from '../errors/configuration-error.js';
import { givenObject } from '../errors/given.js';
import { namesOf, refuseInherited } from '../errors/known-options.js';
import { protection } from './protect.js';
import { NAMES as OF_PROTECT, type ProtectOptions } from './protect-options.js';
import { isSignal, type ProtectContext } from './run.js';

/** Options of `protectedBy`. `R` is the type of the fallback's result. */
export interface ProtectedByOptions<R = never> extends ProtectOptions<R> {
  /**
   * Index of the method's `AbortSignal` parameter, from 0. The caller's signal at this index aborts the call. The method always gets a signal at this
   * index: it aborts when the caller aborts or a time limit passes. Default: none. Without it, a method that times out keeps running, and its result
   * is ignored.
   */
  readonly signalAt?: number;
}

const NAMES = new Set([...OF_PROTECT, ...namesOf<Pick<ProtectedByOptions, 'signalAt'>>({ signalAt: 1 })]);

/**
 * Protects a method. This is a TC39 decorator and needs no compiler option. All instances share the policies and the circuit. The method must return
 * a promise, can be private or static, and keeps its `this`. The options are those of `protect`.
 *
 * @throws {ConfigurationError} when the class is defined, naming the invalid option.
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
    const protectedMethod = function (this: This, ...args: A): Promise<T | R> {
      const given: unknown = signalAt === undefined ? undefined : args[signalAt];
      if (given === undefined || given === null) return start([this, args], undefined, args);
      if (!isSignal(given)) return Promise.reject(new ConfigurationError(`argument ${signalAt}`, given, 'an AbortSignal'));
      return start([this, args], given, args);
    };
    if (!(policy.captureStack ?? inDevelopment())) return protectedMethod;
    return function traced(this: This, ...args: A): Promise<T | R> {
      return withCallSite(traced, () => protectedMethod.apply(this, args));
    };
  };
}

/** Returns a copy of the arguments with the signal at index `at`. Extends the list if the caller gave fewer arguments. */
function withSignal<A extends unknown[]>(args: A, at: number, signal: AbortSignal): A {
  const copy: unknown[] = Array.from({ length: Math.max(args.length, at + 1) }, (_, index) => args[index]);
  copy[at] = signal;
  return copy as A;
}
