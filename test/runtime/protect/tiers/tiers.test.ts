import { getEventListeners } from 'node:events';
import { beforeEach, describe, expect, test } from 'vitest';
import { CircuitOpenError, TimeoutError } from '../../../../runtime/errors/call-errors.js';
import { AllTiersFailedError } from '../../../../runtime/errors/tiers-error.js';
import type { ProtectContext } from '../../../../runtime/protect/run.js';
import { type Tier, tiers } from '../../../../runtime/protect/tiers/tiers.js';
import { errorOf, getThing, testClient } from '../../../support/client.js';
import { noUnhandledRejections } from '../../../support/unhandled.js';
import { Work, watch } from '../../../support/watch.js';
import { Circuit, RECOVERY_MS } from '../../policies/circuit-breaker/circuit.js';

let circuit: Circuit;
let first: Work<ProtectContext>;
let second: Work<ProtectContext>;
const fault = new Error('secret');

beforeEach(() => {
  circuit = new Circuit({ name: 'one' });
  first = new Work();
  second = new Work();
});

const settle = (): Promise<void> => circuit.clock.advance(0);
noUnhandledRejections(settle);

const two = (one: Partial<Tier<unknown, unknown[]>> = {}, other: Partial<Tier<unknown, unknown[]>> = {}): Tier<unknown, unknown[]>[] => [
  { name: 'one', breaker: circuit.breaker, run: first.fn, ...one },
  { name: 'two', run: second.fn, ...other },
];

describe('P7 tiers', () => {
  test('the first that answers wins; arguments reach each that is run', async () => {
    const load = tiers(two());
    const seen = watch(load('id', 5));
    first.run().reject(fault);
    await settle();
    second.run().resolve('answer');
    await settle();
    expect(seen.value).toBe('answer');
    expect([first.run().args, second.run().args]).toEqual([
      ['id', 5],
      ['id', 5],
    ]);
    expect(load.metrics()).toMatchObject([
      { tier: 'one', attempts: 1, answers: 0, errors: 1, skipped: 0 },
      { tier: 'two', attempts: 1, answers: 1, errors: 0 },
    ]);
  });

  test('a tier whose circuit is open is skipped without being run, and tried again when it may probe', async () => {
    const load = tiers(two());
    circuit.trip();
    const seen = watch(load());
    await settle();
    second.run().resolve(2);
    await settle();
    expect([seen.value, first.runs.length, load.metrics()[0]?.skipped]).toEqual([2, 0, 1]);
    circuit.clock.jump(RECOVERY_MS);
    const probed = watch(load());
    first.run().resolve(1);
    await settle();
    expect(probed.value).toBe(1);
  });

  test('E1 AllTiersFailedError says what was tried, and why each failed', async () => {
    const open = new Circuit({ name: 'open', clock: circuit.clock }).trip();
    const load = tiers<number>(
      [
        { name: 'open', breaker: open.breaker, run: () => 1 },
        { name: 'refused', run: () => open.breaker.call(() => 1) },
        { name: 'slow', run: () => new Promise<number>(() => undefined), timeoutMs: 100 },
        { name: 'poor', run: () => 5 },
        {
          name: 'sync',
          run: () => {
            throw fault;
          },
        },
      ],
      { name: 'prices', quality: (answer) => answer / 10, minQuality: 0.8, clock: circuit.clock },
    );
    const seen = watch(load());
    await circuit.clock.advance(100);
    const error = seen.error as AllTiersFailedError;
    expect(error).toBeInstanceOf(AllTiersFailedError);
    expect(error.message).toBe(
      'prices: no tier answered: open (circuit open), refused (circuit open), slow (timeout), poor (quality 0.5, wanted 0.8), sync (error)',
    );
    expect(error.attemptedTiers).toEqual(['open', 'refused', 'slow', 'poor', 'sync']);
    expect(error.cause).toBe(fault);
    expect(error.failures).toMatchObject([
      { tier: 'open', reason: 'circuit_open', durationMs: 0 },
      { tier: 'refused', reason: 'circuit_open', error: expect.any(CircuitOpenError) },
      { tier: 'slow', reason: 'error', error: { kind: 'timeout' }, durationMs: 100 },
      { tier: 'poor', reason: 'low_quality', quality: 0.5, minQuality: 0.8 },
      { tier: 'sync', reason: 'error', error: fault },
    ]);
    expect(JSON.stringify(error)).toContain('"cause":"timeout"');
    expect(JSON.stringify(error)).not.toContain('secret');
  });

  test('A44 each failure is a fresh error without a growing chain', async () => {
    const load = tiers([{ name: 'one', run: () => Promise.reject(fault) }]);
    const errors = [await errorOf(load()), await errorOf(load())];
    expect(errors[0]).not.toBe(errors[1]);
    expect(errors.map((error) => (error as Error).cause)).toEqual([fault, fault]);
  });

  test('generated clients as tiers: their circuit is asked, not entered', async () => {
    const client = testClient({ baseUrl: 'http://127.0.0.1:9', clock: circuit.clock, token: 't' });
    const load = tiers([
      { name: 'acme', circuit: client, run: (_, id: string) => client.call(getThing, { id }) as Promise<unknown> },
      { name: 'spare', run: () => 'spare' },
    ]);
    client.breaker().forceOpen();
    await expect(load('x')).resolves.toBe('spare');
    expect(client.breaker().snapshot().stats.totalRequests).toBe(0);
  });
});

describe('quality', () => {
  test('a good enough answer passes, a poor one does not, and a tier may want less', async () => {
    const quality = (answer: number): number => answer;
    const load = (least?: number) =>
      tiers<number>(
        [
          { name: 'one', breaker: circuit.breaker, run: () => 3, ...(least === undefined ? {} : { minQuality: least }) },
          { name: 'two', run: async () => 8 },
        ],
        { quality: async (answer) => quality(answer), minQuality: 8 },
      );
    const strict = load();
    await expect(strict()).resolves.toBe(8);
    await expect(load(3)()).resolves.toBe(3);
    expect(strict.metrics()[0]).toMatchObject({ lowQuality: 1, errors: 0 });
    expect(circuit.breaker.snapshot().stats, 'it says nothing of the service').toMatchObject({ successfulRequests: 2, failedRequests: 0 });
  });

  test.each([Number.NaN, undefined, 'good'])(
    'A42 a quality of %s is not good enough, nor is one that throws: the success stays one',
    async (given) => {
      const answers = [given, 1];
      const load = tiers(
        [
          { name: 'one', breaker: circuit.breaker, run: () => 'a' },
          { name: 'two', run: () => 'b' },
        ],
        { quality: () => answers.shift() as number, minQuality: 1 },
      );
      await expect(load()).resolves.toBe('b');
      const throwing = tiers([{ name: 'one', breaker: circuit.breaker, run: () => 'a' }], {
        quality: () => {
          throw fault;
        },
        minQuality: 1,
      });
      expect(await errorOf(throwing())).toMatchObject({ failures: [{ reason: 'low_quality', error: fault }] });
      expect(circuit.breaker.snapshot().stats).toMatchObject({ successfulRequests: 2, failedRequests: 0 });
    },
  );
});

describe('what ends it', () => {
  test.each(['first', 'second'])('A26 the caller’s abort in the %s tier: at once, with its reason, and no further tier', async (at) => {
    const controller = new AbortController();
    const load = tiers(two());
    const seen = watch(load('id', controller.signal));
    if (at === 'second') first.run().reject(fault);
    await settle();
    const { signal } = (at === 'first' ? first : second).run().context;
    controller.abort('enough');
    expect([signal.aborted, signal.reason]).toEqual([true, 'enough']);
    await settle();
    expect(seen.error).toBe('enough');
    first.runs.at(-1)?.reject(fault);
    await settle();
    expect(second.runs.length).toBe(at === 'first' ? 0 : 1);
    expect(getEventListeners(controller.signal, 'abort')).toHaveLength(0);
    expect(load.metrics()[at === 'first' ? 0 : 1]).toMatchObject({ attempts: 1, aborted: 1, errors: 0 });
  });

  test('the caller’s abort during the quality check: no further tier', async () => {
    const controller = new AbortController();
    const load = tiers(two(), {
      quality: () => {
        controller.abort('enough');
        return 0;
      },
      minQuality: 1,
    });
    const seen = watch(load(controller.signal));
    first.run().resolve(1);
    await settle();
    expect([seen.error, second.runs.length]).toEqual(['enough', 0]);
  });

  test('A25 A35 the total deadline, although a tier ignores its signal', async () => {
    const load = tiers(two(), { totalTimeoutMs: 300, name: 'prices' });
    const seen = watch(load());
    await circuit.clock.advance(300);
    expect(seen.error).toMatchObject({ kind: 'timeout', scope: 'total', operation: 'prices' });
    expect(first.run().context.signal.reason).toBe(seen.error);
    first.run().reject(new Error('late'));
    await settle();
    expect([second.runs.length, circuit.clock.pendingTimers]).toEqual([0, 0]);
  });

  test.each<[string, Partial<Tier<unknown, unknown[]>>]>([
    ['alone', {}],
    ['with retries', { retry: true }],
  ])('a tier %s that hangs until the total limit is a timeout of its circuit, as one that had a limit of its own', async (_, own) => {
    const load = tiers(two(own), { totalTimeoutMs: 300 });
    for (let call = 1; call <= 3; call++) {
      const seen = watch(load());
      await circuit.clock.advance(300);
      expect(seen.error).toMatchObject({ kind: 'timeout', scope: 'total' });
      expect(first.run(call - 1).context.signal.aborted).toBe(true);
    }
    expect(circuit.breaker.snapshot()).toMatchObject({ state: 'open', stats: { failedRequests: 3, timeoutRequests: 3 } });
    expect(load.metrics()[0]).toMatchObject({ attempts: 3, aborted: 3, errors: 0 });
  });

  test('a tier that the total limit leaves less than half of its time counts as nothing', async () => {
    const other = new Circuit({ name: 'two', clock: circuit.clock });
    const load = tiers(two({}, { breaker: other.breaker }), { totalTimeoutMs: 300 });
    const seen = watch(load());
    await circuit.clock.advance(200);
    first.run().reject(fault);
    await circuit.clock.advance(100);
    expect([seen.error, second.runs.length]).toEqual([expect.objectContaining({ kind: 'timeout', scope: 'total' }), 1]);
    expect(other.breaker.snapshot().stats).toMatchObject({ failedRequests: 0, timeoutRequests: 0 });
  });

  test.each<[string, () => unknown]>([
    ['a text', () => 'enough'],
    ['a timeout of one attempt', () => new TimeoutError({ service: undefined, operation: 'x' }, 'attempt', 1, 'waiting')],
    [
      'one of our errors that cannot be read',
      () =>
        new Proxy(new TimeoutError({ service: undefined, operation: 'x' }, 'total', 1, 'waiting'), {
          get: (target, key) => {
            if (key === 'scope') throw fault;
            return Reflect.get(target, key);
          },
        }),
    ],
  ])('the caller’s abort with %s is no timeout of the circuit', async (_, reason) => {
    const controller = new AbortController();
    const load = tiers(two());
    const seen = watch(load(controller.signal));
    await circuit.clock.advance(100);
    const given = reason();
    controller.abort(given);
    await settle();
    expect(seen.error).toBe(given);
    expect(circuit.breaker.snapshot().stats).toMatchObject({ failedRequests: 0 });
  });

  test('A25 one tier’s time limit leaves the next alone', async () => {
    const seen = watch(tiers(two({ timeoutMs: 100 }), { clock: circuit.clock })());
    await circuit.clock.advance(100);
    expect(first.run().context.signal.aborted).toBe(true);
    expect(second.run().context.signal.aborted).toBe(false);
    second.run().resolve('answer');
    await settle();
    expect(seen.value).toBe('answer');
  });

  test('an error that no other tier will change comes through', async () => {
    const load = tiers(two(), { stopOn: (error) => error === fault });
    const seen = watch(load());
    first.run().reject(fault);
    await settle();
    expect([seen.error, second.runs.length]).toEqual([fault, 0]);
    const throwing = tiers([{ name: 'one', run: () => Promise.reject(fault) }], {
      stopOn: () => {
        throw new Error('predicate');
      },
    });
    expect(await errorOf(throwing())).toBeInstanceOf(AllTiersFailedError);
  });
});

describe('what cannot be', () => {
  const run = (): number => 1;
  test.each<[unknown, unknown, RegExp]>([
    [[], {}, /^tiers is a list, expected a list of at least one tier$/],
    [[{ run }], {}, /^tiers\[0\].name is undefined, expected a name$/],
    [[{ name: 'a' }], {}, /^tiers\[0\].run is undefined, expected a function$/],
    [
      [
        { name: 'a', run },
        { name: 'a', run },
      ],
      {},
      /^tiers\[1\].name is "a", expected a name that no other tier has$/,
    ],
    [[{ name: 'a', run, breaker: {} }], {}, /^tiers\[0\].breaker is an object, expected a CircuitBreaker\./],
    [[{ name: 'a', run, circuit: 'ghl' }], {}, /^tiers\[0\].circuit is "ghl"/],
    [[{ name: 'a', run, minQuality: 1 }], {}, /^quality is undefined, expected a function, because tiers\[0\].minQuality is set$/],
    [[{ name: 'a', run }], { quality: run, minQuality: '1' }, /^minQuality is "1", expected a number$/],
    [[{ name: 'a', run }], { quality: 1 }, /^quality is 1, expected a function$/],
    [[{ name: 'a', run }], { totalTimeoutMs: -1 }, /^totalTimeoutMs is -1/],
  ])('%j %j', (list, options, message) => {
    expect(() => tiers(list as Tier[], options as object)).toThrow(message);
  });
});

test.each<[string, () => never]>([
  [
    'throws',
    () => {
      throw new Error('no circuit');
    },
  ],
  ['returns none', () => undefined as never],
])('a circuit function that %s: the next tier is tried', async (_, circuit) => {
  const find = tiers([
    { name: 'one', circuit: { circuit }, run: () => 1 },
    { name: 'two', run: () => 2 },
  ]);
  expect(await find()).toBe(2);
  expect(find.metrics().map(({ attempts, skipped, errors }) => [attempts, skipped, errors])).toEqual([
    [0, 1, 0],
    [1, 0, 0],
  ]);
});
