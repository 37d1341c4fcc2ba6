import { BreakerRegistry, ConfigurationError } from 'fuseline';
import { expect, test } from 'vitest';
import { givenRegistry } from '../../../../runtime/policies/circuit-breaker/given-registry.js';

test('a registry is returned as it is', () => {
  const registry = new BreakerRegistry();
  expect(givenRegistry('registry', registry)).toBe(registry);
});

test.each([undefined, null, {}, 'default', new Map()])('%s is none, and the error says what is', (value) => {
  const give = (): unknown => givenRegistry('alerts.registry', value as never);
  expect(give).toThrow(ConfigurationError);
  expect(give).toThrow(/^alerts\.registry is .*a BreakerRegistry/);
});
