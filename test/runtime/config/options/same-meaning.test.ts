import { type CallOptions, type ClientOptions, value } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { describe, expect, test } from 'vitest';
import { protect } from '../../../../runtime/protect/protect.js';
import { protectedBy } from '../../../../runtime/protect/protected-by.js';
import { tiers } from '../../../../runtime/protect/tiers/tiers.js';
import { getThing, testClient } from '../../../support/client.js';
import { answers, InMemory, waits } from '../../../support/in-memory.js';
import { Circuit } from '../../policies/circuit-breaker/circuit.js';

/** Runs work that fails, or that never ends, under options of one place; `runs` counts the work. */
interface Place {
  readonly clock: FakeClock;
  readonly runs: () => number;
  readonly call: () => Promise<unknown>;
}

type Options = Readonly<Record<string, unknown>>;
type Work = 'fails' | 'hangs';

const failing = (work: Work, count: () => void) => (): Promise<unknown> => {
  count();
  return work === 'fails' ? Promise.reject(new Error('down')) : new Promise(() => undefined);
};

function functionPlace(work: Work, make: (fn: () => Promise<unknown>, breaker: Circuit['breaker']) => () => Promise<unknown>): Place {
  const { breaker, clock } = new Circuit({ enabled: false });
  let runs = 0;
  const call = make(
    failing(work, () => {
      runs++;
    }),
    breaker,
  );
  return { clock, runs: () => runs, call };
}

function clientPlace(work: Work, ofClient: Options, ofCall: Options | undefined): Place {
  const clock = new FakeClock();
  const dispatcher = new InMemory(work === 'fails' ? answers(503) : waits);
  const base = { baseUrl: 'http://acme.test', token: 't', clock, dispatcher, breaker: { enabled: false } };
  const client = testClient({ ...base, ...ofClient } as ClientOptions, { policies: { service: { baseDelayMs: 0, maxDelayMs: 0 } } });
  return { clock, runs: () => dispatcher.requests.length, call: () => client.call(getThing, { id: 1 }, ofCall as CallOptions) };
}

const places: readonly (readonly [string, (work: Work, options: Options) => Place])[] = [
  ['protect', (work, options) => functionPlace(work, (fn, breaker) => protect(fn, { breaker, ...options }) as () => Promise<unknown>)],
  [
    'protectedBy',
    (work, options) =>
      functionPlace(
        work,
        (fn, breaker) =>
          protectedBy({ breaker, ...options } as never)(fn, { kind: 'method', name: 'load' } as never) as () => Promise<unknown>,
      ),
  ],
  ['a client', (work, options) => clientPlace(work, options, undefined)],
  ['a call', (work, options) => clientPlace(work, {}, options)],
];

const tier = (work: Work, options: Options): Place =>
  functionPlace(work, (run, breaker) => tiers([{ name: 'only', run, breaker, ...options }]) as () => Promise<unknown>);

const limits = ['timeoutMs', 'totalTimeoutMs'] as const;

describe.each([...places, ['a tier', tier] as const])('%s', (name, place) => {
  const given = name === 'a tier' ? (['timeoutMs'] as const) : limits;

  test.each(given)('%s may be a fraction of a millisecond', async (option) => {
    const { clock, call } = place('hangs', { [option]: 0.5, retry: false });
    const ended = expect(call()).rejects.toThrow(/within 0\.5 ms|timeout/);
    await clock.advance(1);
    await ended;
  });

  test.each(given.flatMap((option) => [null, Number.POSITIVE_INFINITY].map((none) => [option, none] as const)))(
    '%s of %s is no limit',
    async (option, none) => {
      // Of a client, a limit of the attempt alone would leave twice the default as the limit of the call.
      const { clock, call, runs } = place('hangs', { ...(name === 'a tier' ? {} : { timeoutMs: none }), [option]: none, retry: false });
      let ended = false;
      void call().then(
        () => {
          ended = true;
        },
        () => {
          ended = true;
        },
      );
      await clock.advance(86_400_000);
      expect({ ended, runs: runs() }).toEqual({ ended: false, runs: 1 });
    },
  );

  test.each(given.flatMap((option) => [0, -1, Number.NaN, '500', {}, true].map((bad) => [option, bad] as const)))(
    '%s of %j is refused',
    async (option, bad) => {
      const made = async (): Promise<unknown> => place('fails', { [option]: bad }).call();
      await expect(made()).rejects.toMatchObject({
        kind: 'configuration',
        message: expect.stringMatching(new RegExp(`${option} is .+, expected milliseconds, more than 0, or null for no limit$`)),
      });
    },
  );

  test.each([
    [true, 3],
    [{}, 3],
    [{ maxAttempts: 2 }, 2],
    [false, 1],
  ])('retry: %j makes %i attempts', async (retry, attempts) => {
    const { clock, call, runs } = place('fails', { retry });
    const ended = expect(call()).rejects.toThrow();
    await clock.advance(10_000);
    await ended;
    expect(runs()).toBe(attempts);
  });

  test.each([null, 3, 'yes', []])('retry: %j is refused', async (retry) => {
    const made = async (): Promise<unknown> => place('fails', { retry }).call();
    await expect(made()).rejects.toThrow(/retry is .+, expected true, false or an object$/);
  });
});

const answering = places.map(([name, place]) => {
  const option = (fallback: unknown): Options => (name === 'a client' ? { fallbacks: { 'things.get': fallback } } : { fallback });
  return [name, (fallback: unknown) => place('fails', { ...option(fallback), retry: false }).call()] as const;
});

describe.each(answering)('a fallback of %s', (_, answer) => {
  test('false and undefined are no fallback', async () => {
    await expect(answer(false)).rejects.toThrow();
    await expect(answer(undefined)).rejects.toThrow();
  });

  test('null is an answer, and so is value(false)', async () => {
    expect(await answer(null)).toBe(null);
    expect(await answer(value(false))).toBe(false);
    expect(await answer(() => false)).toBe(false);
  });
});

describe('retry: true', () => {
  const policies = { service: { retryEnabled: false, baseDelayMs: 0, maxDelayMs: 0 } };
  const requests = async (ofClient: ClientOptions, ofCall: CallOptions): Promise<number> => {
    const dispatcher = new InMemory(answers(503));
    const client = testClient({ baseUrl: 'http://acme.test', token: 't', dispatcher, ...ofClient }, { policies });
    await client.call(getThing, { id: 1 }, ofCall).result();
    return dispatcher.requests.length;
  };

  test('of a client turns on nothing that the YAML turned off; of a call it does', async () => {
    expect(await requests({ retry: true }, {})).toBe(1);
    expect(await requests({ retry: { maxAttempts: 2 } }, {})).toBe(1);
    expect(await requests({ retry: { maxAttempts: 2 } }, { retry: true })).toBe(2);
  });
});
