import { expect, test } from 'vitest';
import { BREAKER_DEFAULTS } from '../../../../runtime/policies/circuit-breaker/options.js';
import { BreakerRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';

test('a registry keeps the counts of circuits that it forgets, by service', () => {
  const registry = new BreakerRegistry();
  const use = (name: string): void => {
    const circuit = registry.obtain(name, 'ghl', BREAKER_DEFAULTS);
    circuit.exit(circuit.enter(0), 'success', 0);
  };
  use('ghl');
  use('ghl@eu');
  registry.clear();
  use('ghl');
  for (const circuit of registry.list()) {
    registry.forget(circuit);
    registry.forget(circuit);
  }
  expect(registry.retired.get('ghl')).toMatchObject({ requests: 3, successes: 3 });
});

test('and remembers no more services than there may be circuits', () => {
  const registry = new BreakerRegistry({ maxCircuits: 2 });
  for (const name of ['a', 'b', 'c', 'd']) registry.forget(registry.obtain(name, name, BREAKER_DEFAULTS));
  expect([...registry.retired.keys()]).toEqual(['c', 'd']);
});
