import { guardedClock } from '../clock.js';
import { POLICY_DEFAULTS } from '../config/defaults.js';
import { inDevelopment, withCallSite } from '../errors/call-site.js';
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
 * If the function ignores the signal and times out, the caller gets the error immediately. The later result of the function is ignored.
 *
 * `protect` itself throws only the `ConfigurationError`; the protected function rejects with the others.
 *
 * @throws {ConfigurationError} naming the invalid option.
 * @throws {CircuitOpenError} without running the function, while the circuit is open.
 * @throws {TimeoutError} if a run exceeds `timeoutMs`, or the call exceeds `totalTimeoutMs`.
 * @throws {RetryExhaustedError} if the function ran several times and failed each time. If it ran once, the call rejects with the function's own
 * error.
 * @example
 * const fetchRates = protect(({ signal }, currency: string) => rates.load(currency, { signal }), { breaker, timeoutMs: 2_000, retry: true });
 * const today = await fetchRates('EUR');
 */
export function protect<T, A extends readonly unknown[] = []>(
  fn: (context: ProtectContext, ...args: A) => T | PromiseLike<T>,
  options: ProtectOptions<NoInfer<T>, NoInfer<A>>,
): Protected<A, T> {
  const start = protection<T>(fn as unknown as FunctionToRun, options as unknown as ProtectOptions<never, never>);
  const run: Protected<A, T> = (...args) => {
    if (args.length === 0) return start(args, undefined);
    const last: unknown = args[args.length - 1];
    // Undefined in the last place is a signal that the caller does not have: `load(id, options.signal)`.
    return last === undefined || isSignal(last) ? start(args.slice(0, -1), last) : start(args, undefined);
  };
  if (!(options.captureStack ?? inDevelopment())) return run;
  const traced: Protected<A, T> = (...args) => withCallSite(traced, () => (run as (...given: unknown[]) => Promise<T>)(...args));
  return traced;
}

/**
 * Returns the function with its policies, ready to start. `params` are the arguments of fallback functions, if they differ from `args`. `place` is
 * the prefix of option names in messages. `isPart` is true for a part of another call, such as a tier.
 */
export function protection<T>(
  fn: FunctionToRun,
  options: ProtectOptions<never, never>,
  place = '',
  isPart = false,
): (args: readonly unknown[], signal: AbortSignal | undefined, params?: readonly unknown[]) => Promise<T> {
  const checked = checkProtectOptions(fn, options, place);
  const { breaker, name } = options;
  const { totalTimeoutMs, retry, fallback } = checked;
  const parts = partsOf(fn, options, checked);
  const settings = settingsOf(checked);
  if (retry === undefined && totalTimeoutMs === undefined && fallback.length === 0) {
    const plan = plainPlan(breaker, parts, settings, isPart);
    return (args, signal) => {
      // Only listeners can run the user's code later, so the context is captured only for them.
      const user = breaker.events.joinsCalls ? captureScope() : NOT_CAPTURED;
      const promise = new Promise<T>(takeSettlers as Executor<T>);
      new PlainCall(plan, args, user, resolveLast, rejectLast).start(signal);
      return promise;
    };
  }
  const plan = fullPlan(breaker, parts, settings, {
    operation: name ?? (fn.name || breaker.name),
    totalTimeoutMs,
    isPart,
    random: userFunction(options.random ?? Math.random),
  });
  return (args, signal, params = args) =>
    new Promise<T>((resolve, reject) => {
      new FunctionCall(plan, args, params, signal, resolve as Settle, reject).start();
    });
}

type Executor<T> = (resolve: (value: T) => void, reject: Settle) => void;

/** The settlers of the promise created last. A promise calls its executor synchronously, so one shared executor saves a closure per call. */
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
  const { maxAttempts, baseDelayMs, maxDelayMs, exponentialBase, jitter, waitForProbe, maxRetryAfterMs } = retry ?? POLICY_DEFAULTS;
  return {
    leaseMs: leaseOf(timeoutMs, totalTimeoutMs),
    retryEnabled: retry !== undefined,
    maxAttempts,
    baseDelayMs,
    maxDelayMs,
    exponentialBase,
    jitter,
    waitForProbe,
    maxRetryAfterMs,
    // With the option `retry`, the user declares that the function is safe to repeat.
    repeatable: true,
    fallback,
    // Protected functions have no bulkhead and no rate limit.
    placeWaitMs: 0,
    tokenWaitMs: 0,
  };
}
