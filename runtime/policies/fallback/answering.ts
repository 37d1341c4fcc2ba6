import type { ErrorPlace, FuselineError } from '../../errors/base.js';
import { asFuselineError } from '../../errors/thrown-error.js';
import { adopt } from '../../user-code.js';
import type { CallEvents } from '../call-events.js';
import { type Failure, type Flow, Link } from '../stage.js';
import { copyOf, type FallbackContext } from './fallback.js';

/** A flow for which a fallback can supply the result. */
export interface AnsweredFlow extends Flow {
  /** The parameters that fallback functions get. */
  readonly params: unknown;
  readonly operation: string;
  readonly signal: AbortSignal | undefined;
  /** Returns the last good response to the same request of the same sender; undefined if there is none of at most `maxAgeMs` milliseconds. */
  keptAnswer(maxAgeMs: number | null, now: number): { readonly value: unknown } | undefined;
  /** Removes the total deadline, because a fallback has no time limit. */
  disarm(): void;
  /** Settles with the result of a fallback. */
  answered(value: unknown, source: 'cache' | 'fallback', now: number): void;
}

/** Counts the results that fallbacks supplied. */
export interface FallbackCount {
  countFallback(): void;
}

/**
 * The outermost link, that of the fallback. It tries the steps in order; the first step that supplies a result settles the call. A step that throws
 * is skipped. If no step supplies a result, the call's own failure is passed on. The circuit does not count fallbacks as successes or failures.
 */
export class Answering<F extends AnsweredFlow> extends Link<F> {
  readonly #events: CallEvents;
  readonly #counts: FallbackCount;
  readonly #now: () => number;
  readonly #where: ErrorPlace;

  constructor(events: CallEvents, counts: FallbackCount, now: () => number, where: ErrorPlace) {
    super();
    this.#events = events;
    this.#counts = counts;
    this.#now = now;
    this.#where = where;
  }

  override failed(flow: F, failure: Failure, now: number): void {
    if (flow.over) return;
    if (flow.settings.fallback.length > 0 && failure.answerable) {
      flow.disarm();
      this.#try(flow, failure, now, 0);
    } else this.outer.failed(flow, failure, now);
  }

  #try(flow: F, failure: Failure, now: number, from: number): void {
    const { fallback } = flow.settings;
    for (let at = from; at < fallback.length; at++) {
      const step = fallback[at];
      if (step === undefined) continue;
      if (step.kind === 'function') {
        if (this.#call(flow, failure, at)) return;
        continue;
      }
      const answer = step.kind === 'value' ? tryCopy(step.value) : flow.keptAnswer(step.maxAgeMs, now);
      if (answer === undefined) continue;
      this.#answer(flow, answer.value, step.kind === 'value' ? 'fallback' : 'cache', failure.cause, now);
      return;
    }
    this.outer.failed(flow, failure, now);
  }

  /** Calls the function at `at`. Returns false if it threw, so that the next step is tried. */
  #call(flow: F, failure: Failure, at: number): boolean {
    const step = flow.settings.fallback[at];
    if (step?.kind !== 'function') return false;
    let answered: unknown;
    try {
      answered = flow.user.call(step.run, new Context(flow, failure, this.#where) as never);
    } catch {
      return false;
    }
    const waits = adopt(
      flow.user,
      answered,
      (value) => this.#answer(flow, value, 'fallback', failure.cause, this.#now()),
      () => {
        if (!flow.over) this.#try(flow, failure, this.#now(), at + 1);
      },
    );
    if (waits === undefined) this.#answer(flow, answered, 'fallback', failure.cause, this.#now());
    return true;
  }

  #answer(flow: F, value: unknown, source: 'cache' | 'fallback', cause: string, now: number): void {
    // The caller aborted while the fallback ran, so its result is not used.
    if (flow.over) return;
    this.#counts.countFallback();
    this.#events.fallbackUsed(flow, source, cause);
    flow.answered(value, source, now);
  }
}

/** The context of a fallback function. The error is created when the function reads it. */
class Context implements FallbackContext {
  readonly params: unknown;
  readonly operation: string;
  readonly signal: AbortSignal | undefined;
  readonly #failure: Failure;
  readonly #where: ErrorPlace;
  #error: FuselineError | undefined;

  constructor({ params, operation, signal }: AnsweredFlow, failure: Failure, where: ErrorPlace) {
    this.params = params;
    this.operation = operation;
    this.signal = signal;
    this.#failure = failure;
    this.#where = where;
  }

  get error(): FuselineError {
    this.#error ??= asFuselineError(this.#failure.error, this.#where);
    return this.#error;
  }
}

/** Returns undefined if the value cannot be copied, for example because it contains a function. */
function tryCopy(value: unknown): { readonly value: unknown } | undefined {
  try {
    return { value: copyOf(value) };
  } catch {
    return undefined;
  }
}
