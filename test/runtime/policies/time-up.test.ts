import { TimeoutError } from 'fuseline';
import { beforeEach, expect, test } from 'vitest';
import { RetryState } from '../../../runtime/policies/retry/retry-state.js';
import { type Entrance, type Expiry, type Failure, type Flow, Link } from '../../../runtime/policies/stage.js';
import { timeUp } from '../../../runtime/policies/time-up.js';
import { Neighbours } from './flow.js';

const PLACE = { service: 'acme', operation: 'things.get' };

class Passing extends Link<Flow> {}

let link: Passing;
let neighbours: Neighbours;

beforeEach(() => {
  link = new Passing();
  neighbours = new Neighbours(link);
});

const end = (flow: Flow, chain: Entrance<Flow> = link): void => timeUp(flow, chain, PLACE, 500, 70);

test('all links leave, with the error that the caller gets; then the outermost has the failure', () => {
  end(neighbours.flow({}, { phase: 'backoff' }));
  const [expiry] = neighbours.left as [Expiry];
  expect(expiry.error).toBeInstanceOf(TimeoutError);
  expect(expiry.error).toMatchObject({ ...PLACE, scope: 'total', timeoutMs: 500, phase: 'backoff' });
  expect(expiry.error.cause).toBeUndefined();
  expect(expiry.limitMs).toBe(500);
  expect(neighbours.ended).toEqual([
    {
      error: expiry.error,
      cause: 'timeout',
      outcome: 'released',
      timedOut: true,
      refused: false,
      transient: false,
      neverSent: false,
      throttled: false,
      waitMs: undefined,
      answerable: true,
    },
  ]);
});

test('the error says what the flow was doing, if it does not know it itself', () => {
  timeUp(neighbours.flow({}, { phase: 'waiting' }), link, PLACE, 500, 70, 'connection');
  expect(neighbours.left[0]?.error.phase).toBe('connection');
});

test('the error names as its cause the last failure before it', () => {
  const flow = neighbours.flow({}, { retry: new RetryState() });
  flow.retry?.errors.push(new Error('first'), new Error('second'));
  end(flow);
  expect(neighbours.left[0]?.error.cause).toBe(flow.retry?.last);
  expect((neighbours.ended[0] as Failure).error).toBe(neighbours.left[0]?.error);
});

test('a call that has failed in no attempt yet has a timeout without a cause', () => {
  end(neighbours.flow({}, { retry: new RetryState() }));
  expect(Object.hasOwn(neighbours.left[0]?.error ?? {}, 'cause')).toBe(false);
});

test('a call that a listener aborts while the links leave ends with the abort', () => {
  const flow = neighbours.flow();
  const chain: Entrance<Flow> = {
    enter: () => undefined,
    drop: () => undefined,
    failed: (_, failure) => neighbours.ended.push(failure),
    leave: () => {
      Object.assign(flow, { over: true });
      return 'released';
    },
  };
  end(flow, chain);
  expect(neighbours.ended).toEqual([]);
});
