import { type CircuitBreaker, ConfigurationError } from 'fuseline';
import { plainText } from 'fuseline/alerts';
import { parseBreakers } from 'fuseline/config';
import { describe, expect, it } from 'vitest';
import { bench, recorder } from './recorder.js';

/** A bench with circuits of one service that open at the first failure and probe after a minute. */
function several(count: number, options: Parameters<typeof bench>[0] = {}) {
  const set = bench(options);
  const circuits: readonly CircuitBreaker[] = Array.from({ length: count }, (_, n) =>
    set.registry.obtain(`retell/op.${n}`, 'retell', { failureThreshold: 1, successThreshold: 1, recoveryTimeoutMs: 60_000 }),
  );
  const titles = () => set.channel.alerts.map(({ title }) => title);
  return { ...set, circuits, titles };
}

describe('circuits of one service', () => {
  it('that open together are one incident: the first at once, the others in one message, the end in one', async () => {
    const { clock, circuits, fail, succeed, channel, titles } = several(20);
    for (const circuit of circuits) {
      fail(1, circuit);
      await clock.advance(200);
    }
    expect(titles()).toEqual(['retell/op.0: circuit open, calls are refused']);
    await clock.advance(9_999 - 19 * 200);
    expect(titles()).toHaveLength(1);
    await clock.advance(201);
    expect(titles().slice(1)).toEqual(['retell: 19 more circuits open, 20 in all']);
    await clock.advance(60_000);
    // Some recover, the incident goes on; all but a few notice at once.
    for (const circuit of circuits.slice(0, 19)) succeed(1, circuit);
    await clock.advance(0);
    expect(channel.alerts.map(({ rule, status }) => `${rule} ${status}`)).toEqual([
      'circuit_open firing',
      'circuit_open update',
      'circuit_half_open update',
    ]);
    const last = circuits.at(-1) as CircuitBreaker;
    succeed(1, last);
    await clock.advance(0);
    expect(titles().at(-1)).toBe('retell: 20 circuits recovered after 1 min 10 s');
    expect(new Set(channel.alerts.map(({ incident, subject }) => `${incident} ${subject}`)).size).toBe(1);
    expect(channel.alerts[1]).toMatchObject({ subject: 'retell', circuit: 'retell/op.0', circuits: circuits.map(({ name }) => name) });
    expect(channel.alerts.at(-1)?.circuits).toHaveLength(20);
    expect(plainText(channel.alerts[1] as never)).toMatch(/^Circuits: 20: retell\/op\.0, .*retell\/op\.9 and 10 more$/m);
  });

  it('that open later are told of when the cooldown since the last of such messages is over', async () => {
    const { clock, circuits, fail, titles } = several(4, { rules: { circuitHalfOpen: false, circuitOpenLong: false } });
    const [a, b, c, d] = circuits as [CircuitBreaker, CircuitBreaker, CircuitBreaker, CircuitBreaker];
    for (const circuit of circuits) circuit.reset();
    a.forceOpen();
    b.forceOpen();
    await clock.advance(10_000);
    expect(titles().at(-1)).toBe('retell: 1 more circuit open, 2 in all');
    c.forceOpen();
    await clock.advance(100_000);
    fail(1, d);
    await clock.advance(199_999);
    expect(titles()).toHaveLength(2);
    await clock.advance(1);
    expect(titles().at(-1)).toBe('retell: 2 more circuits open, 4 in all');
    // What has closed and opens again is news again, once the cooldown is over; what stays open is not.
    d.reset();
    d.forceOpen();
    await clock.advance(299_999);
    expect(titles()).toHaveLength(3);
    await clock.advance(1);
    expect(titles().at(-1)).toBe('retell: 1 more circuit open, 4 in all');
    await clock.advance(3_600_000);
    expect(titles()).toHaveLength(4);
  });

  it('that have closed again by then are not told of', async () => {
    const { clock, circuits, titles } = several(2);
    circuits[0]?.forceOpen();
    circuits[1]?.forceOpen();
    circuits[1]?.reset();
    await clock.advance(60_000);
    expect(titles()).toEqual(['retell/op.0: circuit opened by hand, calls are refused']);
  });

  it('share the time that is long, and what one of them is told of, the others are not', async () => {
    const { clock, circuits, titles, channel } = several(3, { rules: { circuitHalfOpen: false } });
    for (const circuit of circuits) circuit.forceOpen();
    await clock.advance(300_000);
    expect(titles().slice(2)).toEqual(['retell: 3 circuits not closed, the first for 5 min']);
    await clock.advance(300_000);
    expect(channel.alerts).toHaveLength(3);
    expect(new Set(channel.alerts.map(({ since }) => since)).size).toBe(1);
  });

  it('say what callers of each of them get', async () => {
    const { clock, registry, circuits, channel } = several(2);
    for (const circuit of circuits) circuit.forceOpen();
    for (const { name: circuit, service } of circuits)
      registry.events.emit({
        type: 'call_rejected',
        circuit,
        service,
        at: clock.wallNow(),
        operation: 'x',
        retryAfterMs: 1,
        reason: 'open',
      } as never);
    await clock.advance(10_000);
    expect(channel.alerts.at(-1)?.callersGet).toBe(
      'an immediate error (CircuitOpenError), unless their code has a fallback. So far: 2 refused',
    );
  });

  it('that are gone are forgotten, and the incident ends', async () => {
    const { clock, registry, circuits, titles, alerts } = several(2);
    for (const circuit of circuits) circuit.forceOpen();
    registry.clear();
    await clock.advance(15_000);
    expect(titles().at(-1)).toBe('retell: 2 circuits recovered after 15 s');
    await clock.advance(600_000);
    expect(alerts.status().incidents).toEqual([]);
  });
});

describe('by circuit', () => {
  it('each is told by itself', async () => {
    const { clock, circuits, titles, channel, alerts } = several(3, { groupBy: 'circuit' });
    for (const circuit of circuits) circuit.forceOpen();
    await clock.advance(20_000);
    expect(titles()).toEqual(circuits.map(({ name }) => `${name}: circuit opened by hand, calls are refused`));
    expect(channel.alerts.map(({ subject }) => subject)).toEqual(circuits.map(({ name }) => name));
    expect(alerts.status().incidents.map(({ circuits: names }) => names)).toEqual(circuits.map(({ name }) => [name]));
  });

  it('is said in the YAML or in code, and nothing else is', () => {
    const yaml = (groupBy: string) =>
      parseBreakers(`circuit_breaker: { services: { ghl: {} } }\nalerts: { group_by: ${groupBy} }`, 'breakers.yaml');
    expect(yaml('circuit').config?.alerts()?.groupBy).toBe('circuit');
    expect(yaml('host').diagnostics).toMatchObject([{ message: expect.stringContaining('service or circuit') }]);
    expect(() => bench({ groupBy: 'host' as never, channels: [recorder()] })).toThrow(ConfigurationError);
  });
});
