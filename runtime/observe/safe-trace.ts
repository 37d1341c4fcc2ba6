import type { FuselineError } from '../errors/base.js';
import { CURRENT, forgiven, type UserObject, type UserScope, userObject } from '../user-code.js';
import type { FuselineEvent } from './events.js';
import type { CallEnd, CallInfo, CallTrace, Instrumentation } from './instrumentation.js';

/** An instrumentation, and the information that it receives for each call of an operation. */
export interface Tracing {
  readonly instrumentation: UserObject<Instrumentation>;
  readonly info: CallInfo;
  /** The headers that it adds can name a sender. */
  readonly signs: boolean;
}

/** Starts the trace of a call, in the context of its caller. `scope` is the context in which the trace follows the call. */
export function startTrace({ instrumentation, info }: Tracing, scope: UserScope): SafeTrace | undefined {
  let trace: CallTrace | undefined;
  try {
    trace = forgiven(CURRENT.invoke(instrumentation, 'callStarted', info));
  } catch {
    return undefined;
  }
  return typeof trace === 'object' && trace !== null ? new SafeTrace(trace, scope) : undefined;
}

/** A trace whose errors change nothing. It receives nothing after the end of the call. */
export class SafeTrace {
  #trace: UserObject<CallTrace> | undefined;
  readonly #scope: UserScope;

  constructor(trace: CallTrace, scope: UserScope) {
    this.#trace = userObject(trace);
    this.#scope = scope;
  }

  event(event: FuselineEvent): void {
    this.#quietly((scope, trace) => scope.invoke(trace, 'event', event));
  }

  /** Returns the names and values of headers to add, unchecked. */
  attemptStarted(attempt: number): readonly (readonly [string, unknown])[] {
    return this.#quietly((scope, trace) => Object.entries(forgiven(scope.invoke(trace, 'attemptStarted', attempt)) ?? {})) ?? [];
  }

  attemptEnded(attempt: number, status: number | undefined, error: FuselineError | undefined): void {
    this.#quietly((scope, trace) => scope.invoke(trace, 'attemptEnded', attempt, status, error));
  }

  ended(end: CallEnd): void {
    this.#quietly((scope, trace) => {
      this.#trace = undefined;
      return scope.invoke(trace, 'ended', end);
    });
  }

  #quietly<R>(work: (scope: UserScope, trace: UserObject<CallTrace>) => R): R | undefined {
    const trace = this.#trace;
    if (trace === undefined) return undefined;
    try {
      return forgiven(work(this.#scope, trace));
    } catch {
      return undefined;
    }
  }
}
