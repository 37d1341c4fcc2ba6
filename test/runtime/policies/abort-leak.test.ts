import { getEventListeners } from 'node:events';
import { FakeClock } from 'fuseline/testing';
import { expect, test } from 'vitest';
import { AT_ONCE, errorOf, getThing, testClient } from '../../support/client.js';
import { answers, InMemory, waits } from '../../support/in-memory.js';

test('A30 100,000 calls on one signal leave no listener, and never more than one', async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): void => void warnings.push(warning);
  process.on('warning', onWarning);
  const { signal } = new AbortController();
  const acme = testClient({ baseUrl: 'http://acme.test', token: 't', dispatcher: new InMemory(answers(200)) });
  let most = 0;
  for (let round = 0; round < 1_000; round++) {
    const calls = Array.from({ length: 100 }, () => acme.call(getThing, { id: 1 }, { signal }));
    if (round % 100 === 0) most = Math.max(most, getEventListeners(signal, 'abort').length);
    await Promise.all(calls);
  }
  expect(most).toBeLessThanOrEqual(1);
  expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  process.off('warning', onWarning);
  expect(warnings).toEqual([]);
});

test('A30 100 calls in flight on one signal hold one listener, and one abort ends them all', async () => {
  const aborter = new AbortController();
  const clock = new FakeClock();
  const acme = testClient({ baseUrl: 'http://acme.test', token: 't', clock, dispatcher: new InMemory(waits), timeoutMs: 1_000 });
  const failed = Array.from({ length: 100 }, () => errorOf(acme.call(getThing, { id: 1 }, { signal: aborter.signal })));
  expect(getEventListeners(aborter.signal, 'abort')).toHaveLength(1);
  aborter.abort();
  for (const error of await Promise.all(failed)) expect(error).toBe(aborter.signal.reason);
  expect(getEventListeners(aborter.signal, 'abort')).toHaveLength(0);
  expect(acme.breaker('things.get').snapshot().stats.releasedRequests).toBe(100);
});

test('A29 no timer is left but the shared ones, however many calls ended', async () => {
  const clock = new FakeClock();
  const acme = testClient({
    baseUrl: 'http://acme.test',
    clock,
    token: () => Promise.resolve('t'),
    dispatcher: new InMemory(answers(500), answers(200), answers(500), answers(200), answers(200)),
    retry: AT_ONCE,
    timeoutMs: 1_000,
  });
  for (let n = 0; n < 50; n++) {
    const call = acme.call(getThing, { id: n });
    await clock.advance(0);
    await call;
  }
  // One for attempts, and one for whole calls.
  expect(clock.pendingTimers).toBeLessThanOrEqual(2);
  await clock.advance(2_000);
  expect(clock.pendingTimers).toBe(0);
});
