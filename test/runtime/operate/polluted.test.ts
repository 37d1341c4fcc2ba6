import { BreakerRegistry } from 'fuseline';
import { adaptThresholds } from 'fuseline/adaptive';
import { email } from 'fuseline/alerts';
import { watchBreakers } from 'fuseline/config';
import { logEvents } from 'fuseline/logging';
import { FakeClock } from 'fuseline/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { polluted, pollutedUntil } from '../../support/polluted.js';
import { bench, recorder } from './alerts/recorder.js';
import { MemoryFile } from './watch/memory-file.js';

const levels = { debug: vi.fn(), info: vi.fn(), warn: vi.fn(), error: vi.fn() };
afterEach(() => vi.clearAllMocks());

describe('what some code adds to Object.prototype after the start is no option', () => {
  test('of adaptThresholds: a new circuit does not adapt', () => {
    const clock = new FakeClock();
    const registry = new BreakerRegistry({ clock });
    const adaptive = adaptThresholds(registry, { clock });
    polluted('failureThreshold', { min: 1, max: 1 }, () => {
      registry.obtain('ghl', 'ghl', { failureThreshold: 5 });
      expect(adaptive.status()).toEqual([]);
    });
    adaptive.stop();
  });

  test('of logEvents: an opening is logged', () => {
    const registry = new BreakerRegistry();
    const circuit = registry.obtain('ghl', 'ghl', {});
    logEvents(registry, levels, { levels: { circuit_closed: 'debug' } });
    polluted('circuit_forced_open', false, () => polluted('circuit_opened', false, () => circuit.forceOpen()));
    expect(levels.warn.mock.calls.length + levels.error.mock.calls.length).toBe(1);
  });

  test('of an alert rule: a service that comes later is told of', async () => {
    const { registry, fail, told } = bench({ rules: {}, services: { crm: {} } });
    for (const service of ['crm', 'mail']) {
      const circuit = polluted('circuitOpen', false, () => registry.obtain(service, service, { failureThreshold: 3 }));
      polluted('circuitOpen', false, () => fail(3, circuit));
    }
    expect(await told()).toEqual(['circuit_open firing critical', 'circuit_open firing critical']);
  });

  test('of alerts that get another configuration', () => {
    const { alerts } = bench();
    for (const file of [undefined, {}]) polluted('enabled', false, () => alerts.reconfigure({ alerts: () => file as never }));
    expect(alerts.status().channels).toHaveLength(1);
  });

  test('of an e-mail channel: the server stays the one that was given', () => {
    const channel = email({ from: 'bot@acme.test', to: 'ops@acme.test', host: 'smtp.acme.test' });
    const secret = vi.fn(() => 'smtp://evil.test');
    polluted('urlEnv', 'EVIL', () => channel.open({ secret, environment: null, unavailable: () => undefined }));
    expect(secret).not.toHaveBeenCalled();
  });

  test('of a watched file: no listener is called', async () => {
    const clock = new FakeClock();
    const source = new MemoryFile('circuit_breaker: { services: {} }');
    const registry = new BreakerRegistry({ clock });
    const watcher = watchBreakers({ file: 'breakers.yaml', source, registry, clock, pollMs: null });
    const listener = vi.fn();
    await pollutedUntil('onReload', listener, () => watcher.ready);
    expect([watcher.config === undefined, listener.mock.calls.length]).toEqual([false, 0]);
    watcher.close();
  });
});

test.each([
  ['minSeverity', 'critical'],
  ['maxAttempts', 1],
  ['keepsState', true],
])('%s that an alert channel has only from Object.prototype is refused', (name, value) => {
  const channel = recorder();
  expect(() => polluted(name, value, () => bench({ channels: [channel] }))).toThrow(
    `channels.${name} is inherited from Object.prototype, expected an option of a channel itself`,
  );
});
