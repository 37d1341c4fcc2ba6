import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { LAST_GOOD_ENTRIES, LAST_GOOD_MAX_CHARS, LastGoodStore } from '../../../../runtime/policies/fallback/last-good.js';

describe('last good responses', () => {
  test('the text and its age', () => {
    const store = new LastGoodStore();
    store.put('me', 'GET /a', '{"a":1}', 100);
    expect(store.get('me', 'GET /a', 350, null)).toEqual({ text: '{"a":1}', ageMs: 250 });
    expect(store.get('me', 'GET /b', 350, null)).toBeUndefined();
    store.put('me', 'GET /a', '{"a":2}', 300);
    expect(store.get('me', 'GET /a', 350, null)).toEqual({ text: '{"a":2}', ageMs: 50 });
  });

  test('an equal text that is stored again is young again, and last in every line', () => {
    const store = new LastGoodStore(3 * 204, 2);
    for (const [at, key] of ['x', 'y', 'z'].entries()) store.put('me', key, String(at), at);
    const { bytes } = store;
    store.put('me', 'x', '0', 50);
    expect(store.bytes).toBe(bytes);
    expect(store.get('me', 'x', 60, 10)).toEqual({ text: '0', ageMs: 10 });
    store.put('me', 'x', '0', 70);
    // There is room for three: of all answers, 'y' was stored least recently.
    store.put('other', 'a', '1', 80);
    expect(['x', 'y', 'z'].filter((key) => store.get('me', key, 80, null) === undefined)).toEqual(['y']);
    store.put('me', 'x', '0', 90);
    // There is room for two identities.
    store.put('third', 'a', '1', 100);
    expect(store.get('other', 'a', 100, null)).toBeUndefined();
    expect(store.get('me', 'x', 100, null)?.text).toBe('0');
  });

  test('per identity an equal text that is stored again goes last', () => {
    const store = new LastGoodStore();
    for (let at = 0; at < LAST_GOOD_ENTRIES; at++) store.put('me', `k${at}`, 'same', at);
    store.put('me', 'k0', 'same', 0);
    store.put('me', 'new', 'same', 0);
    expect(['k0', 'k1', 'k2'].filter((key) => store.get('me', key, 0, null) === undefined)).toEqual(['k1']);
  });

  test('not older than asked, that age included', () => {
    const store = new LastGoodStore();
    store.put('me', 'a', '1', 0);
    expect(store.get('me', 'a', 100, 100)?.ageMs).toBe(100);
    expect(store.get('me', 'a', 100.001, 100)).toBeUndefined();
    expect(store.get('me', 'a', 1e15, null)?.text).toBe('1');
    expect(store.get('me', 'a', 0, 0)?.text).toBe('1');
  });

  test("one identity never sees another's, nor do keys that look like a mixture", () => {
    const store = new LastGoodStore();
    store.put('tenant 1', 'GET /a', '"one"', 0);
    store.put('', 'tenant 1 GET /a', '"none"', 0);
    for (const identity of ['tenant 2', '', 'tenant 1 ', 'tenant', '__proto__', 'constructor']) {
      expect(store.get(identity, 'GET /a', 0, null)).toBeUndefined();
    }
    expect(store.get('tenant 1', 'GET /a', 0, null)?.text).toBe('"one"');
    expect(store.get('tenant 1', 'constructor', 0, null)).toBeUndefined();
  });

  test('per identity the least recently stored answers go first', () => {
    const store = new LastGoodStore();
    for (let at = 0; at < LAST_GOOD_ENTRIES; at++) store.put('me', `k${at}`, String(at), at);
    store.put('me', 'k0', 'again', 0);
    store.put('me', 'new', 'new', 0);
    expect(store.get('me', 'k1', 0, null)).toBeUndefined();
    for (const key of ['k0', 'k2', `k${LAST_GOOD_ENTRIES - 1}`, 'new']) expect(store.get('me', key, 0, null), key).toBeDefined();
  });

  test('the identity that stored least recently goes first; a busy one stays', () => {
    const store = new LastGoodStore(undefined, 3);
    for (const identity of ['busy', 'quiet', 'third']) store.put(identity, 'a', identity, 0);
    store.put('busy', 'b', 'busy', 0);
    store.put('fourth', 'a', 'fourth', 0);
    expect(store.get('quiet', 'a', 0, null)).toBeUndefined();
    for (const identity of ['busy', 'third', 'fourth']) expect(store.get(identity, 'a', 0, null)?.text).toBe(identity);
  });

  test('an answer too large is not kept, and the one before it stays', () => {
    const store = new LastGoodStore();
    store.put('me', 'a', 'x'.repeat(LAST_GOOD_MAX_CHARS), 0);
    store.put('me', 'a', 'y'.repeat(LAST_GOOD_MAX_CHARS + 1), 1);
    expect(store.get('me', 'a', 0, null)?.text[0]).toBe('x');
    store.put('other', 'a', 'y'.repeat(LAST_GOOD_MAX_CHARS + 1), 1);
    expect(store.get('other', 'a', 0, null)).toBeUndefined();
  });

  describe('A51 all together take no more bytes than they may', () => {
    const chars = (n: number): string => 'x'.repeat(n);

    test('those go first that were neither stored nor given for longest, whoever they belong to', () => {
      const store = new LastGoodStore(10_000);
      for (const [at, identity] of ['a', 'b', 'c', 'd'].entries()) store.put(identity, 'k', chars(1_000), at);
      expect(store.bytes).toBe(4 * (2 * 1_001 + 200));
      expect(store.get('a', 'k', 9, null)).toBeDefined();
      store.put('e', 'k', chars(1_000), 5);
      expect(['a', 'b', 'c', 'd', 'e'].filter((identity) => store.get(identity, 'k', 9, null) === undefined)).toEqual(['b']);
      expect(store.bytes).toBeLessThanOrEqual(10_000);
    });

    test('an answer that is too old to be given is not kept for having been asked for', () => {
      const store = new LastGoodStore(5_000);
      store.put('a', 'k', chars(1_000), 0);
      store.put('b', 'k', chars(1_000), 1);
      expect(store.get('a', 'k', 500, 10)).toBeUndefined();
      store.put('c', 'k', chars(1_000), 2);
      expect(store.get('a', 'k', 500, null)).toBeUndefined();
    });

    test('one that is larger than everything together is not kept; room for none means none', () => {
      const store = new LastGoodStore(1_000);
      store.put('a', 'k', chars(10), 0);
      store.put('b', 'k', chars(1_000), 0);
      expect(store.get('b', 'k', 0, null)).toBeUndefined();
      expect(store.get('a', 'k', 0, null)).toBeDefined();
      const none = new LastGoodStore(0);
      none.put('a', 'k', '1', 0);
      expect([none.bytes, none.get('a', 'k', 0, null)]).toEqual([0, undefined]);
    });

    test('whatever is put and got, what it says it takes is what it keeps', () => {
      const step = fc.record({ identity: fc.nat(6), key: fc.nat(9), size: fc.nat(700), get: fc.boolean() });
      fc.assert(
        fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
          const store = new LastGoodStore(8_000, 4);
          const last = new Map<string, string>();
          for (const [at, { identity, key, size, get }] of steps.entries()) {
            const name = `${identity} ${key}`;
            const kept = store.get(`${identity}`, `${key}`, at, null)?.text;
            if (kept !== undefined) expect(kept).toBe(last.get(name));
            if (get) continue;
            last.set(name, `${at}${chars(size)}`);
            store.put(`${identity}`, `${key}`, `${at}${chars(size)}`, at);
            expect(store.bytes).toBeLessThanOrEqual(8_000);
          }
          const kept = [...last].filter(([name]) => {
            const [identity = '', key = ''] = name.split(' ');
            return store.get(identity, key, 0, null) !== undefined;
          });
          expect(store.bytes).toBe(kept.reduce((sum, [, text]) => sum + 2 * (text.length + 1) + 200, 0));
          store.clear();
          expect(store.bytes).toBe(0);
        }),
      );
    });
  });

  test('clear forgets all, and printing it shows nothing', () => {
    const store = new LastGoodStore();
    store.put('Bearer secret', 'a', '1', 0);
    expect(JSON.stringify(store)).toBe('{}');
    store.clear();
    expect(store.get('Bearer secret', 'a', 0, null)).toBeUndefined();
  });
});
