import { guardedClock } from '../clock.js';
import { POLICY_DEFAULTS } from '../config/defaults.js';
import { leaseOf } from '../policies/circuit-breaker/options.js';
import type { FlowSettings } from '../policies/stage.js';
import { captureScope, NOT_CAPTURED, userFunction } from '../user-code.js';
import { FunctionCall } from './function-call.js';
import { PlainCall } from './plain-call.js';
import { type CheckedOptions, checkProtectOptions, type ProtectOptions } from './protect-options.js';
import { type FunctionToRun, isSignal, type ProtectContext, type Settle } from './run.js';
import type { RunParts } from './run-function.js';
import { fullPlan, plainPlan } from './stages.js';

/**
 * A protected function: takes what the function takes, and after it, where the caller wants to be able to leave, its signal. Undefined in the last
 * place is no signal, and the function does not get it either.
 */
export type Protected<A extends readonly unknown[], T> = (...args: [...A, signal?: AbortSignal]) => Promise<T>;

/**
 * Protects any function, sync or async, with a circuit and, as the options say, time limits, retries and a fallback. It is given a context
 * and the caller's arguments. An `AbortSignal` that comes last is the caller's: the function finds it, joined with the time limits, in
 * `context.signal`. Circuit, time limits and signal end when the function does: read the body of a response inside the function.
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
    if (args.length === 0) return start(args, undefined);
    const last: unknown = args[args.length - 1];
    // Undefined in the last place is a signal that the caller does not have: `load(id, options.signal)`.
    return last === undefined || isSignal(last) ? start(args.slice(0, -1), last) : start(args, undefined);
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
  const checked = checkProtectOptions(fn, options, place);
  const { breaker, name } = options;
  const { totalTimeoutMs, retry, fallback } = checked;
  const parts = partsOf(fn, options, checked);
  const settings = settingsOf(checked);
  if (retry === undefined && totalTimeoutMs === undefined && fallback.length === 0) {
    const plan = plainPlan(breaker, parts, settings);
    return (args, signal) => {
      // Listeners are all of the user's code that may run later.
      const user = breaker.events.joinsCalls ? captureScope() : NOT_CAPTURED;
      const promise = new Promise<T>(takeSettlers as Executor<T>);
      new PlainCall(plan, args, user, resolveLast, rejectLast).start(signal);
      return promise;
    };
  }
  const plan = fullPlan(breaker, parts, settings, {
    operation: name ?? (fn.name || breaker.name),
    totalTimeoutMs,
    random: userFunction(options.random ?? Math.random),
  });
  return (args, signal, params = args) =>
    new Promise<T>((resolve, reject) => {
      new FunctionCall(plan, args, params, signal, resolve as Settle, reject).start();
    });
}

type Executor<T> = (resolve: (value: T) => void, reject: Settle) => void;

/** Of the promise made last. Promises call their executor immediately, so one for all saves each call a closure. */
let resolveLast: Settle;
let rejectLast: Settle;

function takeSettlers(resolve: Settle, reject: Settle): void {
  resolveLast = resolve;
  rejectLast = reject;
}

function partsOf(
  fn: FunctionToRun,
  { breaker, clock, name, isFailure, retry }: ProtectOptions<never, never>,
  { timeoutMs }: CheckedOptions,
): RunParts {
  return {
    fn: userFunction(fn),
    clock: guardedClock(clock ?? breaker.clock),
    timeoutMs,
    place: { service: breaker.service, operation: name },
    isFailure: isFailure === undefined ? undefined : userFunction(isFailure),
    when: typeof retry === 'object' && retry.when !== undefined ? userFunction(retry.when) : undefined,
  };
}

function settingsOf({ timeoutMs, totalTimeoutMs, retry, fallback }: CheckedOptions): FlowSettings {
  const { maxAttempts, baseDelayMs, maxDelayMs, exponentialBase, jitter, maxRetryAfterMs } = retry ?? POLICY_DEFAULTS;
  return {
    leaseMs: leaseOf(timeoutMs, totalTimeoutMs),
    retryEnabled: retry !== undefined,
    maxAttempts,
    baseDelayMs,
    maxDelayMs,
    exponentialBase,
    jitter,
    maxRetryAfterMs,
    // An option `retry` says that the function may run again.
    repeatable: true,
    fallback,
    // A function has neither bulkhead nor rate limit.
    placeWaitMs: 0,
    tokenWaitMs: 0,
  };
}
