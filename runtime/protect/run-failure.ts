import { causeOfAny, kindOfAny, statusOfAny } from '../errors/cause.js';
import { isRefusal } from '../errors/refusal.js';
import type { Outcome } from '../policies/circuit-breaker/state.js';
import type { Failure, Flow } from '../policies/stage.js';
import { answerOf, type UserFunction, type UserScope } from '../user-code.js';

/** The user's predicates on an error that the function threw. */
export interface Judges {
  readonly isFailure: UserFunction<(error: unknown) => boolean> | undefined;
  readonly when: UserFunction<(error: unknown, attempts: number) => boolean> | undefined;
}

/** Kinds of errors for which another run is useless: the input or the setup is wrong, or an inner policy has already retried. */
const POINTLESS: ReadonlySet<string> = new Set(['request', 'configuration', 'aborted', 'retry_exhausted', 'tiers_failed']);

/**
 * Returns the outcome that the circuit counts for an error. A refusal by a policy inside the function is not counted: it says nothing about the
 * service.
 */
export function outcomeOf(user: UserScope, error: unknown, isFailure: Judges['isFailure']): Outcome {
  if (isRefusal(error)) return 'released';
  return isFailure === undefined || (answerOf(user, isFailure, error) ?? true) ? 'failure' : 'ignored';
}

/** Describes how a run failed. Properties that depend on the error are computed when a policy reads them. Without retries, none is read. */
export class RunFailure implements Failure {
  readonly refused = false;
  // Only the user knows whether a function is safe to repeat, and declares it with the option `retry`.
  readonly neverSent = false;
  readonly #flow: Flow;
  readonly #when: Judges['when'];
  #transient: boolean | undefined = undefined;

  constructor(
    readonly error: unknown,
    readonly outcome: Outcome,
    readonly timedOut: boolean,
    flow: Flow,
    when: Judges['when'],
  ) {
    this.#flow = flow;
    this.#when = when;
  }

  get cause(): string {
    return causeOfAny(this.error);
  }

  get transient(): boolean {
    this.#transient ??= this.#isTransient();
    return this.#transient;
  }

  get throttled(): boolean {
    return statusOfAny(this.error) === 429;
  }

  /** Read from the `retryAfterMs` of any error, so an error of a vendor's own client can request a wait, too. */
  get waitMs(): number | undefined {
    try {
      const { retryAfterMs } = this.error as { readonly retryAfterMs?: unknown };
      return typeof retryAfterMs === 'number' && retryAfterMs > 0 ? retryAfterMs : undefined;
    } catch {
      // Undefined and null have no properties, and a getter or a proxy may throw.
      return undefined;
    }
  }

  /** An error that `isFailure` does not count as a failure is passed to the caller, without a fallback. */
  get answerable(): boolean {
    return this.outcome !== 'ignored';
  }

  #isTransient(): boolean {
    if (this.#when === undefined) return this.outcome === 'failure' && !POINTLESS.has(kindOfAny(this.error) ?? 'error');
    return answerOf(this.#flow.user, this.#when, this.error, this.#flow.attempts) === true;
  }
}
