import type { FuselineError } from '../../errors/base.js';
import { wait } from '../../errors/checks.js';
import { givenObject } from '../../errors/given.js';
import { type Names, refuseUnknown } from '../../errors/known-options.js';
import { type UserFunction, userFunction } from '../../user-code.js';

/** What a fallback function is told. */
export interface FallbackContext<P = unknown> {
  readonly params: P;
  /** Why the call failed. Made when first read: if a circuit is open and the fallback does not read it, no error object is made. */
  readonly error: FuselineError;
  readonly operation: string;
  /** The caller's signal, where the call has one. */
  readonly signal: AbortSignal | undefined;
}

/** Computes an answer when the call could not. What it throws moves on to the next step, or brings the call's own error to the caller. */
export type FallbackFunction<R, P = unknown> = (context: FallbackContext<P>) => R | Promise<R>;

/**
 * What answers when a call fails: a value, a function, or a chain of steps. `false` is no fallback; to answer false, give `value(false)`. Used where the service gave no usable answer (open circuit,
 * timeout, network, 5xx, 408, 429, a broken body); an answer such as 404 or 422 is the answer and comes through; so does the caller's own abort.
 *
 * @example
 * new GhlClient({ fallbacks: { 'contacts.get': chain(lastGood({ maxAgeMs: 300_000 }), ({ params }) => lookup(params.contactId)) } });
 */
export type Fallback<R, P = unknown> = R | FallbackFunction<R, P> | FallbackChain<R, P>;

/** One step of a fallback chain as YAML can say it. */
export type FallbackStep =
  /** The last good response; `maxAgeMs` is the oldest still given, `null` means any age. */
  { readonly kind: 'lastGood'; readonly maxAgeMs: number | null } | { readonly kind: 'value'; readonly value: unknown };

/** One step of a compiled chain. */
export type CompiledStep = FallbackStep | { readonly kind: 'function'; readonly run: UserFunction<FallbackFunction<unknown, never>> };

const LAST_GOOD: Names = new Set(['maxAgeMs']);

const chainBrand = Symbol.for('fuseline.fallbackChain');

/** Steps tried in order. Made by `chain`, `lastGood` or `value`. */
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
 * The last good response to the same request with the same credentials, if it is at most `maxAgeMs` old. `null` or `Infinity`: of any age, the
 * default. A fresh copy each time.
 *
 * @throws {ConfigurationError} where `maxAgeMs` is no duration.
 */
export function lastGood(options: { readonly maxAgeMs?: number | null } = {}): FallbackChain<never, unknown> {
  refuseUnknown('lastGood', givenObject('options of lastGood', options), LAST_GOOD, 'lastGood.');
  const { maxAgeMs } = options;
  return new FallbackChain([
    { kind: 'lastGood', maxAgeMs: maxAgeMs === undefined ? null : (wait('lastGood.maxAgeMs', maxAgeMs) as number | null) },
  ]);
}

/** A fixed answer; every caller gets a copy of its own. */
export function value<R>(answer: R): FallbackChain<R, unknown> {
  return new FallbackChain([{ kind: 'value', value: answer }]);
}

/** Several fallbacks, tried in order until one answers. */
export function chain<R, P = unknown>(...fallbacks: readonly Fallback<R, NoInfer<P>>[]): FallbackChain<R, P> {
  return new FallbackChain(fallbacks.flatMap((fallback) => compileFallback(fallback)));
}

/** A fallback in any of its forms as steps. `false` is no fallback, and so is undefined; `null` is an answer. */
export function compileFallback(fallback: unknown): readonly CompiledStep[] {
  if (fallback === false || fallback === undefined) return [];
  if (typeof fallback === 'object' && fallback !== null && chainBrand in fallback) return (fallback as FallbackChain<unknown>).steps;
  if (typeof fallback === 'function') return [{ kind: 'function', run: userFunction(fallback as FallbackFunction<unknown, never>) }];
  return [{ kind: 'value', value: fallback }];
}

/** A copy that a caller may change without changing the configured answer. */
export function copyOf(answer: unknown): unknown {
  return typeof answer === 'object' && answer !== null ? structuredClone(answer) : answer;
}
