import { expect, test } from 'vitest';
import { glanceAt } from '../../../../runtime/policies/circuit-breaker/glance.js';
import { Circuit, RECOVERY_MS } from './circuit.js';

test('a closed circuit: since when, and nothing else', () => {
  const { breaker } = new Circuit();
  expect(glanceAt(breaker, 70)).toEqual({
    state: 'closed',
    forced: false,
    inStateMs: 70,
    downMs: 0,
    retryAfterMs: 0,
    window: undefined,
  });
});

test('one that opened: for how long it is down, and for how long still; reading it changes nothing', () => {
  const circuit = new Circuit({ slidingWindow: { size: 4, minimumCalls: 2 } });
  circuit.clock.jump(100);
  circuit.fail(2);
  const window = expect.objectContaining({ failedCalls: 2 });
  expect(glanceAt(circuit.breaker, 150)).toEqual({
    state: 'open',
    forced: false,
    inStateMs: 50,
    downMs: 50,
    retryAfterMs: RECOVERY_MS - 50,
    window,
  });
  expect(glanceAt(circuit.breaker, 100 + RECOVERY_MS + 5)).toMatchObject({
    state: 'half_open',
    inStateMs: 5,
    downMs: RECOVERY_MS + 5,
    retryAfterMs: 0,
  });
  expect(circuit.types).toEqual(['circuit_opened']);
});

test('one that is held by hand, and one that its options switch off', () => {
  const { breaker } = new Circuit();
  breaker.forceOpen();
  expect(glanceAt(breaker, 30)).toMatchObject({ state: 'open', forced: true, downMs: 30, retryAfterMs: Number.POSITIVE_INFINITY });
  expect(glanceAt(new Circuit({ enabled: false }).breaker, 30)).toMatchObject({ state: 'closed', forced: false, downMs: 0 });
});
