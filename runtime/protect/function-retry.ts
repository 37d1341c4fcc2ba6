import { MAX_TIMER_MS } from '../clock.js';
import type { PolicyValues } from '../config/types.js';
import { FuselineError } from '../errors/base.js';
import { causeOfAny } from '../errors/cause.js';
import type { Audience } from '../observe/events.js';
import type { CircuitBreaker } from '../policies/circuit-breaker/breaker.js';
import type { CompiledStep } from '../policies/fallback/fallback.js';
import { type Backoff, backoffMs } from '../policies/retry/backoff.js';
import { RetryBudget } from '../policies/retry/retry-budget.js';
import { chance, type UserFunction, type UserScope } from '../user-code.js';
import { outcomeOf, type RunPlan } from './run.js';

/** A function with retries, a deadline over all runs, or a fallback. */
export interface FullPlan {
  readonly run: RunPlan;
  /** Name in events and for fallbacks. */
  readonly operation: string;
  readonly totalTimeoutMs: number | undefined;
  readonly retry: (Backoff & Pick<PolicyValues, 'maxAttempts' | 'maxRetryAfterMs'>) | undefined;
  readonly when: UserFunction<(error: unknown, attempts: number) => boolean> | undefined;
  readonly budget: RetryBudget;
  readonly fallback: readonly CompiledStep[];
  readonly random: UserFunction<() => number>;
}

/** Another run meets the same: the input or the setup is at fault, or others have repeated it already. */
const POINTLESS: ReadonlySet<string> = new Set(['request', 'configuration', 'aborted', 'retry_exhausted', 'tiers_failed']);

/** Could another run of the function help, after `attempts` made? */
export function worthAnother({ retry, when, run }: FullPlan, user: UserScope, error: unknown, attempts: number): boolean {
  // Stryker disable next-line ConditionalExpression,BooleanLiteral: waitBeforeRun says no as well; this spares the predicates a question.
  if (retry === undefined) return false;
  try {
    if (when !== undefined) return user.call(when, error, attempts) === true;
  } catch {
    return false;
  }
  return outcomeOf(user, error, run.isFailure) === 'failure' && !(error instanceof FuselineError && POINTLESS.has(error.kind));
}

/** Milliseconds to wait before the run that follows `attempts` made, or undefined where there is none to wait for. */
export function waitBeforeRun(
  { retry, run, fallback, random }: FullPlan,
  user: UserScope,
  error: unknown,
  throttled: boolean,
  attempts: number,
  totalAt: number,
): number | undefined {
  // Stryker disable next-line ConditionalExpression: for the types; without retries nobody asks for a wait.
  if (retry === undefined) return undefined;
  if (attempts >= retry.maxAttempts) return undefined;
  const now = run.clock.now();
  const hintMs = hintOf(error);
  if (hintMs > retry.maxRetryAfterMs) return undefined;
  const openMs = run.breaker.retryAfterMs(now);
  // Nobody waits for a circuit to probe where something else can answer, or where no deadline says how long is too long.
  if (openMs > 0 && (fallback.length > 0 || totalAt === Number.POSITIVE_INFINITY)) return undefined;
  const waitMs = Math.max(
    backoffMs(retry, attempts, throttled, () => chance(user, random)),
    hintMs,
    openMs,
  );
  return now + waitMs < totalAt && waitMs <= MAX_TIMER_MS ? waitMs : undefined;
}

/** What an error says of when to come again, whosever error it is: a vendor's own client may say so as well. */
function hintOf(error: unknown): number {
  try {
    const { retryAfterMs } = error as { readonly retryAfterMs?: unknown };
    return typeof retryAfterMs === 'number' && retryAfterMs > 0 ? retryAfterMs : 0;
  } catch {
    // Nothing that has properties, or something that must not be looked at.
    return 0;
  }
}

/** Run number `attempt` will follow after `delayMs`. */
export function tellRetry(
  { run: { breaker }, operation }: FullPlan,
  audience: Audience,
  attempt: number,
  delayMs: number,
  error: unknown,
): void {
  // Stryker disable next-line ConditionalExpression: an event that nobody hears changes nothing; this spares making it.
  if (breaker.events.silent) return;
  const { name: circuit, service } = breaker;
  const at = breaker.clock.wallNow();
  breaker.events.emit({ type: 'retry_scheduled', circuit, service, at, operation, attempt, delayMs, cause: causeOfAny(error) }, audience);
}

/** Something else answered. */
export function tellFallback({ run: { breaker }, operation }: FullPlan, audience: Audience, cause: string): void {
  breaker.countFallback();
  // Stryker disable next-line ConditionalExpression: an event that nobody hears changes nothing; this spares making it.
  if (breaker.events.silent) return;
  const { name: circuit, service } = breaker;
  const at = breaker.clock.wallNow();
  breaker.events.emit({ type: 'fallback_used', circuit, service, at, operation, source: 'fallback', cause }, audience);
}

const budgets = new WeakMap<CircuitBreaker, RetryBudget>();

/** Functions that share a circuit share its budget of retries: during an outage they would multiply its load together. */
export function budgetOf(breaker: CircuitBreaker): RetryBudget {
  let budget = budgets.get(breaker);
  if (budget === undefined) {
    budget = new RetryBudget();
    budgets.set(breaker, budget);
  }
  return budget;
}
