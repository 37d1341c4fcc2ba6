import type { FuselineEvent } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { expect, test } from 'vitest';
import { MAX_TIMER_MS } from '../../../runtime/clock.js';
import { errorOf, getThing, testClient } from '../../support/client.js';
import { answers, InMemory } from '../../support/in-memory.js';

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
