import {
  BulkheadFullError,
  CallAbortedError,
  CircuitOpenError,
  ConfigurationError,
  type FuselineError,
  type FuselineEvent,
  HttpError,
  RequestError,
  TimeoutError,
} from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { describe, expect, test } from 'vitest';
import { statusTable } from '../../../runtime/call/answer/classify.js';
import { canFallBack } from '../../../runtime/call/retry-decision.js';
import { MAX_TIMER_MS } from '../../../runtime/clock.js';
import { errorOf, getThing, testClient } from '../../support/client.js';
import { answers, InMemory } from '../../support/in-memory.js';

const PLACE = { service: 'acme', operation: 'things.get' };
const http = (status: number): HttpError =>
  new HttpError(status, { ...PLACE, method: 'GET', path: '/', body: undefined, headers: {}, retryAfterMs: undefined });

describe('may a fallback answer?', () => {
  const statuses = statusTable({ failureStatuses: [500, 503], ignoredStatuses: [404], retryStatuses: [408] });

  test.each<[FuselineError, boolean]>([
    [http(500), true],
    [http(408), true],
    [http(404), false],
    [http(400), false],
    [http(999), false],
    [new TimeoutError(PLACE, 'attempt', 100, 'waiting'), true],
    [new CircuitOpenError(PLACE, 'acme', 100), true],
    [new BulkheadFullError(PLACE, 'acme', 'queue_full', 1, 0), true],
    [new RequestError(PLACE, 'a parameter is missing'), false],
    [new ConfigurationError('token', 1, 'a string'), false],
    [new CallAbortedError(PLACE, 'enough'), false],
  ])('%s: %j', (error, expected) => {
    expect(canFallBack(error, statuses)).toBe(expected);
  });
});

test('the longest wait is the longest timer; a longer one would be a millisecond', async () => {
  const delayOf = async (baseDelayMs: number): Promise<number | undefined> => {
    const events: FuselineEvent[] = [];
    const aborter = new AbortController();
    const acme = testClient({
      baseUrl: 'http://acme.test',
      token: 't',
      clock: new FakeClock(),
      dispatcher: new InMemory(answers(500)),
      totalTimeoutMs: null,
      retry: { baseDelayMs, maxDelayMs: baseDelayMs, jitter: false },
      onEvent: (event) => events.push(event),
    });
    const failed = errorOf(acme.call(getThing, { id: 1 }, { signal: aborter.signal }));
    aborter.abort();
    await failed;
    return events.flatMap((event) => (event.type === 'retry_scheduled' ? [event.delayMs] : []))[0];
  };
  expect(await delayOf(MAX_TIMER_MS)).toBe(MAX_TIMER_MS);
  expect(await delayOf(MAX_TIMER_MS + 1)).toBeUndefined();
});
