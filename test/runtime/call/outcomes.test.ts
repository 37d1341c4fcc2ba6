import type { ClientOptions, ServiceClient } from 'fuseline';
import type { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { AT_ONCE, errorOf, getThing, testClient } from '../../support/client.js';
import { answers, type InMemory } from '../../support/in-memory.js';
import { FailingAcme } from './failing-acme.js';

let clock: FakeClock;
let dispatcher: InMemory;
let client: (options?: ClientOptions) => ServiceClient;

beforeEach(() => {
  const acme = new FailingAcme();
  ({ clock, dispatcher } = acme);
  client = (options) => acme.client(options);
});

describe('what an answer means to the circuit', () => {
  test.each([
    [500, 1],
    [502, 1],
    [503, 1],
    [504, 1],
    [400, 0],
    [401, 0],
    [404, 0],
    [408, 0],
    [422, 0],
    [429, 0],
    [501, 0],
  ])('%i: %i failures', async (status, failures) => {
    dispatcher.react(answers(status));
    const acme = client({ retry: false });
    await errorOf(acme.call(getThing, { id: 1 }));
    expect(acme.breaker('things.get').failureCount).toBe(failures);
  });

  test('`failure_statuses` and `ignored_statuses` of the YAML change it', async () => {
    const policies = { service: { failureStatuses: [500, 409], ignoredStatuses: [404] } };
    const acme = testClient({ baseUrl: 'http://acme.test', token: 't', clock, dispatcher, retry: false }, { policies });
    dispatcher.react(answers(409), answers(404), answers(503));
    for (let n = 0; n < 2; n++) await errorOf(acme.call(getThing, { id: 1 }));
    expect(acme.breaker('things.get').snapshot()).toMatchObject({ failureCount: 1, stats: { ignoredRequests: 1 } });
    await errorOf(acme.call(getThing, { id: 1 }));
    expect(acme.breaker('things.get').failureCount).toBe(0);
  });

  test('A12 a transport that throws is a failed attempt, and the permit comes back', async () => {
    const acme = client({
      retry: false,
      dispatcher: {
        dispatch: () => {
          throw new Error('broken transport');
        },
      },
    });
    expect(await errorOf(acme.call(getThing, { id: 1 }))).toMatchObject({ kind: 'network', maybeSent: false });
    expect(acme.breaker('things.get').failureCount).toBe(1);
  });

  test('A40 a listener that throws changes nothing', async () => {
    const acme = client({
      retry: { ...AT_ONCE, maxAttempts: 2 },
      onEvent: () => {
        throw new Error('listener');
      },
    });
    dispatcher.react(answers(503), answers(200, { fine: true }));
    const call = acme.call(getThing, { id: 1 });
    await clock.advance(0);
    expect(await call).toEqual({ fine: true });
  });
});
