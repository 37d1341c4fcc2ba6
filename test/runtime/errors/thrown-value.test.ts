import { describe, expect, it } from 'vitest';
import { TimeoutError } from '../../../runtime/errors/call-errors.js';
import { causeOfAny } from '../../../runtime/errors/cause.js';
import { codeOfThrown, messageOfThrown, nameOfThrown } from '../../../runtime/errors/thrown-value.js';
import { HOSTILE } from '../../support/thrown.js';

describe('a thrown value', () => {
  it('that is an error has its code, its message and its name', () => {
    const error = Object.assign(new TypeError('no such file'), { code: 'ENOENT' });
    expect([codeOfThrown(error), messageOfThrown(error), nameOfThrown(error)]).toEqual(['ENOENT', 'no such file', 'TypeError']);
    expect(codeOfThrown({ code: 7 })).toBe('7');
    expect(codeOfThrown(new Error('x'))).toBeUndefined();
    expect(messageOfThrown('a text')).toBe('a text');
  });

  it.each(HOSTILE)('that is %s throws nothing when it is read', (_, make) => {
    expect(codeOfThrown(make())).toBeUndefined();
    expect(messageOfThrown(make())).toMatch(/^(undefined|null|Symbol\(fault\)|an error without a message)$/);
    expect(nameOfThrown(make())).toMatch(/^(undefined|object|symbol)$/);
    expect(causeOfAny(make())).toBe('error');
  });

  it('that is a Proxy of one of our errors throws nothing either', () => {
    const error = new TimeoutError({ service: 'ghl', operation: 'contacts.get' }, 'total', 5, 'body');
    const proxy = new Proxy(error, {
      get: (target, key) => {
        if (key === 'kind') throw new Error('broken');
        return Reflect.get(target, key);
      },
    });
    expect(causeOfAny(proxy)).toBe('error');
  });
});
