import { guardedClock } from '../clock.js';
import { leaseOf } from '../policies/circuit-breaker/options.js';
import { captureScope, NOT_CAPTURED, userFunction } from '../user-code.js';
import { budgetOf, type FullPlan } from './function-retry.js';
import { checkProtectOptions, type ProtectOptions } from './protect-options.js';
import { ProtectedCall } from './protected-call.js';
import { type FunctionToRun, isSignal, type ProtectContext, Run, type RunPlan, type Settle } from './run.js';

/** A protected function: takes what the function takes, and after it, where the caller wants to be able to leave, its signal. */
export type Protected<A extends readonly unknown[], T> = (...args: [...A, signal?: AbortSignal]) => Promise<T>;

/**
 * Protects any function, sync or async, with a circuit and, as the options say, time limits, retries and a fallback. It is given a context
 * and the caller's arguments. An `AbortSignal` that comes last is the caller's: the function finds it, joined with the time limits, in
 * `context.signal`.
 *
 * A function that ignores the signal is left behind when its time is up: the caller gets the error, what it does later changes nothing.
 *
 * @throws {ConfigurationError} at once, naming the option that cannot work.
 * @throws {CircuitOpenError} without running the function, while the circuit is open.
 * @throws {TimeoutError} when a run takes longer than `timeoutMs`, or the call longer than `totalTimeoutMs`.
 * @throws {RetryExhaustedError} when it was run several times and failed each time. One failed run throws what the function threw.
 * @example
 * const fetchRates = protect(({ signal }, currency: string) => rates.load(currency, { signal }), { breaker, timeoutMs: 2_000, retry: true });
 * const today = await fetchRates('EUR');
 */
export function protect<T, A extends readonly unknown[] = []>(
  fn: (context: ProtectContext, ...args: A) => T | PromiseLike<T>,
  options: ProtectOptions<NoInfer<T>, NoInfer<A>>,
): Protected<A, T> {
  const start = protection<T>(fn as unknown as FunctionToRun, options as unknown as ProtectOptions<never, never>);
  return (...args) => {
    const last = args.length === 0 ? undefined : args[args.length - 1];
    return isSignal(last) ? start(args.slice(0, -1), last) : start(args, undefined);
  };
}

/**
 * A function with its policy, ready to be started. `params` is what a fallback gets if that is not the arguments. `place` stands before each
 * option in messages.
 */
export function protection<T>(
  fn: FunctionToRun,
  options: ProtectOptions<never, never>,
  place = '',
): (args: readonly unknown[], signal: AbortSignal | undefined, params?: readonly unknown[]) => Promise<T> {
  const { timeoutMs, totalTimeoutMs, retry, fallback } = checkProtectOptions(fn, options, place);
  const { breaker, isFailure, name } = options;
  const plan: RunPlan = {
    fn: userFunction(fn),
    breaker,
    clock: guardedClock(options.clock ?? breaker.clock),
    timeoutMs,
    leaseMs: leaseOf(timeoutMs, totalTimeoutMs),
    isFailure: isFailure === undefined ? undefined : userFunction(isFailure),
    name,
    place: { service: breaker.service, operation: name },
  };
  if (retry === undefined && totalTimeoutMs === undefined && fallback.length === 0) {
    return (args, signal) =>
      new Promise<T>((resolve, reject) => {
        const user = breaker.events.joinsCalls ? captureScope() : NOT_CAPTURED;
        new Run(plan, args, user, resolve as Settle, reject).start(signal);
      });
  }
  const full: FullPlan = {
    run: plan,
    operation: name ?? (fn.name || breaker.name),
    totalTimeoutMs,
    retry,
    when: typeof options.retry === 'object' && options.retry.when !== undefined ? userFunction(options.retry.when) : undefined,
    budget: budgetOf(breaker),
    fallback,
    random: userFunction(options.random ?? Math.random),
  };
  return (args, signal, params = args) =>
    new Promise<T>((resolve, reject) => {
      new ProtectedCall(full, args, params, signal, resolve as Settle, reject).start();
    });
}
