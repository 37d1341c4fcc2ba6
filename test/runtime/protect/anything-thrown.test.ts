import { CircuitBreaker } from 'fuseline';
import { protect, ThrownError } from 'fuseline/protect';
import { AllTiersFailedError, tiers } from 'fuseline/tiers';
import { describe, expect, test } from 'vitest';

const refuse = (): never => {
  throw new Error('do not look at me');
};

/** Looking at it throws, whatever is looked for. */
const hostile = (): object => new Proxy({}, { get: refuse, has: refuse, getPrototypeOf: refuse });
const revoked = (): object => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
};
const getters = (): object => ({
  get name() {
    return refuse();
  },
  get message() {
    return refuse();
  },
});

const THROWN: readonly (readonly [string, () => unknown])[] = [
  ['undefined', () => undefined],
  ['null', () => null],
  ['a symbol', () => Symbol('thrown')],
  ['an object without prototype', () => Object.create(null)],
  ['a frozen error', () => Object.freeze(new Error('frozen'))],
  ['getters that throw', getters],
  ['a proxy that answers nothing', hostile],
  ['a proxy that was revoked', revoked],
];

describe.each(THROWN)('thrown: %s', (_, make) => {
  test.each(['sync', 'async'] as const)('%s: comes through, and counts as one failure', async (how) => {
    const thrown = make();
    const fail = (): Promise<never> => {
      if (how === 'sync') throw thrown;
      return Promise.reject(thrown);
    };
    const ways: readonly ((breaker: CircuitBreaker) => Promise<unknown>)[] = [
      (breaker) => breaker.call(fail),
      (breaker) => protect(fail, { breaker })(),
      (breaker) => protect(fail, { breaker, totalTimeoutMs: 1_000, retry: { maxAttempts: 1 } })(),
    ];
    for (const way of ways) {
      const breaker = new CircuitBreaker({ failureThreshold: 1 });
      const causes: string[] = [];
      breaker.on('call_failed', ({ cause }) => causes.push(cause));
      // Wrapped, so that the assertion does not look at it.
      const caught = await way(breaker).then(
        () => 'nothing',
        (error: unknown) => ({ same: Object.is(error, thrown) }),
      );
      expect(caught).toEqual({ same: true });
      expect(breaker.state).toBe('open');
      expect(causes).toEqual(['error']);
    }
  });

  test('a fallback is told of it, and tiers list it', async () => {
    const thrown = make();
    const fail = (): string => {
      throw thrown;
    };
    const kinds: string[] = [];
    const fallback = ({ error }: { readonly error: Error }): string => {
      kinds.push(error instanceof ThrownError ? error.message : 'another');
      return 'instead';
    };
    await expect(protect(fail, { breaker: new CircuitBreaker(), fallback })()).resolves.toBe('instead');
    expect(kinds).toHaveLength(1);
    expect(kinds[0]).toMatch(/the function threw /);

    const error = await tiers([{ name: 'only', run: fail }])().catch((failed: unknown) => failed);
    expect(error instanceof AllTiersFailedError && error.attemptedTiers).toEqual(['only']);
    expect(() => JSON.stringify(error)).not.toThrow();
  });
});

describe.each([
  ['a proxy that answers nothing', hostile],
  ['a proxy that was revoked', revoked],
])('returned: %s', (_, make) => {
  test('the call settles, and its permit is given back', async () => {
    for (const options of [{}, { totalTimeoutMs: 1_000 }]) {
      const breaker = new CircuitBreaker({ failureThreshold: 1, halfOpenMaxCalls: 1, recoveryTimeoutMs: 0 });
      await breaker.call(() => Promise.reject(new Error('down'))).catch(() => undefined);
      const settled = await protect(() => make(), { breaker, ...options })().then(
        () => 'settled',
        () => 'settled',
      );
      expect(settled).toBe('settled');
      expect(breaker.admits).toBe(true);
    }
  });

  test('by a fallback: it is passed over', async () => {
    const breaker = new CircuitBreaker();
    const fail = (): object => {
      throw new Error('down');
    };
    await expect(protect(fail, { breaker, fallback: () => make() })()).rejects.toThrow('down');
  });
});
