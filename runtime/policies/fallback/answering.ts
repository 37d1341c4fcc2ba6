import type { ErrorPlace, FuselineError } from '../../errors/base.js';
import { asFuselineError } from '../../errors/thrown-error.js';
import type { CallEvents } from '../call-events.js';
import { type Failure, type Flow, Link } from '../stage.js';
import { copyOf, type FallbackContext } from './fallback.js';

/** A flow that something else may answer. */
export interface AnsweredFlow extends Flow {
  /** What a fallback function is given. */
  readonly params: unknown;
  readonly operation: string;
  readonly signal: AbortSignal | undefined;
  /** The kept good answer to the same request of the same sender; undefined if there is none that is young enough. */
  keptAnswer(maxAgeMs: number | null, now: number): { readonly value: unknown } | undefined;
  /** Ends the limit of the whole call: a fallback has none. */
  disarm(): void;
  /** Settles with an answer of something else. */
  answered(value: unknown, source: 'cache' | 'fallback', now: number): void;
}

/** Counts an answer in a circuit's stead. */
export interface FallbackCount {
  countFallback(): void;
}

/**
 * The fallback in the chain, outermost: tries the steps in order, and the first that answers settles the call. A step that throws is passed
 * over. If none answers, the call's own failure goes on. Fallbacks never feed the circuit.
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

  /** Returns false if the function at `at` threw: then the next step is tried. */
  #call(flow: F, failure: Failure, at: number): boolean {
    const step = flow.settings.fallback[at];
    if (step?.kind !== 'function') return false;
    let answered: unknown;
    let waits: boolean;
    try {
      answered = flow.user.call(step.run, new Context(flow, failure, this.#where) as never);
      // Within the try: a proxy may throw when it is asked.
      waits = typeof answered === 'object' && answered !== null && 'then' in answered;
    } catch {
      return false;
    }
    if (!waits) {
      this.#answer(flow, answered, 'fallback', failure.cause, this.#now());
      return true;
    }
    Promise.resolve(answered).then(
      (value) => this.#answer(flow, value, 'fallback', failure.cause, this.#now()),
      () => {
        if (!flow.over) this.#try(flow, failure, this.#now(), at + 1);
      },
    );
    return true;
  }

  #answer(flow: F, value: unknown, source: 'cache' | 'fallback', cause: string, now: number): void {
    // The caller aborted while the fallback was at work: nothing was used.
    if (flow.over) return;
    this.#counts.countFallback();
    this.#events.fallbackUsed(flow, source, cause);
    flow.answered(value, source, now);
  }
}

/** What a fallback function is given. The error is made when the function reads it, and not before. */
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

/** Undefined if the value has no copy: it holds a function, for example. */
function tryCopy(value: unknown): { readonly value: unknown } | undefined {
  try {
    return { value: copyOf(value) };
  } catch {
    return undefined;
  }
}
