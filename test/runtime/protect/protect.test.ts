import { execFile } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../../runtime/errors/configuration-error.js';
import { deadlineList } from '../../../runtime/policies/deadline.js';
import { protect } from '../../../runtime/protect/protect.js';
import type { ProtectOptions } from '../../../runtime/protect/protect-options.js';
import type { ProtectContext } from '../../../runtime/protect/run.js';
import { Circuit, RECOVERY_MS } from '../breaker/circuit.js';

const TIMEOUT_MS = 500;
const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

/** A function whose runs end when the test says so. */
class Work {
  readonly runs: {
    readonly context: ProtectContext;
    readonly resolve: (value: unknown) => void;
    readonly reject: (error: unknown) => void;
  }[] = [];
  readonly fn = (context: ProtectContext): Promise<unknown> =>
    new Promise((resolve, reject) => {
      this.runs.push({ context, resolve, reject });
    });

  run(at = 0): Work['runs'][number] {
    const run = this.runs[at];
    if (run === undefined) throw new Error(`run ${at} has not started`);
    return run;
  }
}

/** What a promise came to, without waiting for it to. */
function watch(promise: Promise<unknown>): { value?: unknown; error?: unknown } {
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

let circuit: Circuit;
let work: Work;
const unhandled: unknown[] = [];
const remember = (fault: unknown): void => void unhandled.push(fault);

beforeEach(() => {
  circuit = new Circuit({ successThreshold: 1, halfOpenMaxCalls: 1 });
  work = new Work();
  unhandled.length = 0;
  process.on('unhandledRejection', remember);
});

afterEach(async () => {
  await circuit.clock.advance(0);
  process.off('unhandledRejection', remember);
  expect(unhandled).toEqual([]);
});

const guarded = (options: Partial<ProtectOptions> = {}): ((signal?: AbortSignal) => Promise<unknown>) =>
  protect(work.fn, { breaker: circuit.breaker, timeoutMs: TIMEOUT_MS, ...options });

describe('results', () => {
  test('values, sync and async; errors, thrown and rejected; each counted once', async () => {
    const fault = new Error('x');
    const { breaker } = circuit;
    await expect(protect(() => 1, { breaker })()).resolves.toBe(1);
    await expect(protect(async () => 2, { breaker })()).resolves.toBe(2);
    await expect(protect(() => Promise.reject(fault), { breaker })()).rejects.toBe(fault);
    await expect(
      protect(
        () => {
          throw fault;
        },
        { breaker },
      )(),
    ).rejects.toBe(fault);
    expect(breaker.snapshot().stats).toMatchObject({ totalRequests: 4, successfulRequests: 2, failedRequests: 2 });
  });

  test('the function is not run while the circuit is open', async () => {
    circuit.trip();
    await expect(guarded()()).rejects.toMatchObject({ kind: 'circuit_open', circuit: 'billing', retryAfterMs: RECOVERY_MS });
    expect(work.runs).toHaveLength(0);
    expect(circuit.clock.pendingTimers).toBe(0);
  });

  test('nothing that a function returns keeps a place: things with a `then` of any kind', async () => {
    const fault = new Error('then');
    const returned: readonly (readonly [unknown, unknown])[] = [
      // biome-ignore lint/suspicious/noThenProperty: what other libraries' promises look like, and what only looks like one.
      [{ then: 5 }, { then: 5 }],
      // biome-ignore lint/suspicious/noThenProperty: as above.
      [{ then: (resolve: (value: number) => void) => resolve(7) }, 7],
      // biome-ignore lint/suspicious/noThenProperty: as above.
      [Object.assign(() => undefined, { then: (resolve: (value: number) => void) => resolve(8) }), 8],
    ];
    for (const [value, expected] of returned) {
      circuit.breaker.reset();
      circuit.tripAndWait();
      await expect(protect(() => value, { breaker: circuit.breaker, timeoutMs: TIMEOUT_MS })()).resolves.toEqual(expected);
      expect(circuit.breaker.state).toBe('closed');
    }
    const throwing = {
      // biome-ignore lint/suspicious/noThenProperty: as above.
      then: () => {
        throw fault;
      },
    };
    circuit.tripAndWait();
    await expect(protect(() => throwing as unknown as Promise<void>, { breaker: circuit.breaker, timeoutMs: TIMEOUT_MS })()).rejects.toBe(
      fault,
    );
    expect(circuit.breaker.state).toBe('open');
    await circuit.clock.advance(TIMEOUT_MS);
    expect(circuit.clock.pendingTimers).toBe(0);
  });

  test("times are the circuit's unless a clock is given", async () => {
    const seen = watch(guarded()());
    await circuit.clock.advance(TIMEOUT_MS);
    expect(seen.error).toMatchObject({ kind: 'timeout' });
    expect(circuit.breaker.snapshot().stats).toMatchObject({ timeoutRequests: 1, avgResponseTimeMs: TIMEOUT_MS });
  });
});

describe('isFailure', () => {
  test('A8 an error that does not count gives the probe’s place back', async () => {
    circuit.tripAndWait();
    const fault = new Error('not found');
    const call = guarded({ isFailure: (error) => error !== fault });
    for (let at = 0; at < 3; at++) {
      const seen = watch(call());
      work.run(at).reject(fault);
      await circuit.clock.advance(0);
      expect(seen.error).toBe(fault);
      expect(circuit.breaker.state).toBe('half_open');
    }
    expect(circuit.breaker.snapshot().stats.ignoredRequests).toBe(3);
  });

  test('A42 a predicate that throws: the original error is kept, and counts', async () => {
    const fault = new Error('original');
    const call = guarded({
      isFailure: () => {
        throw new Error('predicate');
      },
    });
    const seen = watch(call());
    work.run().reject(fault);
    await circuit.clock.advance(0);
    expect(seen.error).toBe(fault);
    expect(circuit.breaker.snapshot().stats).toMatchObject({ failedRequests: 1, ignoredRequests: 0 });
  });

  test('A42 it is not asked about successes', async () => {
    const call = guarded({
      isFailure: () => {
        throw new Error('predicate');
      },
    });
    const seen = watch(call());
    work.run().resolve('answer');
    await circuit.clock.advance(0);
    expect(seen.value).toBe('answer');
    expect(circuit.breaker.snapshot().stats.successfulRequests).toBe(1);
  });

  test('A9 another circuit that refuses inside counts as nothing, whatever the predicate says', async () => {
    circuit.tripAndWait();
    const inner = new Circuit({ name: 'inner' }).trip();
    const call = protect(() => inner.breaker.call(() => 1), { breaker: circuit.breaker, isFailure: () => true });
    await expect(call()).rejects.toMatchObject({ circuit: 'inner' });
    expect(circuit.breaker.state).toBe('half_open');
    expect(circuit.breaker.snapshot().stats.releasedRequests).toBe(1);
  });
});

describe('probes', () => {
  test('A1 a probe that never settles and has no time limit: the default lease ends it', async () => {
    for (const timeoutMs of [undefined, Number.POSITIVE_INFINITY]) {
      circuit = new Circuit({ halfOpenMaxCalls: 1 }).tripAndWait();
      const { breaker } = circuit;
      watch(protect(() => new Promise(() => undefined), timeoutMs === undefined ? { breaker } : { breaker, timeoutMs })());
      expect(breaker.state).toBe('half_open');
      circuit.clock.jump(30_000);
      expect(breaker.state).toBe('open');
      expect(circuit.clock.pendingTimers).toBe(0);
    }
  });

  test('A7 the caller aborts the probe: its place is given back, without a verdict', async () => {
    circuit.tripAndWait();
    const controller = new AbortController();
    const seen = watch(guarded()(controller.signal));
    controller.abort('enough');
    await circuit.clock.advance(0);
    expect(seen.error).toBe('enough');
    expect(circuit.breaker.state).toBe('half_open');
    const next = watch(guarded()());
    work.run(1).resolve('answer');
    await circuit.clock.advance(0);
    expect(next.value).toBe('answer');
    expect(circuit.breaker.state).toBe('closed');
  });

  test('A12 a probe that throws synchronously gives its place back as a failure', async () => {
    circuit.tripAndWait();
    const fault = new Error('sync');
    const call = protect(
      () => {
        throw fault;
      },
      { breaker: circuit.breaker, timeoutMs: TIMEOUT_MS },
    );
    await expect(call()).rejects.toBe(fault);
    expect(circuit.breaker.state).toBe('open');
    circuit.clock.jump(RECOVERY_MS);
    expect(circuit.enter()).not.toBe(0);
  });
});

describe('timeouts', () => {
  test('A25 a timeout aborts the work, and no other call’s', async () => {
    const [slow, later] = [watch(guarded()()), watch(protect(work.fn, { breaker: circuit.breaker, timeoutMs: 2 * TIMEOUT_MS })())];
    const [first, second] = [work.run(0).context.signal, work.run(1).context.signal];
    await circuit.clock.advance(TIMEOUT_MS - 1);
    expect(first.aborted).toBe(false);
    await circuit.clock.advance(1);
    expect(slow.error).toMatchObject({ kind: 'timeout', scope: 'attempt', timeoutMs: TIMEOUT_MS });
    expect(first.reason).toBe(slow.error);
    expect(second.aborted).toBe(false);
    expect(later).toEqual({});
    work.run(1).resolve('answer');
    await circuit.clock.advance(TIMEOUT_MS);
    expect(later).toEqual({ value: 'answer' });
    expect(second.aborted).toBe(false);
    expect(circuit.breaker.snapshot().stats).toMatchObject({ successfulRequests: 1, failedRequests: 1, timeoutRequests: 1 });
  });

  test('A25 the next call of the same function begins with a signal of its own', async () => {
    const call = guarded();
    watch(call());
    const first = work.run(0).context.signal;
    await circuit.clock.advance(TIMEOUT_MS);
    watch(call());
    expect(first.aborted).toBe(true);
    expect(work.run(1).context.signal.aborted).toBe(false);
    work.run(1).resolve(1);
  });

  test('A25 work that looks at its signal only after its time was up finds it aborted, with the reason', async () => {
    const seen = watch(guarded()());
    await circuit.clock.advance(TIMEOUT_MS);
    const { signal } = work.run().context;
    expect(signal.aborted).toBe(true);
    expect(signal.reason).toBe(seen.error);
    const controller = new AbortController();
    watch(guarded()(controller.signal));
    controller.abort('enough');
    expect(work.run(1).context.signal.reason).toBe('enough');
  });

  test('a signal is made once, and is not aborted by a success', async () => {
    watch(guarded()());
    const { context, resolve } = work.run();
    expect(context.signal).toBe(context.signal);
    resolve(1);
    await circuit.clock.advance(TIMEOUT_MS * 2);
    expect(context.signal.aborted).toBe(false);
  });

  test('A35 work that ignores its signal: the timeout still rejects, and the late rejection is nobody’s surprise', async () => {
    const seen = watch(guarded()());
    await circuit.clock.advance(TIMEOUT_MS);
    expect(seen.error).toMatchObject({ kind: 'timeout' });
    work.run().reject(new Error('late'));
    await circuit.clock.advance(0);
    expect(unhandled).toEqual([]);
    expect(circuit.breaker.snapshot().stats).toMatchObject({ failedRequests: 1, totalRequests: 1 });
  });

  test('A35 a late success changes neither result nor circuit', async () => {
    const seen = watch(guarded()());
    await circuit.clock.advance(TIMEOUT_MS);
    work.run().resolve('late');
    await circuit.clock.advance(0);
    expect(seen).toEqual({ error: seen.error });
    expect(circuit.breaker.snapshot()).toMatchObject({ failureCount: 1, stats: { successfulRequests: 0 } });
  });

  test('A32 a limit beyond the longest timer does not fire at once', async () => {
    const month = 30 * 24 * 3_600_000;
    const seen = watch(guarded({ timeoutMs: month })());
    await circuit.clock.advance(month - 1);
    expect(seen).toEqual({});
    await circuit.clock.advance(1);
    expect(seen.error).toMatchObject({ kind: 'timeout', timeoutMs: month });
  });

  test('three timeouts open the circuit', async () => {
    for (let at = 0; at < 3; at++) watch(guarded()());
    await circuit.clock.advance(TIMEOUT_MS);
    expect(circuit.breaker.state).toBe('open');
    expect(circuit.breaker.snapshot().stats.timeoutRequests).toBe(3);
  });
});

describe("the caller's signal", () => {
  test('A26 an abort is not a timeout, keeps its reason, reaches the work and counts as nothing', async () => {
    const controller = new AbortController();
    const seen = watch(guarded()(controller.signal));
    await circuit.clock.advance(10);
    const reason = new Error('the user left');
    const { signal } = work.run().context;
    controller.abort(reason);
    await circuit.clock.advance(TIMEOUT_MS);
    expect(seen.error).toBe(reason);
    expect(signal.reason).toBe(reason);
    expect(circuit.breaker.snapshot().stats).toMatchObject({ releasedRequests: 1, timeoutRequests: 0, failedRequests: 0 });
  });

  test('A26 a signal aborted before: nothing runs, nothing is counted', async () => {
    const reason = new Error('before');
    await expect(guarded()(AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(work.runs).toHaveLength(0);
    expect(circuit.breaker.snapshot().stats.totalRequests).toBe(0);
  });

  test('A29 whoever wins the race, no listener stays, and no timer beyond the shared one', async () => {
    const controller = new AbortController();
    const call = guarded();
    watch(call(controller.signal));
    watch(call(controller.signal));
    expect([listeners(controller.signal), circuit.clock.pendingTimers]).toEqual([1, 1]);
    expect(deadlineList(circuit.clock, TIMEOUT_MS).size).toBe(2);
    work.run(0).resolve(1);
    await circuit.clock.advance(0);
    expect(deadlineList(circuit.clock, TIMEOUT_MS).size, 'a call that is over waits for nothing').toBe(1);
    await circuit.clock.advance(TIMEOUT_MS);
    expect([listeners(controller.signal), circuit.clock.pendingTimers]).toEqual([0, 0]);
    const seen = watch(call(controller.signal));
    controller.abort('enough');
    expect([listeners(controller.signal), circuit.clock.pendingTimers]).toEqual([0, 1]);
    await circuit.clock.advance(TIMEOUT_MS);
    expect(seen.error).toBe('enough');
    expect(circuit.clock.pendingTimers).toBe(0);
  });

  test('A29 an abort between the check and the registration is not lost', async () => {
    circuit.tripAndWait();
    const controller = new AbortController();
    circuit.breaker.subscribe((event) => {
      if (event.type === 'circuit_half_open') controller.abort('from within');
    });
    const seen = watch(guarded()(controller.signal));
    await circuit.clock.advance(0);
    expect(seen.error).toBe('from within');
    expect(work.runs).toHaveLength(0);
    expect(circuit.breaker.snapshot()).toMatchObject({ state: 'half_open', stats: { releasedRequests: 1 } });
    expect([listeners(controller.signal), circuit.clock.pendingTimers]).toEqual([0, 0]);
  });

  test('A29 a function that aborts its own caller', async () => {
    const controller = new AbortController();
    const call = protect(
      ({ signal }) => {
        controller.abort('self');
        return signal.aborted;
      },
      { breaker: circuit.breaker, timeoutMs: TIMEOUT_MS },
    );
    await expect(call(controller.signal)).rejects.toBe('self');
    expect(listeners(controller.signal)).toBe(0);
    expect(circuit.breaker.snapshot().stats).toMatchObject({ releasedRequests: 1, successfulRequests: 0 });
  });

  test('A30 100,000 runs on one signal: never more than one listener, none afterwards, and no warning', async () => {
    const warnings: Error[] = [];
    const warn = (warning: Error): void => void warnings.push(warning);
    process.on('warning', warn);
    const { signal } = new AbortController();
    const call = protect(async () => 1, { breaker: circuit.breaker, timeoutMs: TIMEOUT_MS });
    for (let at = 0; at < 100; at++) {
      const runs = Array.from({ length: 1_000 }, () => call(signal));
      expect(listeners(signal)).toBe(1);
      await Promise.all(runs);
      expect(listeners(signal)).toBe(0);
    }
    await circuit.clock.advance(TIMEOUT_MS);
    process.off('warning', warn);
    expect(warnings).toEqual([]);
    expect(circuit.breaker.snapshot().stats.successfulRequests).toBe(100_000);
    expect(circuit.clock.pendingTimers).toBe(0);
  });
});

test('A34 a process with an open circuit, lost races and pending deadlines ends by itself', async () => {
  const script = fileURLToPath(new URL('process-exit.ts', import.meta.url));
  const cwd = fileURLToPath(new URL('../../..', import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script], { cwd, timeout: 15_000 });
  expect([stdout.trim(), stderr]).toEqual(['open', '']);
});

describe('options that cannot work', () => {
  test.each([Number.NaN, 0, -1, '500', null, {}])('timeoutMs: %s', (timeoutMs) => {
    const make = (): unknown => guarded({ timeoutMs: timeoutMs as number });
    expect(make).toThrow(ConfigurationError);
    expect(make).toThrow(/^timeoutMs is .+, expected milliseconds, more than 0$/);
  });

  test('no circuit, no function, no predicate', () => {
    expect(() => guarded({ breaker: undefined as never })).toThrow(/^breaker is undefined, expected a CircuitBreaker$/);
    expect(() => guarded({ isFailure: 'yes' as never })).toThrow(/^isFailure is "yes", expected a function$/);
    expect(() => protect('fn' as never, { breaker: circuit.breaker })).toThrow(/^fn is "fn", expected a function$/);
  });

  test('only a signal that comes last is the caller’s: everything else is an argument', async () => {
    const seen: unknown[][] = [];
    const controller = new AbortController();
    const call = protect((_, ...args: unknown[]) => seen.push(args), { breaker: circuit.breaker, timeoutMs: TIMEOUT_MS });
    await call(0, null, {});
    await call('a', controller.signal);
    await call(controller.signal, 'b');
    expect(seen).toEqual([[0, null, {}], ['a'], [controller.signal, 'b']]);
    expect(listeners(controller.signal)).toBe(0);
  });
});
