import type { FuselineError } from '../errors/base.js';
import type { EventListener } from './events.js';
import type { CallEnd, CallInfo, CallTrace, Instrumentation } from './instrumentation.js';
import { quietly } from './quietly.js';

/** An instrumentation and what it is told of each call of an operation. */
export interface Tracing {
  readonly instrumentation: Instrumentation;
  readonly info: CallInfo;
}

/** Asks for a trace of a call that begins. `onEvent`: who hears the call's events besides. */
export function startTrace({ instrumentation, info }: Tracing, onEvent: EventListener | undefined): SafeTrace | undefined {
  const trace = quietly(() => instrumentation.callStarted(info));
  return typeof trace === 'object' && trace !== null ? new SafeTrace(trace, onEvent) : undefined;
}

/** A trace whose faults change nothing, and which is told nothing after the end. */
export class SafeTrace {
  #trace: CallTrace | undefined;
  /** Hears the call's events for the trace and for the client. */
  readonly observer: EventListener;

  constructor(trace: CallTrace, onEvent: EventListener | undefined) {
    this.#trace = trace;
    this.observer = (event) => {
      quietly(() => this.#trace?.event(event));
      return onEvent?.(event);
    };
  }

  /** Names and values of headers to add, unchecked. */
  attemptStarted(attempt: number): readonly (readonly [string, unknown])[] {
    const headers = quietly(() => this.#trace?.attemptStarted(attempt));
    return quietly(() => Object.entries(headers ?? {})) ?? [];
  }

  attemptEnded(attempt: number, status: number | undefined, error: FuselineError | undefined): void {
    quietly(() => this.#trace?.attemptEnded(attempt, status, error));
  }

  ended(end: CallEnd): void {
    const trace = this.#trace;
    this.#trace = undefined;
    quietly(() => trace?.ended(end));
  }
}
