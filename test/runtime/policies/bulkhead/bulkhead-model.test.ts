import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import type { BulkheadFullError } from 'fuseline';
import { Bulkhead, type BulkheadPermit } from 'fuseline/protect';
import { FakeClock } from 'fuseline/testing';
import { describe, expect, test } from 'vitest';

describe('a bulkhead against a simple model', () => {
  const step = fc.oneof(
    { weight: 5, arbitrary: fc.record({ do: fc.constant('acquire' as const), maxWaitMs: fc.constantFrom(0, 20, 50, 1_000) }) },
    { weight: 4, arbitrary: fc.record({ do: fc.constant('release' as const), which: fc.nat(20) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('abort' as const), which: fc.nat(20) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.constantFrom(1, 20, 49, 50) }) },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('jump' as const), ms: fc.constantFrom(1, 20, 60) }) },
  );

  test('never more places than there are, every waiter settles once, first in first out, nothing is left behind', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 0, max: 4 }),
        fc.array(step, { maxLength: 60 }),
        async (max, room, steps) => {
          const time = new FakeClock();
          const under = new Bulkhead({ maxConcurrent: max, maxQueue: room, clock: time });
          interface Asked {
            readonly id: number;
            readonly aborter: AbortController;
            readonly until: number;
            settled: number;
          }
          const asked: Asked[] = [];
          const held: BulkheadPermit[] = [];
          const grants: number[] = [];
          let waiting: Asked[] = [];
          const settle = (one: Asked): void => {
            one.settled++;
            waiting = waiting.filter((other) => other !== one);
          };
          const turn = (): Promise<void> => time.advance(0);
          const run = async (at: (typeof steps)[number]): Promise<void> => {
            if (at.do === 'acquire') {
              const free = held.length < max && waiting.length === 0;
              const fits = waiting.length < room && at.maxWaitMs > 0;
              const one: Asked = { id: asked.length, aborter: new AbortController(), until: time.now() + at.maxWaitMs, settled: 0 };
              asked.push(one);
              if (!free && fits) waiting.push(one);
              under.acquire({ signal: one.aborter.signal, maxWaitMs: at.maxWaitMs }).then(
                (permit) => {
                  if (waiting.includes(one)) expect(waiting[0]).toBe(one);
                  expect(one.aborter.signal.aborted).toBe(false);
                  settle(one);
                  held.push(permit);
                  grants.push(one.id);
                },
                (error: unknown) => {
                  settle(one);
                  const { kind, reason } = error as BulkheadFullError;
                  if (one.aborter.signal.aborted) return;
                  expect(kind).toBe('bulkhead_full');
                  if (reason === 'queue_full') expect(free || fits).toBe(false);
                  else expect(time.now()).toBeGreaterThanOrEqual(one.until);
                },
              );
            } else if (at.do === 'release') {
              const [permit] = held.splice(held.length === 0 ? 0 : at.which % held.length, 1);
              permit?.release();
            } else if (at.do === 'abort') {
              const one = waiting[waiting.length === 0 ? 0 : at.which % waiting.length];
              one?.aborter.abort(new Error('gone'));
            } else if (at.do === 'advance') await time.advance(at.ms);
            else time.jump(at.ms);
            await turn();
            const stats = under.stats();
            expect(stats.active).toBe(held.length);
            expect(stats.active).toBeLessThanOrEqual(max);
            expect(stats.queued).toBe(waiting.length);
            expect(stats.queued).toBeLessThanOrEqual(room);
            if (stats.queued > 0) expect(stats.active).toBe(max);
            expect(stats.admitted + stats.rejected + stats.timedOut + stats.aborted + stats.queued).toBe(asked.length);
          };
          for (const at of steps) await run(at);
          expect(grants).toEqual([...grants].sort((a, b) => a - b));
          await time.advance(1_000);
          while (held.length > 0) {
            held.pop()?.release();
            await turn();
          }
          expect(asked.map(({ settled }) => settled)).toEqual(asked.map(() => 1));
          expect(under.stats()).toMatchObject({ active: 0, queued: 0 });
          for (const { aborter } of asked) expect(getEventListeners(aborter.signal, 'abort')).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });
});
