import { getEventListeners } from 'node:events';
import { describe, expect, test } from 'vitest';
import { guardedClock } from '../../../runtime/clock.js';
import { deadlineList } from '../../../runtime/policies/timeout/deadline.js';
import { protect } from '../../../runtime/protect/protect.js';
import type { ProtectOptions } from '../../../runtime/protect/protect-options.js';
import { watch } from '../../support/watch.js';
import { circuit, freshForEach, work } from './fixture.js';

const TIMEOUT_MS = 500;
const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length;

freshForEach({ successThreshold: 1, halfOpenMaxCalls: 1 });

const guarded = (options: Partial<ProtectOptions> = {}): ((signal?: AbortSignal) => Promise<unknown>) =>
  protect(work.fn, { breaker: circuit.breaker, timeoutMs: TIMEOUT_MS, ...options });

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

  test('A7 a probe that times out is reported as that, however late its timer comes', async () => {
    circuit.tripAndWait();
    const probe = watch(guarded()());
    circuit.clock.jump(TIMEOUT_MS + 20);
    await expect(guarded()()).rejects.toMatchObject({ kind: 'circuit_open', reason: 'half_open' });
    await circuit.clock.advance(0);
    expect(probe.error).toMatchObject({ kind: 'timeout' });
    expect(circuit.events.at(-1)).toMatchObject({ type: 'circuit_opened', reason: 'probe_failed' });
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
    expect(deadlineList(guardedClock(circuit.clock), TIMEOUT_MS, true).size).toBe(2);
    work.run(0).resolve(1);
    await circuit.clock.advance(0);
    expect(deadlineList(guardedClock(circuit.clock), TIMEOUT_MS, true).size, 'a call that is over waits for nothing').toBe(1);
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
});

describe('how a run is counted', () => {
  test('one that returns no promise is over when the call returns; whatever it returns', async () => {
    const thenable = () => undefined;
    Object.defineProperty(thenable, 'then', { value: (resolve: (value: string) => void) => resolve('of a function') });
    for (const [returned, expected] of [
      [null, null],
      [undefined, undefined],
      [7, 7],
      ['text', 'text'],
      [{}, {}],
      [thenable, 'of a function'],
    ]) {
      const before = circuit.breaker.snapshot().stats.successfulRequests;
      const call = protect(() => returned, { breaker: circuit.breaker })();
      if (returned !== thenable) expect(circuit.breaker.snapshot().stats.successfulRequests).toBe(before + 1);
      expect(await call).toEqual(expected);
    }
    expect(circuit.types).toEqual([]);
  });

  test('a function that has a `then` is a promise, and its rejection a failure', async () => {
    const thenable = (): undefined => undefined;
    Object.defineProperty(thenable, 'then', { value: (_: unknown, reject: (error: string) => void) => reject('no') });
    await expect(protect(() => thenable, { breaker: circuit.breaker })()).rejects.toBe('no');
    expect(circuit.breaker.snapshot().stats).toMatchObject({ successfulRequests: 0, failedRequests: 1 });
  });

  test('a failure is no timeout, a timeout says in which phase it came, and both take the time that they took', async () => {
    circuit.clock.jump(1_000);
    const failed = watch(guarded()());
    await circuit.clock.advance(100);
    work.run(0).reject(new Error('no'));
    await circuit.clock.advance(0);
    expect(circuit.breaker.snapshot().stats).toMatchObject({ failedRequests: 1, timeoutRequests: 0, avgResponseTimeMs: 100 });
    const slow = watch(guarded()());
    await circuit.clock.advance(TIMEOUT_MS);
    expect([failed.error, slow.error]).toMatchObject([{ message: 'no' }, { kind: 'timeout', phase: 'waiting' }]);
    expect(circuit.breaker.snapshot().stats).toMatchObject({ timeoutRequests: 1, avgResponseTimeMs: 300 });
  });

  test('one whose caller left is no failure, to nobody who listens either', async () => {
    const controller = new AbortController();
    watch(guarded()(controller.signal));
    controller.abort('enough');
    await circuit.clock.advance(0);
    expect(circuit.types).toEqual([]);
  });

  test('a last argument that is null is an argument', async () => {
    const call = protect((_, given: null) => [given], { breaker: circuit.breaker });
    expect(await call(null)).toEqual([null]);
  });
});
