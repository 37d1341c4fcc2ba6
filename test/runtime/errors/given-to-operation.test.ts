import { BreakerRegistry } from 'fuseline';
import { adaptThresholds } from 'fuseline/adaptive';
import { email, slack, startAlerts } from 'fuseline/alerts';
import { formatDiagnostics, loadBreakers, watchBreakers } from 'fuseline/config';
import { dashboard } from 'fuseline/dashboard';
import { generate } from 'fuseline/generator';
import { dependenciesReport, healthHandler } from 'fuseline/health';
import { logEvents } from 'fuseline/logging';
import { collectMetrics } from 'fuseline/metrics';
import { HealthMonitor } from 'fuseline/monitor';
import { otel } from 'fuseline/otel';
import { restoreCircuits, saveCircuit, saveCircuits } from 'fuseline/saved-state';
import { memoryStore, shareState } from 'fuseline/shared-state';
import { FakeClock, MockServer, mockTransport } from 'fuseline/testing';
import { describe, expect, test } from 'vitest';

const run = (): number => 1;
const channels = [{ name: 'own', open: () => ({ send: () => Promise.resolve() }) }];
const register = { registerMetric: run, getSingleMetric: run, removeSingleMetric: run };

/** Options as JavaScript may give them. */
const odd = (value: unknown): never => value as never;

describe('an option for operation or tests that cannot work is named, with what it may be', () => {
  test.each<[string, string, (value: never) => unknown, readonly unknown[]]>([
    ['clock', 'a Clock', (clock) => adaptThresholds(new BreakerRegistry(), { clock }), [null, {}]],
    [
      'failureThreshold.maximum',
      'one of min, max',
      (bounds) => adaptThresholds(new BreakerRegistry(), { failureThreshold: bounds }),
      [{ maximum: 1 }],
    ],
    ['channels', 'a list of channels', (given) => startAlerts({ channels: given }), [null, {}, 'slack']],
    ['enabled', 'true or false', (enabled) => startAlerts({ channels, enabled }), [null, 'false']],
    ['environment', 'a text', (environment) => startAlerts({ channels, environment }), [null, 5]],
    ['env', 'an object', (env) => startAlerts({ channels, env }), [null, 'KEY=1']],
    ['services', 'an object', (services) => startAlerts({ channels, services }), [null, []]],
    ['random', 'a function', (random) => startAlerts({ channels, random }), [null, 0.5]],
    ['clock', 'a Clock', (clock) => startAlerts({ channels, clock }), [null, Date]],
    ['dispatcher', 'a function dispatch', (dispatcher) => slack({ urlEnv: 'SLACK', dispatcher }), [null, {}]],
    ['name', 'a name', (name) => slack({ urlEnv: 'SLACK', name }), [null, '', 5]],
    ['to', 'a mail address', (to) => email({ from: 'a@acme.test', to, host: 'acme.test' }), [null, 5]],
    ['host', 'a text', (host) => email({ from: 'a@acme.test', to: 'b@acme.test', host }), [null, 5]],
    ['cwd', 'a text', (cwd) => loadBreakers('breakers.yaml', { cwd }), [null, 5]],
    ['color', 'true or false', (color) => formatDiagnostics([], { color }), ['no', 1]],
    ['onError', 'a function', (onError) => watchBreakers({ file: 'breakers.yaml', onError }), [null, {}]],
    ['source', 'the functions read and watch', (source) => watchBreakers({ file: 'breakers.yaml', source }), [null, { read: run }]],
    ['clock', 'a Clock', (clock) => dashboard({ clock }), [null, {}]],
    ['history', 'a whole number', (history) => dashboard({ history }), [0, -1, Number.NaN, '5']],
    ['check', 'true or false', (check) => generate({ check }), ['yes', 1]],
    ['services', 'a list', (services) => generate({ services }), ['acme', {}]],
    ['clock', 'a Clock', (clock) => healthHandler({ token: false, clock }), [null, {}]],
    ['onAction', 'a function', (onAction) => healthHandler({ token: false, onAction }), [null, {}]],
    ['monitor', 'a HealthMonitor', (monitor) => dependenciesReport({ monitor }), [null, {}]],
    ['levels', 'an object', (levels) => logEvents(new BreakerRegistry(), console, { levels }), [null, 'debug', []]],
    ['services', 'a list', (services) => collectMetrics({ register: odd(register), services }), ['acme', {}]],
    ['env', 'an object', (env) => new HealthMonitor({ checks: { one: run }, env }), [null, 5]],
    ['propagate', 'true or false', (propagate) => otel({ propagate }), ['no', null]],
    ['registry', 'a BreakerRegistry', (registry) => saveCircuits(registry), [null, {}]],
    ['registry', 'a BreakerRegistry', (registry) => restoreCircuits('[]', registry), [null, {}]],
    ['circuit', 'a CircuitBreaker', (circuit) => saveCircuit(circuit), [null, 'acme']],
    ['clock', 'a Clock', (clock) => memoryStore({ clock }), [null, {}]],
    ['clock', 'a Clock', (clock) => shareState({ store: memoryStore(), registry: new BreakerRegistry(), clock }), [null, {}]],
    ['FakeClock.wallStart', 'milliseconds', (start) => new FakeClock(start), [Number.NaN, '5', {}]],
    ['handlers[0]', 'a handler of MSW', (handler) => mockTransport(handler), [null, {}, []]],
    ['handlers', 'a function', (handlers) => MockServer.start(handlers), [null, []]],
  ])('%s: %s', async (option, expected, make, values) => {
    for (const value of values) {
      // In a promise, because some throw and some reject.
      const attempt = new Promise((resolve) => resolve(make(odd(value))));
      await expect(attempt, String(value)).rejects.toMatchObject({ kind: 'configuration', option });
      await expect(attempt, String(value)).rejects.toThrow(expected);
    }
  });

  test('a type of event that does not exist', () => {
    const attempt = () => logEvents(new BreakerRegistry(), console, { levels: odd({ circuit_opend: 'error' }) });
    expect(attempt).toThrow('levels.circuit_opend is not a type of event, expected a type of event. Did you mean circuit_opened?');
  });

  test('an outage that does not exist', async () => {
    await using server = await MockServer.start(() => []);
    expect(() => {
      server.outage = odd('error');
    }).toThrow('outage is "error", expected one of errors, hang, stall, reset');
    server.outage = 'hang';
    server.outage = undefined;
    expect(server.outage).toBeUndefined();
  });

  test('a text in place of options is not shown: it can be a secret', () => {
    const attempt = () => slack(odd('https://hooks.slack.com/services/T0/B0/secret'));
    expect(attempt).toThrow('options of slack is a text, expected an object');
    expect(attempt).not.toThrow('secret');
  });
});
