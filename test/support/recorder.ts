import type { CallEnd, CallInfo, CallTrace, Instrumentation } from 'fuseline';

/** An instrumentation that writes down what it is told: a line for each thing, by the number of the call. */
export class Recorder implements Instrumentation {
  readonly lines: string[] = [];
  readonly infos: CallInfo[] = [];
  readonly ends: CallEnd[] = [];
  #calls = 0;
  signsRequests?: boolean;

  constructor(readonly headers: (call: number, attempt: number) => Record<string, string> | undefined = () => undefined) {}

  callStarted(info: CallInfo): CallTrace {
    const call = ++this.#calls;
    this.infos.push(info);
    const say = (what: string): number => this.lines.push(`${call} ${what}`);
    say('started');
    return {
      attemptStarted: (attempt) => {
        say(`attempt ${attempt}`);
        return this.headers(call, attempt);
      },
      attemptEnded: (attempt, status, error) => say(`attempt ${attempt} ended: ${status ?? '-'} ${error?.kind ?? '-'}`),
      event: ({ type }) => say(type),
      ended: (end) => {
        this.ends.push(end);
        say(`ended: ${end.cancelled ? 'cancelled' : end.error === undefined ? end.source : 'failed'}`);
      },
    };
  }

  /** What it was told of one call. */
  of(call: number): readonly string[] {
    return this.lines.filter((line) => line.startsWith(`${call} `));
  }
}
