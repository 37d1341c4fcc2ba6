import { BreakerRegistry, type ClientOptions, lastGood, limitStats, type ServiceClient } from 'fuseline';
import { FakeClock } from 'fuseline/testing';
import { beforeEach, describe, expect, test } from 'vitest';
import { errorOf, getThing, testClient } from '../../support/client.js';
import { answers, InMemory, type Reaction } from '../../support/in-memory.js';
import { withResolvers } from '../../support/with-resolvers.js';

let clock: FakeClock;
let registry: BreakerRegistry;
let dispatcher: InMemory;
let answer: (() => void)[];
let tokens: ((token: string) => void)[];

const held: Reaction = (handler, request, controller) => {
  handler.onRequestStart(controller, undefined);
  answer.push(() => answers(200, { path: request.path })(handler, request, controller));
};

beforeEach(() => {
  clock = new FakeClock();
  registry = new BreakerRegistry({ clock });
  answer = [];
  tokens = [];
  dispatcher = new InMemory(held);
});

/** Its tokens come when the test gives them. */
function client(options: ClientOptions): ServiceClient {
  return testClient({
    baseUrl: 'http://acme.test',
    clock,
    registry,
    dispatcher,
    retry: false,
    timeoutMs: null,
    totalTimeoutMs: null,
    breaker: { failureThreshold: 1, recoveryTimeoutMs: 1_000 },
    bulkhead: { maxConcurrent: 1, maxQueue: 10 },
    // Only the token tells whose last good response could be the fallback, so it is asked for while the circuit is open, too.
    fallbacks: { 'things.get': lastGood() },
    token: () => {
      const asked = withResolvers<string>();
      tokens.push(asked.resolve);
      return asked.promise;
    },
    ...options,
  });
}

const give = async (at: number): Promise<void> => {
  tokens[at]?.('t');
  await clock.advance(0);
};

const bulkhead = (): object | undefined => limitStats(registry).bulkheads[0];

/** One call holds the only place, and another was let in without one, because the circuit was open. It still waits for its token. */
async function letIn(
  acme: ServiceClient,
  queued: boolean,
): Promise<{ readonly first: Promise<unknown>; readonly second: Promise<unknown> }> {
  const first = acme.call(getThing, { id: 1 });
  await give(0);
  expect(dispatcher.requests).toHaveLength(1);
  const call = (): Promise<unknown> => acme.call(getThing, { id: 2 });
  const fail = (): void => acme.breaker('things.get').acquire().failure();
  let second: Promise<unknown>;
  if (queued) {
    second = call();
    await clock.advance(0);
    expect(bulkhead()).toMatchObject({ active: 1, queued: 1 });
    fail();
  } else {
    fail();
    second = call();
  }
  await clock.advance(0);
  expect([tokens.length, bulkhead()]).toEqual([2, expect.objectContaining({ active: 1, queued: 0 })]);
  return { first, second };
}

describe.each([
  ['that was in the queue when the circuit opened', true],
  ['that came while the circuit was open', false],
])('a call %s, and gets its token when probes may pass', (_, queued) => {
  test('waits for a place, and is the probe once it has one', async () => {
    const acme = client({});
    const { first, second } = await letIn(acme, queued);
    await clock.advance(1_000);
    await give(1);
    expect([dispatcher.requests.length, bulkhead()]).toEqual([1, expect.objectContaining({ active: 1, queued: 1 })]);
    answer[0]?.();
    await clock.advance(0);
    expect([dispatcher.requests.length, bulkhead()]).toEqual([2, expect.objectContaining({ active: 1, queued: 0, mostActive: 1 })]);
    expect(acme.breaker('things.get').state).toBe('half_open');
    answer[1]?.();
    expect([await first, await second]).toEqual([{ path: '/things/1' }, { path: '/things/2' }]);
    expect(bulkhead()).toMatchObject({ active: 0, queued: 0 });
  });

  test('is refused by the bulkhead if its queue is full', async () => {
    const acme = client({ bulkhead: { maxConcurrent: 1, maxQueue: 1 } });
    const { first, second } = await letIn(acme, queued);
    await clock.advance(1_000);
    const third = acme.call(getThing, { id: 3 });
    await clock.advance(0);
    const refused = errorOf(second);
    await give(1);
    expect(await refused).toMatchObject({ kind: 'bulkhead_full', reason: 'queue_full' });
    answer[0]?.();
    await clock.advance(0);
    await give(2);
    answer[1]?.();
    expect([await first, await third]).toEqual([{ path: '/things/1' }, { path: '/things/3' }]);
    expect([dispatcher.requests.length, bulkhead()]).toEqual([2, expect.objectContaining({ active: 0, queued: 0, mostActive: 1 })]);
  });
});

test('the circuit still refuses a call without a place while it is open', async () => {
  const acme = client({});
  const { first, second } = await letIn(acme, true);
  const refused = errorOf(second);
  await give(1);
  expect(await refused).toMatchObject({ kind: 'circuit_open' });
  answer[0]?.();
  await first;
  expect([dispatcher.requests.length, bulkhead()]).toEqual([1, expect.objectContaining({ active: 0, queued: 0 })]);
});
