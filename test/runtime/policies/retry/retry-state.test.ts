import { expect, test } from 'vitest';
import { RetryState } from '../../../../runtime/policies/retry/retry-state.js';

test('at first nothing has failed, nothing is paid for and nothing waits', () => {
  const state = new RetryState();
  expect(state).toMatchObject({ errors: [], last: undefined, wait: undefined, paidAt: -1, throttled: false });
});

test('the last error is the newest one', () => {
  const state = new RetryState();
  state.errors.push('first', 'second');
  expect(state.last).toBe('second');
});
