import { AsyncLocalStorage } from 'node:async_hooks';
import { describe, expect, test } from 'vitest';
import { adopt, adopted, CURRENT, captureScope } from '../../runtime/user-code.js';
import { GIVING, ownThen, REJECTING } from '../support/hostile.js';
import { noUnhandledRejections } from '../support/unhandled.js';

const later = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
noUnhandledRejections(later);

/** What `adopt` called back, in order. */
async function heard(returned: unknown): Promise<readonly (readonly [string, unknown])[]> {
  const calls: [string, unknown][] = [];
  const waits = adopt(
    CURRENT,
    returned,
    (value) => calls.push(['fulfilled', value]),
    (error) => calls.push(['rejected', error instanceof Error]),
  );
  expect(waits).toBeInstanceOf(Promise);
  // Never before it returns.
  expect(calls).toEqual([]);
  await later();
  await later();
  return calls;
}

describe('adopting what the user`s code returned', () => {
  test.each(GIVING)('%s: one value', async (_, make) => {
    expect(await heard(make('given'))).toEqual([['fulfilled', 'given']]);
  });

  test.each(REJECTING)('%s: one rejection', async (_, make) => {
    expect(await heard(make())).toEqual([['rejected', true]]);
  });

  test.each([undefined, null, 5, 'text', {}, [], () => 1, Object.defineProperty({}, 'then', { value: 5 }), Object.create(null)])(
    '%s: a plain value',
    (value) => {
      const none = (): never => expect.unreachable();
      expect(adopt(CURRENT, value, none, none)).toBeUndefined();
    },
  );

  test('`adopted` waits for plain values, too', async () => {
    expect(
      await adopted(
        CURRENT,
        5,
        (value) => value + 1,
        () => 0,
      ),
    ).toBe(6);
    expect(
      await adopted(
        CURRENT,
        Promise.reject<number>(new Error('no')),
        () => 0,
        (error) => (error as Error).message.length,
      ),
    ).toBe(2);
  });

  test('an ordinary promise takes one turn, as `then` does', async () => {
    const order: string[] = [];
    const promise = Promise.resolve();
    adopt(
      CURRENT,
      promise,
      () => order.push('adopted'),
      () => undefined,
    );
    promise.then(() => order.push('then'));
    await later();
    expect(order).toEqual(['adopted', 'then']);
  });

  test('R1 a then of the user`s own runs in the scope, whatever context is current', async () => {
    const tenants = new AsyncLocalStorage<string>();
    const seen: unknown[] = [];
    const scope = tenants.run('ana', captureScope);
    const query = ownThen((ok) => ok(seen.push(tenants.getStore())));
    tenants.run('bob', () =>
      adopt(
        scope,
        query,
        () => undefined,
        () => undefined,
      ),
    );
    await later();
    expect(seen).toEqual(['ana']);
  });
});
