/** Code that is mutated together, and the tests that are to notice: few, so that each mutant is tried in a second or two. */
export interface Group {
  readonly files: readonly string[];
  readonly tests: readonly string[];
}

export const GROUPS: Readonly<Record<string, Group>> = {
  breaker: {
    files: ['transition', 'refit', 'permit', 'ranges', 'options', 'presets', 'counters', 'snapshot', 'transition-counts', 'calls'].map(
      (name) => `runtime/policies/circuit-breaker/${name}.ts`,
    ),
    tests: ['test/runtime/policies/circuit-breaker/**/*.test.ts'],
  },
  circuit: {
    files: [
      'breaker',
      'machine',
      'closed-guard',
      'counted-run',
      'permits',
      'setup',
      'follows',
      'announcer',
      'get-circuit-breaker',
      'glance',
      'handover',
      'openings',
    ].map((name) => `runtime/policies/circuit-breaker/${name}.ts`),
    tests: ['test/runtime/policies/circuit-breaker/**/*.test.ts', 'test/runtime/errors/given.test.ts'],
  },
  registry: {
    files: [
      'registry',
      'given-registry',
      'circuit-index',
      'retired-counts',
      'dependencies',
      'signature',
      'health-summary',
      'idle-circuits',
      'tuning',
      'slots',
    ].map((name) => `runtime/policies/circuit-breaker/${name}.ts`),
    tests: ['test/runtime/policies/circuit-breaker/*.test.ts', 'test/runtime/errors/given.test.ts'],
  },
  windows: {
    files: ['count-window', 'time-window', 'in-flight', 'health', 'options', 'bad-calls'].map(
      (name) => `runtime/policies/circuit-breaker/window/${name}.ts`,
    ),
    tests: ['test/runtime/policies/circuit-breaker/**/*.test.ts'],
  },
  recovery: {
    files: ['runtime/policies/circuit-breaker/recovery/ramp.ts', 'runtime/policies/circuit-breaker/recovery/reopen-backoff.ts'],
    tests: ['test/runtime/policies/circuit-breaker/**/*.test.ts'],
  },
  retry: {
    files: [
      'runtime/policies/retry/backoff.ts',
      'runtime/policies/retry/retry-hint.ts',
      'runtime/policies/retry/retry-budget.ts',
      'runtime/policies/retry/retrying.ts',
      'runtime/policies/retry/retry-state.ts',
    ],
    tests: [
      'test/runtime/policies/retry/*.test.ts',
      'test/runtime/call/{retries,retry-decision,retry-errors,retry-after,open-circuit,fallback-when,idempotency}.test.ts',
      'test/runtime/protect/{function-retry,function-fallback,protected-call,stages}.test.ts',
    ],
  },
  protect: {
    files: [
      'runtime/policies/time-up.ts',
      'runtime/protect/circuit-budget.ts',
      'runtime/protect/function-call.ts',
      'runtime/protect/handler-pool.ts',
      'runtime/protect/plain-call.ts',
      'runtime/protect/run.ts',
      'runtime/protect/run-failure.ts',
      'runtime/protect/run-function.ts',
    ],
    tests: [
      'test/runtime/policies/time-up.test.ts',
      'test/runtime/protect/{anything-thrown,calls,function-fallback,function-retry,handler-pool,protect,protected-call}.test.ts',
      'test/runtime/protect/{run,run-failure,run-function,run-signal,stages,time-of-call}.test.ts',
    ],
  },
  deadline: {
    files: ['runtime/policies/timeout/deadline.ts', 'runtime/policies/timeout/exit-hold.ts'],
    tests: ['test/runtime/policies/timeout/*.test.ts', 'test/runtime/call/deadline.test.ts'],
  },
};

/** Every file that is mutated. */
export const MUTATED: readonly string[] = Object.values(GROUPS).flatMap(({ files }) => files);

/** Files of the groups named, of all groups where none is, or the files named themselves. @throws {Error} where a name is none. */
export function chosen(names: readonly string[]): readonly (readonly [name: string, Group])[] {
  const all = Object.entries(GROUPS);
  if (names.length === 0) return all;
  return names.map((name) => {
    const group = all.find(([key, { files }]) => key === name || files.some((file) => file === name));
    if (group === undefined) throw new Error(`'${name}' is no group (${Object.keys(GROUPS).join(', ')}) and no file of one`);
    const [key, { tests, files }] = group;
    return [key, { tests, files: key === name ? files : [name] }] as const;
  });
}
