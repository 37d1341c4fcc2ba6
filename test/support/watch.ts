/** What a promise came to, without waiting for it to. */
export function watch(promise: Promise<unknown>): { value?: unknown; error?: unknown } {
  const seen: { value?: unknown; error?: unknown } = {};
  promise.then(
    (value) => {
      seen.value = value;
    },
    (error: unknown) => {
      seen.error = error;
    },
  );
  return seen;
}

/** A function whose runs end when the test says so. */
export class Work<C = unknown> {
  readonly runs: {
    readonly context: C;
    readonly args: readonly unknown[];
    readonly resolve: (value: unknown) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  readonly fn = (context: C, ...args: unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      this.runs.push({ context, args, resolve, reject });
    });

  run(at = 0): Work<C>['runs'][number] {
    const run = this.runs[at];
    if (run === undefined) throw new Error(`run ${at} has not started`);
    return run;
  }
}
