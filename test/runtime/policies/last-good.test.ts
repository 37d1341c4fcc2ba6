import { describe, expect, test } from 'vitest';
import { LAST_GOOD_ENTRIES, LAST_GOOD_MAX_CHARS, LastGoodStore } from '../../../runtime/policies/last-good.js';

describe('last good responses', () => {
  test('the text and its age', () => {
    const store = new LastGoodStore();
    store.put('me', 'GET /a', '{"a":1}', 100);
    expect(store.get('me', 'GET /a', 350, null)).toEqual({ text: '{"a":1}', ageMs: 250 });
    expect(store.get('me', 'GET /b', 350, null)).toBeUndefined();
    store.put('me', 'GET /a', '{"a":2}', 300);
    expect(store.get('me', 'GET /a', 350, null)).toEqual({ text: '{"a":2}', ageMs: 50 });
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
    const store = new LastGoodStore(3);
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

  test('clear forgets all, and printing it shows nothing', () => {
    const store = new LastGoodStore();
    store.put('Bearer secret', 'a', '1', 0);
    expect(JSON.stringify(store)).toBe('{}');
    store.clear();
    expect(store.get('Bearer secret', 'a', 0, null)).toBeUndefined();
  });
});
