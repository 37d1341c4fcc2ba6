import { expect, test, vi } from 'vitest';
import { Attempt } from '../../../runtime/call/attempt.js';
import { TimeoutError } from '../../../runtime/errors/call-errors.js';

vi.mock(import('../../../runtime/call/transport/connections.js'), async (original) => ({
  ...(await original()),
  startsOnOpenConnection: () => true,
}));

/** An attempt with a limit of 500 ms that began at 0 and waits for its answer. */
function waitingAttempt(queued = false): Attempt {
  const place = { service: 'acme', operation: 'things.get' };
  const link = {
    op: {
      place,
      origin: 'http://acme.test',
      client: { overFetch: false, clock: { now: () => 900 } },
      stats: { timeouts: 0, attemptFailed: () => undefined },
    },
  };
  const attempt = new Attempt(link as never, { settings: { timeoutMs: 500 } } as never, 1, 0);
  // The request waited for our own connection until 900.
  if (queued) attempt.handedOver();
  attempt.onRequestStart({ abort: () => undefined } as never);
  return attempt;
}

const error = new TimeoutError({ service: 'acme', operation: 'things.get' }, 'total', 1_000, 'waiting');

test('an attempt that the deadline cuts off counts the time since its limit started again, not that of the block before', () => {
  expect(waitingAttempt().leave(1_000, { error, limitMs: 1_000 })).toBe('failure');
  const blocked = waitingAttempt();
  expect(blocked.startAgain(950)).toBe(true);
  expect(blocked.leave(1_000, { error, limitMs: 1_000 })).toBe('released');
});

test('a wait for our own connection before the limit started again takes nothing from the new limit', () => {
  const blocked = waitingAttempt(true);
  blocked.startAgain(950);
  expect(blocked.leave(1_460, { error, limitMs: 2_000 })).toBe('failure');
});
