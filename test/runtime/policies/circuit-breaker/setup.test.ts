import { FakeClock } from 'fuseline/testing';
import { expect, test } from 'vitest';
import { systemClock } from '../../../../runtime/clock.js';
import { CircuitBreaker } from '../../../../runtime/policies/circuit-breaker/breaker.js';
import { BREAKER_DEFAULTS } from '../../../../runtime/policies/circuit-breaker/options.js';
import { checkedSetup } from '../../../../runtime/policies/circuit-breaker/setup.js';

test('a setup of nothing: the defaults, the clock of the process, and no hub of events yet', () => {
  expect(checkedSetup({})).toEqual({
    name: 'default',
    service: 'default',
    clock: systemClock,
    events: undefined,
    draw: expect.any(Function),
    options: BREAKER_DEFAULTS,
  });
});

test.each<[string, () => number]>([
  [
    'throws',
    () => {
      throw new Error('no chance');
    },
  ],
  ['returns no number', () => Number.NaN],
])('a source of chance that %s: the circuit opens all the same, with jitter', (_, random) => {
  const clock = new FakeClock();
  const circuit = new CircuitBreaker({ clock, failureThreshold: 1, recoveryTimeoutMs: 1_000, reopenBackoff: { jitter: 0.5 }, random });
  circuit.exit(circuit.enter(0), 'failure', 0);
  expect(circuit.state).toBe('open');
  expect(circuit.retryAfterMs()).toBeGreaterThanOrEqual(1_000);
  expect(circuit.retryAfterMs()).toBeLessThanOrEqual(1_500);
});

test('the service is the name unless it is given', () => {
  expect(checkedSetup({ name: 'ghl' })).toMatchObject({ name: 'ghl', service: 'ghl' });
  expect(checkedSetup({ name: 'ghl', service: 'crm' })).toMatchObject({ name: 'ghl', service: 'crm' });
});

/** Runs something while all objects have that option, as after a prototype pollution. */
function polluted<T>(option: string, run: () => T): T {
  Object.defineProperty(Object.prototype, option, { value: 'polluted', enumerable: true, configurable: true, writable: true });
  try {
    return run();
  } finally {
    Reflect.deleteProperty(Object.prototype, option);
  }
}

test.each(['name', 'service', 'clock', 'events', 'random'])('%s on all objects is no option: it names the owner', (option) => {
  expect(() => polluted(option, () => checkedSetup({}))).toThrow(
    new RegExp(`^breaker\\.${option} is inherited from Object.prototype, expected an option of a circuit itself`),
  );
});

test('a name that is none', () => {
  for (const name of ['', 7 as never]) expect(() => new CircuitBreaker({ name })).toThrow(/^breaker.name is (""|7), expected a name$/);
});

test.each([
  ['service', ''],
  ['clock', {}],
  ['events', {}],
  ['random', 0.5],
])('%s: %j is refused by name', (key, value) => {
  expect(() => new CircuitBreaker({ [key]: value })).toThrow(new RegExp(`^breaker\\.${key} is `));
});
