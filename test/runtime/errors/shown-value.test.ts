import { ConfigurationError } from 'fuseline';
import { describe, expect, test } from 'vitest';
import { shownClass } from '../../../runtime/errors/shown-value.js';
import { HOSTILE, revoked } from '../../support/thrown.js';

const messageFor = (found: unknown, option = 'size'): string => new ConfigurationError(option, found, 'a number').message;

/** Refuses every way to look at it. */
const closed = new Proxy(() => undefined, {
  get: () => broken(),
  getPrototypeOf: () => broken(),
  has: () => broken(),
  ownKeys: () => broken(),
});

function broken(): never {
  throw new Error('broken');
}

describe('a configuration error shows what was found', () => {
  test.each<[string, unknown, string]>([
    ['null', null, 'null'],
    ['undefined', undefined, 'undefined'],
    ['a number', Number.NaN, 'NaN'],
    ['a text', 'five', '"five"'],
    ['a long text', 'x'.repeat(1_000_000), `"${'x'.repeat(40)}…"`],
    ['a text of several lines', 'a\nb', '"a\\nb"'],
    ['a bigint', 5n, '5'],
    ['a bigint that takes long to write', 2n ** 4_000_000n, 'a bigint of more than 64 bits'],
    ['a symbol', Symbol('size'), 'Symbol(size)'],
    ['a symbol with a long name', Symbol('x'.repeat(1_000_000)), `Symbol(${'x'.repeat(33)}…`],
    ['a symbol of several lines', Symbol('a\nb\u2028c'), 'Symbol(a b c)'],
    ['a function', () => 5, 'a function'],
    ['a list', ['secret'], 'a list'],
    ['an object', { secret: 1 }, 'an object'],
    ['a revoked Proxy', revoked(), 'an object that cannot be read'],
    ['a closed function', closed, 'a function'],
    ['an object whose conversion throws', { toString: broken, valueOf: broken, [Symbol.toPrimitive]: broken, toJSON: broken }, 'an object'],
    ['a boxed text whose conversion throws', Object.assign(new String('x'), { toString: broken }), 'an object'],
    ['an object whose class throws', new Proxy({}, { getPrototypeOf: broken }), 'an object that cannot be read'],
  ])('%s', (_, found, shown) => {
    expect(messageFor(found)).toBe(`size is ${shown}, expected a number`);
  });

  test.each(HOSTILE)('%s throws nothing', (_, make) => {
    expect(messageFor(make())).toMatch(/^size is .+, expected a number$/);
  });

  test('the name of an option is shortened in the message, on one line, and whole in the field', () => {
    const name = `a\n${'x'.repeat(1_000_000)}`;
    expect(messageFor(5, name)).toBe(`a ${'x'.repeat(198)}… is 5, expected a number`);
    expect(new ConfigurationError(name, 5, 'a number').option).toBe(name);
  });
});

test.each<[string, object, string | undefined]>([
  ['a Map', new Map(), 'Map'],
  ['an object without a prototype', Object.create(null), undefined],
  ['a revoked Proxy', revoked(), undefined],
  ['a getter that throws', Object.defineProperty({}, 'constructor', { get: broken }), undefined],
  ['a name that is a text of someone else', { constructor: { name: 'a secret' } }, undefined],
])('the class of %s', (_, value, name) => {
  expect(shownClass(value)).toBe(name);
});
