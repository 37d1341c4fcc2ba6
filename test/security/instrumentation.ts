import type { CallTrace, Instrumentation } from 'fuseline';

/** Follows calls for all of them. */
export function all(...given: readonly Instrumentation[]): Instrumentation {
  return {
    callStarted(info) {
      const traces = given.flatMap((each) => each.callStarted(info) ?? []);
      const each = (tell: (trace: CallTrace) => void): void => {
        for (const trace of traces) tell(trace);
      };
      return {
        attemptStarted: (attempt) => Object.assign({}, ...traces.map((trace) => trace.attemptStarted(attempt))),
        attemptEnded: (...end) => each((trace) => trace.attemptEnded(...end)),
        event: (event) => each((trace) => trace.event(event)),
        ended: (end) => each((trace) => trace.ended(end)),
      };
    },
  };
}

/** Keeps all that it is told. */
export class Records implements Instrumentation {
  readonly kept: unknown[] = [];

  callStarted(info: unknown): CallTrace {
    this.kept.push(info);
    return {
      attemptStarted: () => undefined,
      attemptEnded: (...end) => this.kept.push(end),
      event: (event) => this.kept.push(event),
      ended: (end) => this.kept.push(end),
    };
  }
}

/** Throws at all that it is told. */
export function throwing(message: string): Instrumentation {
  const fail = (): never => {
    throw new Error(message);
  };
  return { callStarted: () => ({ attemptStarted: () => undefined, attemptEnded: fail, event: fail, ended: fail }) };
}
