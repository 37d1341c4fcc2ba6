import { describe, expect, test } from 'vitest';
import { ConfigurationError } from '../../../../runtime/errors/configuration-error.js';
import { chain, compileFallback, copyOf, FallbackChain, lastGood, value } from '../../../../runtime/policies/fallback/fallback.js';

describe('fallbacks as steps', () => {
  test('a plain value, whatever it is', () => {
    for (const answer of [{ contact: null }, [], null, true, 0, '', new Date(0)]) {
      expect(compileFallback(answer)).toEqual([{ kind: 'value', value: answer }]);
    }
  });

  test('false and undefined are no fallback; false as an answer is value(false)', () => {
    expect(compileFallback(false)).toEqual([]);
    expect(compileFallback(undefined)).toEqual([]);
    expect(compileFallback(chain(false, undefined, lastGood()))).toEqual([{ kind: 'lastGood', maxAgeMs: null }]);
    expect(compileFallback(value(false))).toEqual([{ kind: 'value', value: false }]);
  });

  test('a function', () => {
    const run = (): number => 1;
    expect(compileFallback(run)).toEqual([{ kind: 'function', run }]);
  });

  test('lastGood, of any age or limited', () => {
    expect(compileFallback(lastGood())).toEqual([{ kind: 'lastGood', maxAgeMs: null }]);
    expect(compileFallback(lastGood({ maxAgeMs: 500 }))).toEqual([{ kind: 'lastGood', maxAgeMs: 500 }]);
    expect(compileFallback(lastGood({ maxAgeMs: 0 }))).toEqual([{ kind: 'lastGood', maxAgeMs: 0 }]);
  });

  test.each([Number.NaN, -1, '500', true])('lastGood: a maxAgeMs of %s is refused', (maxAgeMs) => {
    let caught: unknown;
    try {
      lastGood({ maxAgeMs: maxAgeMs as number });
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(ConfigurationError);
    expect(caught).toMatchObject({ option: 'lastGood.maxAgeMs' });
    expect(String(caught)).toContain('expected milliseconds, 0 or more');
  });

  test('value protects what would be taken for a step', () => {
    const run = (): number => 1;
    expect(compileFallback(value(run))).toEqual([{ kind: 'value', value: run }]);
  });

  test('a chain keeps the order and flattens chains', () => {
    const run = (): object => ({});
    const steps = compileFallback(chain<object>(lastGood({ maxAgeMs: 1 }), chain<object>(run, lastGood()), { last: true }));
    expect(steps).toEqual([
      { kind: 'lastGood', maxAgeMs: 1 },
      { kind: 'function', run },
      { kind: 'lastGood', maxAgeMs: null },
      { kind: 'value', value: { last: true } },
    ]);
    expect(compileFallback(chain())).toEqual([]);
  });

  test('a chain of another copy of the package is known', () => {
    const foreign = { [Symbol.for('fuseline.fallbackChain')]: true, steps: [{ kind: 'lastGood', maxAgeMs: null }] };
    expect(foreign).not.toBeInstanceOf(FallbackChain);
    expect(compileFallback(foreign)).toEqual([{ kind: 'lastGood', maxAgeMs: null }]);
  });
});

describe('copies', () => {
  test('a caller that changes its answer changes nobody else’s', () => {
    const answer = { list: [{ deep: 1 }], when: new Date(0) };
    const copy = copyOf(answer) as typeof answer;
    expect(copy).toEqual(answer);
    (copy.list[0] as { deep: number }).deep = 2;
    copy.when.setTime(5);
    expect(answer).toEqual({ list: [{ deep: 1 }], when: new Date(0) });
  });

  test('what holds nothing is itself', () => {
    for (const answer of [null, undefined, 0, '', false, 5n]) expect(copyOf(answer)).toBe(answer);
  });

  test('what cannot be copied throws, so that the step is passed over', () => {
    expect(() => copyOf({ list: [1], close: () => undefined })).toThrow();
  });
});
