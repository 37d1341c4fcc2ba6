import { FuselineError } from '../errors/base.js';
import { causeOfAny } from '../errors/cause.js';
import { HttpError } from '../errors/http-error.js';
import { isRefusal } from '../errors/refusal.js';
import type { Outcome } from '../policies/circuit-breaker/state.js';
import type { Failure, Flow } from '../policies/stage.js';
import { answerOf, type UserFunction, type UserScope } from '../user-code.js';

/** Predicates of the user's about what a function threw. */
export interface Judges {
  readonly isFailure: UserFunction<(error: unknown) => boolean> | undefined;
  readonly when: UserFunction<(error: unknown, attempts: number) => boolean> | undefined;
}

/** Another run meets the same: the input or the setup is at fault, or others have repeated it already. */
const POINTLESS: ReadonlySet<string> = new Set(['request', 'configuration', 'aborted', 'retry_exhausted', 'tiers_failed']);

/** Returns what the circuit counts for an error. The refusal of a policy inside the function says nothing of the service. */
export function outcomeOf(user: UserScope, error: unknown, isFailure: Judges['isFailure']): Outcome {
  if (isRefusal(error)) return 'released';
  return isFailure === undefined || (answerOf(user, isFailure, error) ?? true) ? 'failure' : 'ignored';
}

/** How a run failed. What depends on the error alone is worked out when a policy reads it: without retries, none does. */
export class RunFailure implements Failure {
  readonly refused = false;
  // Only the user knows whether a function may be repeated, and says so by `retry`.
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
    return this.error instanceof HttpError && this.error.status === 429;
  }

  /** Any error can say when to come again, also one of a vendor's own client. */
  get waitMs(): number | undefined {
    try {
      const { retryAfterMs } = this.error as { readonly retryAfterMs?: unknown };
      return typeof retryAfterMs === 'number' && retryAfterMs > 0 ? retryAfterMs : undefined;
    } catch {
      // Undefined and null have no properties, and a getter or a proxy may throw.
      return undefined;
    }
  }

  /** An error that the user does not count as a failure is an answer. */
  get answerable(): boolean {
    return this.outcome !== 'ignored';
  }

  #isTransient(): boolean {
    if (this.#when === undefined)
      return this.outcome === 'failure' && !(this.error instanceof FuselineError && POINTLESS.has(this.error.kind));
    return answerOf(this.#flow.user, this.#when, this.error, this.#flow.attempts) === true;
  }
}
