import { describe, expect, test } from 'vitest';
import { isSignal, Run } from '../../../runtime/protect/run.js';

class PlainRun extends Run {
  override onDeadline(): void {}
  override returned(): void {}
  override threw(): void {}
}

describe('the signal of a run', () => {
  test('is not aborted as long as the function need not stop', () => {
    const run = new PlainRun();
    const { signal } = run;
    run.abort();
    run.end();
    run.abort();
    expect(signal.aborted).toBe(false);
  });

  test('that no function read is not there to abort', () => {
    const run = new PlainRun();
    run.abort();
    run.leaveBehind('late');
    run.abort();
    expect([run.ended, run.signal.reason]).toEqual([true, 'late']);
  });
});

describe('a signal', () => {
  const refuse = (): never => {
    throw new Error('do not look at me');
  };
  const looksLikeOne = { aborted: false, addEventListener: () => undefined };

  test.each<[string, unknown, boolean]>([
    ['one of the language', new AbortController().signal, true],
    ['one of another realm', looksLikeOne, true],
    ['half of one', { aborted: false }, false],
    ['the other half', { addEventListener: () => undefined }, false],
    ['a function', Object.assign(() => undefined, looksLikeOne), false],
    ['a text', 'aborted', false],
    ['null', null, false],
    ['undefined', undefined, false],
    ['a proxy that answers nothing', new Proxy({}, { has: refuse }), false],
  ])('%s', (_, value, expected) => {
    expect(isSignal(value)).toBe(expected);
  });
});
