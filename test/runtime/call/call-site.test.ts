import { BreakerRegistry, type ClientOptions, FuselineError, type RetryExhaustedError, type ServiceClient } from 'fuseline';
import { getCircuitBreaker, protect } from 'fuseline/protect';
import { tiers } from 'fuseline/tiers';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { AT_ONCE, errorOf, getThing, operation, testClient } from '../../support/client.js';
import { answers, breaks, connects, InMemory, type Reaction, socketError, waits } from '../../support/in-memory.js';

afterEach(() => vi.unstubAllEnvs());

const FAILS: readonly (readonly [string, Reaction, ClientOptions])[] = [
  ['a status', answers(503), { retry: false }],
  ['retries', answers(503), { retry: AT_ONCE }],
  ['a broken connection', breaks(socketError('ECONNRESET')), { retry: false }],
  ['a body', answers(200, '<html>', { 'content-type': 'text/html' }), { retry: false }],
  ['an attempt that is too slow', waits, { retry: false, timeoutMs: 5 }],
  ['a call that is too slow', connects, { retry: false, totalTimeoutMs: 5 }],
];

function client(reaction: Reaction, options: ClientOptions): ServiceClient {
  return testClient({ baseUrl: 'http://acme.test', token: 't', dispatcher: new InMemory(reaction), ...options });
}

/** A function with a name of its own, to be found in stacks. */
function lineOfTheCaller(acme: ServiceClient, op = getThing): Promise<unknown> {
  return acme.call(op, { id: 1 });
}

const stackOf = async (promise: Promise<unknown>): Promise<string> => {
  const error = (await errorOf(promise)) as FuselineError;
  expect(error).toBeInstanceOf(FuselineError);
  const { stack = '' } = error;
  expect(stack.startsWith(`${error.name}: ${error.message}`)).toBe(true);
  return stack;
};

describe('calls of a client', () => {
  test.each(FAILS)('%s: the stack begins with the caller`s line', async (_, reaction, options) => {
    const stack = await stackOf(lineOfTheCaller(client(reaction, { captureStack: true, ...options })));
    expect(stack.split('\n    at ')[1]).toContain('lineOfTheCaller');
    expect(stack).toContain('call-site.test.ts');
  });

  test.each(FAILS)('%s: no stack where it is off', async (_, reaction, options) => {
    const stack = await stackOf(lineOfTheCaller(client(reaction, { captureStack: false, ...options })));
    expect(stack).not.toContain('lineOfTheCaller');
  });

  test('a refusal of the circuit, and a request that cannot be written, name the line once', async () => {
    const acme = client(answers(200), { captureStack: true });
    const invalid = operation({ path: '/{id}', params: [{ key: 'missing', wire: 'id', in: 'path', required: true }] });
    const stacks = [await stackOf(lineOfTheCaller(acme, invalid))];
    acme.breaker('things.get').forceOpen();
    stacks.push(await stackOf(lineOfTheCaller(acme)));
    for (const stack of stacks) expect(stack.split('lineOfTheCaller')).toHaveLength(2);
  });

  test('a closed client, and invalid options, name the line first, too', async () => {
    const acme = client(answers(200), { captureStack: true });
    const stacks = [await stackOf(acme.call(getThing, { id: 1 }, { timeoutMs: -1 }))];
    await acme.close();
    stacks.push(await stackOf(lineOfTheCaller(acme)));
    for (const stack of stacks) expect(stack.split('\n    at ')[1]).toContain('call-site.test.ts');
  });

  test('each error of the attempts names the line, too', async () => {
    const error = await errorOf(lineOfTheCaller(client(answers(503), { captureStack: true, retry: AT_ONCE })));
    const { errors } = error as RetryExhaustedError;
    expect(errors).toHaveLength(3);
    for (const each of errors) expect(each.stack?.split('\n    at ')[1]).toContain('lineOfTheCaller');
  });

  describe('a generated method', () => {
    /** As the generator writes it. */
    class ThingsApi {
      readonly #client: ServiceClient;

      constructor(client: ServiceClient) {
        this.#client = client;
      }

      get(id: number): Promise<unknown> {
        return this.#client.call(getThing, { id });
      }

      other(id: number): Promise<unknown> {
        return this.#client.call(getThing, { id });
      }
    }

    function lineOfTheCode(things: ThingsApi, method: 'get' | 'other'): Promise<unknown> {
      return things[method](1);
    }

    test.each(FAILS)('%s: is left out of the stack', async (_, reaction, options) => {
      const stack = await stackOf(lineOfTheCode(new ThingsApi(client(reaction, { captureStack: true, ...options })), 'get'));
      expect(stack.split('\n    at ')[1]).toContain('lineOfTheCode');
      expect(stack).not.toContain('ThingsApi.get');
    });

    test('a method of another name is code of the user', async () => {
      const things = new ThingsApi(client(answers(503), { captureStack: true, retry: false }));
      expect((await stackOf(lineOfTheCode(things, 'other'))).split('\n    at ')[1]).toContain('ThingsApi.other');
    });
  });

  test('calls that share a request share its error: it names one of them', async () => {
    const acme = client(answers(503), { captureStack: true, coalesce: true, retry: false });
    const errors = await Promise.all([errorOf(lineOfTheCaller(acme)), errorOf(lineOfTheCaller(acme)), errorOf(lineOfTheCaller(acme))]);
    for (const error of errors) expect((error as Error).stack?.split('lineOfTheCaller')).toHaveLength(2);
  });

  test('a reason of the caller`s own is not changed', async () => {
    const reason = new Error('left');
    const { stack } = reason;
    await errorOf(client(waits, { captureStack: true }).call(getThing, { id: 1 }, { signal: AbortSignal.abort(reason) }));
    expect(reason.stack).toBe(stack);
  });

  test('a frozen error still reaches its caller', async () => {
    const frozen = Object.freeze(Object.assign(new Error('mine'), { kind: 'mine' }));
    const acme = client(answers(503), { captureStack: true, retry: false });
    expect(await errorOf(acme.call(getThing, { id: 1 }, { fallback: () => Promise.reject(frozen) }))).toBeInstanceOf(Error);
  });

  test.each([
    ['development', true],
    ['dev', true],
    ['production', false],
    ['test', false],
    [undefined, false],
  ])('by default in development: %s', async (environment, on) => {
    for (const given of [{ environment }, { environment: undefined, env: { NODE_ENV: environment } }]) {
      const stack = await stackOf(lineOfTheCaller(client(answers(404), given)));
      expect(stack.includes('lineOfTheCaller')).toBe(on);
    }
  });

  test('the option must be true or false', () => {
    expect(() => client(answers(200), { captureStack: 1 as never })).toThrow('captureStack is 1, expected true or false');
  });
});

describe('functions and tiers', () => {
  const breaker = getCircuitBreaker('call-site', { failureThreshold: 1_000, registry: new BreakerRegistry() });
  const never = (): Promise<never> => new Promise(() => undefined);
  const down = (): Promise<never> => Promise.reject(new Error('down'));

  function lineOfTheFunction(run: () => Promise<unknown>): Promise<unknown> {
    return run();
  }

  beforeEach(() => breaker.reset());

  const made = (options: { readonly captureStack?: boolean }): readonly (() => Promise<unknown>)[] => [
    protect(never, { breaker, timeoutMs: 5, ...options }),
    protect(down, { breaker, retry: AT_ONCE, ...options }),
    tiers([{ name: 'one', run: down }], options),
  ];

  test('name the line that called, where asked for or in development', async () => {
    for (const run of made({ captureStack: true })) expect(await stackOf(lineOfTheFunction(run))).toContain('lineOfTheFunction');
    for (const run of made({})) expect(await stackOf(lineOfTheFunction(run))).not.toContain('lineOfTheFunction');
    vi.stubEnv('NODE_ENV', 'development');
    for (const run of made({})) expect(await stackOf(lineOfTheFunction(run))).toContain('lineOfTheFunction');
    vi.stubEnv('FUSELINE_ENV', 'production');
    for (const run of made({})) expect(await stackOf(lineOfTheFunction(run))).not.toContain('lineOfTheFunction');
  });

  test('leave an error of the function`s own as it is, and answers, too', async () => {
    const own = new Error('mine');
    const { stack } = own;
    expect(await errorOf(protect(() => Promise.reject(own), { breaker, captureStack: true })())).toBe(own);
    expect(own.stack).toBe(stack);
    expect(await protect((_, value: number) => value + 1, { breaker, captureStack: true })(1)).toBe(2);
  });

  test('a method, too', async () => {
    const { protectedBy } = await import('fuseline/protect');
    const method = protectedBy({ breaker, timeoutMs: 5, captureStack: true })(never as never, { kind: 'method', name: 'load' } as never);
    expect(await stackOf(lineOfTheFunction(() => (method as () => Promise<unknown>).call({})))).toContain('lineOfTheFunction');
  });
});

describe('an `Error.prepareStackTrace` of the user`s leaves no call pending', () => {
  const { prepareStackTrace } = Error;
  const { captureStackTrace } = Error;
  const mine = (): never => {
    throw new Error('of the user');
  };

  afterEach(() => Object.assign(Error, { prepareStackTrace, captureStackTrace }));

  const CALLS: readonly (readonly [string, () => Promise<unknown>])[] = [
    ...FAILS.map(
      ([name, reaction, options]) =>
        [name, () => client(reaction, { captureStack: true, ...options }).call(getThing, { id: 1 }, { fallback: false })] as const,
    ),
    [
      'a function',
      () =>
        protect(() => new Promise(() => undefined), {
          breaker: getCircuitBreaker('prepared', { registry: new BreakerRegistry() }),
          timeoutMs: 5,
          captureStack: true,
        })(),
    ],
    ['tiers', () => tiers([{ name: 'one', run: () => Promise.reject(new Error('down')) }], { captureStack: true })()],
  ];

  const HOOKS: readonly (readonly [string, object])[] = [
    ['that throws', { prepareStackTrace: mine }],
    ['that returns the frames', { prepareStackTrace: (_: Error, frames: unknown) => frames }],
    ['that returns nothing', { prepareStackTrace: () => undefined }],
    ['beside a capture that throws', { captureStackTrace: mine }],
  ];

  describe.each(HOOKS)('%s', (_, hook) => {
    test.each(CALLS)('%s', async (__, call) => {
      Object.assign(Error, hook);
      const outcome = await call().then(
        () => 'answered',
        (error: unknown) => error instanceof FuselineError,
      );
      Object.assign(Error, { prepareStackTrace, captureStackTrace });
      expect(outcome).toBe(true);
    });
  });
});
