import { execFile } from 'node:child_process';
import { getEventListeners } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { protect } from '../../../runtime/protect/protect.js';
import type { ProtectOptions } from '../../../runtime/protect/protect-options.js';
import { tiers } from '../../../runtime/protect/tiers/tiers.js';
import { PATIENCE_MS } from '../../support/patience.js';
import { watch } from '../../support/watch.js';
import { Circuit, RECOVERY_MS } from '../policies/circuit-breaker/circuit.js';
import { circuit, freshForEach, newCircuit, work } from './fixture.js';

const TIMEOUT_MS = 500;

freshForEach({ successThreshold: 1, halfOpenMaxCalls: 1 });

const guarded = (options: Partial<ProtectOptions> = {}): ((signal?: AbortSignal) => Promise<unknown>) =>
  protect(work.fn, { breaker: circuit.breaker, timeoutMs: TIMEOUT_MS, ...options });

describe('arguments', () => {
  test('are passed through and typed; each run gets them', async () => {
    const add = protect((_, a: number, b: number) => a + b, { breaker: circuit.breaker });
    await expect(add(1, 2)).resolves.toBe(3);
    // @ts-expect-error a string is no number.
    await expect(add(1, 'x')).resolves.toBe('1x');
    const seen = watch(protect(work.fn, { breaker: circuit.breaker, retry: { baseDelayMs: 100, jitter: false } })('a', 2));
    work.run().reject(new Error('once'));
    await circuit.clock.advance(100);
    expect(work.runs.map(({ args }) => args)).toEqual([
      ['a', 2],
      ['a', 2],
    ]);
    work.run(1).resolve('answer');
    await circuit.clock.advance(0);
    expect(seen.value).toBe('answer');
  });

  test('only a signal that comes last is the caller’s: everything else is an argument', async () => {
    const seen: unknown[][] = [];
    const controller = new AbortController();
    const call = protect((_, ...args: unknown[]) => seen.push(args), { breaker: circuit.breaker, timeoutMs: TIMEOUT_MS });
    await call(0, null, {});
    await call('a', controller.signal);
    await call(controller.signal, 'b');
    expect(seen).toEqual([[0, null, {}], ['a'], [controller.signal, 'b']]);
    expect(getEventListeners(controller.signal, 'abort')).toEqual([]);
  });

  test('undefined in the last place is a signal that the caller does not have, with every policy, for the fallback and in tiers', async () => {
    const { breaker } = circuit;
    const ids = (_: unknown, ...given: unknown[]): unknown[] => given;
    const fail = (_: unknown, ..._given: unknown[]): never => {
      throw new Error('once');
    };
    const given = ['a', undefined, undefined];
    const ways: readonly ((...args: unknown[]) => Promise<unknown>)[] = [
      protect(ids, { breaker }),
      protect(ids, { breaker, totalTimeoutMs: 1_000 }),
      protect(fail, { breaker, fallback: ({ params }) => [...params] as never }),
      tiers([{ name: 'only', run: ids }]),
    ];
    for (const way of ways) {
      expect([await way(...given), await way('a', undefined), await way(undefined), await way()]).toEqual([
        ['a', undefined],
        ['a'],
        [],
        [],
      ]);
      expect(await way('a', undefined, new AbortController().signal)).toEqual(['a', undefined]);
    }
  });
});

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
      newCircuit({ halfOpenMaxCalls: 1 }).tripAndWait();
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

/** Runs a program of this folder in a process of its own, to its end. */
async function output(program: string): Promise<readonly string[]> {
  const script = fileURLToPath(new URL(program, import.meta.url));
  const cwd = fileURLToPath(new URL('../../..', import.meta.url));
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--import', 'tsx', script], { cwd, timeout: PATIENCE_MS });
  return [stdout.trim(), stderr];
}

test('A34 a process with an open circuit, lost races and calls behind it ends by itself', async () => {
  expect(await output('process-exit.ts')).toEqual(['open', '']);
});

test('A35 a process does not end before those who wait know that their time is up, although the work holds nothing', async () => {
  expect(await output('process-waits.ts')).toEqual([
    ['TimeoutError TimeoutError', 'TimeoutError', 'TimeoutError', 'BulkheadFullError'].join('\n'),
    '',
  ]);
});
