import type { FuselineError } from '../../errors/base.js';
import { wait } from '../../errors/checks.js';
import { givenObject } from '../../errors/given.js';
import { type Names, refuseUnknown } from '../../errors/known-options.js';
import { type UserFunction, userFunction } from '../../user-code.js';

/** The argument of a fallback function. */
export interface FallbackContext<P = unknown> {
  readonly params: P;
  /** The error of the call. Created when first read: if the circuit is open and the fallback does not read it, no error object is created. */
  readonly error: FuselineError;
  readonly operation: string;
  /** The caller's signal; undefined if the call has none. */
  readonly signal: AbortSignal | undefined;
}

/** Returns the result of a failed call. If it throws, the next step is tried; after the last step, the call rejects with its own error. */
export type FallbackFunction<R, P = unknown> = (context: FallbackContext<P>) => R | Promise<R>;

/**
 * Supplies the result of a call that fails: a value, a function, or a chain of steps. `false` means no fallback; to return `false`, use
 * `value(false)`.
 *
 * A fallback is used if the service gave no usable response: open circuit, timeout, network error, 5xx, 408, 429, or an unreadable body. A response
 * such as 404 or 422 is usable: the call rejects with its error, without a fallback. The same applies if the caller aborts.
 *
 * @example
 * new GhlClient({ fallbacks: { 'contacts.get': chain(lastGood({ maxAgeMs: 300_000 }), ({ params }) => lookup(params.contactId)) } });
 */
export type Fallback<R, P = unknown> = R | FallbackFunction<R, P> | FallbackChain<R, P>;

/** One step of a fallback chain, as in the YAML. */
export type FallbackStep =
  /** The last good response. `maxAgeMs` is its greatest age in milliseconds; null means any age. */
  { readonly kind: 'lastGood'; readonly maxAgeMs: number | null } | { readonly kind: 'value'; readonly value: unknown };

/** One step of a compiled chain. */
export type CompiledStep = FallbackStep | { readonly kind: 'function'; readonly run: UserFunction<FallbackFunction<unknown, never>> };

const LAST_GOOD: Names = new Set(['maxAgeMs']);

const chainBrand = Symbol.for('fuseline.fallbackChain');

/** Steps that are tried in order. Created by `chain`, `lastGood` or `value`. */
export class FallbackChain<R, P = unknown> {
  readonly [chainBrand] = true;
  /** @internal */
  readonly steps: readonly CompiledStep[];
  /** Type carrier; never present at run time. */
  declare readonly types?: (params: P) => R;

  constructor(steps: readonly CompiledStep[]) {
    this.steps = steps;
  }
}

/**
 * Returns a fallback to the last good response to the same request with the same credentials, if it is at most `maxAgeMs` milliseconds old. `null` or
 * `Infinity` means any age. Default: any age. Every caller gets its own copy.
 *
 * @throws {ConfigurationError} if `maxAgeMs` is not a duration.
 */
export function lastGood(options: { readonly maxAgeMs?: number | null } = {}): FallbackChain<never, unknown> {
  refuseUnknown('lastGood', givenObject('options of lastGood', options), LAST_GOOD, 'lastGood.');
  const { maxAgeMs } = options;
  return new FallbackChain([
    { kind: 'lastGood', maxAgeMs: maxAgeMs === undefined ? null : (wait('lastGood.maxAgeMs', maxAgeMs) as number | null) },
  ]);
}

/** Returns a fallback to a fixed value. Every caller gets its own copy. */
export function value<R>(answer: R): FallbackChain<R, unknown> {
  return new FallbackChain([{ kind: 'value', value: answer }]);
}

/** Returns a fallback that tries several fallbacks in order, until one supplies a result. */
export function chain<R, P = unknown>(...fallbacks: readonly Fallback<R, NoInfer<P>>[]): FallbackChain<R, P> {
  return new FallbackChain(fallbacks.flatMap((fallback) => compileFallback(fallback)));
}

/** Returns a fallback of any form as steps. `false` and undefined mean no fallback; `null` is a result. */
export function compileFallback(fallback: unknown): readonly CompiledStep[] {
  if (fallback === false || fallback === undefined) return [];
  if (typeof fallback === 'object' && fallback !== null && chainBrand in fallback) return (fallback as FallbackChain<unknown>).steps;
  if (typeof fallback === 'function') return [{ kind: 'function', run: userFunction(fallback as FallbackFunction<unknown, never>) }];
  return [{ kind: 'value', value: fallback }];
}

/** Returns a copy, so that a caller can change it without changing the configured value. */
export function copyOf(answer: unknown): unknown {
  return typeof answer === 'object' && answer !== null ? structuredClone(answer) : answer;
}
