import { beforeEach, expect, test } from 'vitest';
import { getCircuitBreaker } from '../../../../runtime/policies/circuit-breaker/get-circuit-breaker.js';
import { BreakerRegistry, defaultRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';

let registry: BreakerRegistry;

beforeEach(() => {
  registry = new BreakerRegistry({ clock: new FakeClock() });
});

test('a threshold that is given as undefined is not given', () => {
  const llm = getCircuitBreaker('llm', { registry, failureThreshold: 1 });
  expect(getCircuitBreaker('llm', { registry, failureThreshold: undefined as never, ramp: undefined })).toBe(llm);
  expect(getCircuitBreaker('llm', { registry, failureThreshold: 1, ramp: false })).toBe(llm);
});

test('a block that the circuit has not, or has otherwise', () => {
  getCircuitBreaker('llm', { registry, ramp: { durationMs: 100 } });
  expect(() => getCircuitBreaker('llm', { registry, slidingWindow: {} })).toThrow(
    /^slidingWindow of 'llm' is an object, expected none, which the circuit of that name has already$/,
  );
  expect(() => getCircuitBreaker('llm', { registry, ramp: { durationMs: 200 } })).toThrow(
    /^ramp of 'llm' is an object, expected {"durationMs":100,"initialShare":0.1}, which the circuit of that name has already$/,
  );
});

test.each([7, null, undefined, {}])('a name that is none: %j', (name) => {
  expect(() => getCircuitBreaker(name as never, { registry })).toThrow(/^name is .+, expected the name of a circuit$/);
  expect(registry.list()).toEqual([]);
});

test('a registry that is none', () => {
  expect(() => getCircuitBreaker('llm', { registry: {} as never })).toThrow(/^registry is an object, expected a BreakerRegistry$/);
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

test.each(['registry', 'follows'])('%s on all objects is no option: it names the owner', (option) => {
  expect(() => polluted(option, () => getCircuitBreaker('llm'))).toThrow(
    new RegExp(`^${option} is inherited from Object.prototype, expected an option of a circuit itself`),
  );
});

test('without a registry it is one of the process', () => {
  const name = 'of the process, get-circuit-breaker';
  const circuit = getCircuitBreaker(name);
  expect(defaultRegistry.get(name)).toBe(circuit);
  expect([circuit.name, circuit.service]).toEqual([name, name]);
  defaultRegistry.forget(circuit);
});
