import { describe, expect, test } from 'vitest';
import { selectProvider } from '../../../../runtime/protect/tiers/select-provider.js';
import { testClient } from '../../../support/client.js';
import { Circuit, RECOVERY_MS } from '../../policies/circuit-breaker/circuit.js';

describe('S4 selectProvider', () => {
  test('the first whose circuit is not open; none where all are', () => {
    const [one, two] = [new Circuit({ name: 'one' }), new Circuit({ name: 'two' })];
    const providers = [
      { id: 'gemini', circuit: one.breaker },
      { id: 'openai', circuit: () => two.breaker },
    ];
    expect(selectProvider(providers)?.id).toBe('gemini');
    one.trip();
    expect(selectProvider(providers)?.id).toBe('openai');
    two.breaker.forceOpen();
    expect(selectProvider(providers)).toBeUndefined();
    one.clock.jump(RECOVERY_MS);
    expect(selectProvider(providers)?.id).toBe('gemini');
  });

  test('A10 one that is half-open is chosen while it has a place for a probe, and choosing takes none', () => {
    const [one, two] = [new Circuit({ halfOpenMaxCalls: 1 }).tripAndWait(), new Circuit()];
    const providers = [{ breaker: one.breaker }, { breaker: two.breaker }];
    for (let at = 0; at < 3; at++) expect(selectProvider(providers)).toBe(providers[0]);
    const probe = one.permit();
    expect(selectProvider(providers)).toBe(providers[1]);
    one.exit(probe, 'released');
    expect(selectProvider(providers)).toBe(providers[0]);
  });

  test('clients, circuits, and what follows an open circuit', () => {
    const client = testClient({ baseUrl: 'http://127.0.0.1:9', token: 't' });
    const [auth, other] = [new Circuit({ name: 'auth' }), new Circuit({ name: 'other' })];
    expect(selectProvider([client, other.breaker])).toBe(client);
    client.breaker().follow(auth.breaker);
    auth.breaker.forceOpen();
    expect(selectProvider([client, other.breaker])).toBe(other.breaker);
  });

  test('what cannot be', () => {
    expect(() => selectProvider('x' as never)).toThrow(/^providers is "x", expected a list of providers$/);
    expect(() => selectProvider([{}] as never)).toThrow(/^providers\[0\] is an object, expected a client, a CircuitBreaker, or/);
  });
});
