import { BreakerRegistry, ConfigurationError } from 'fuseline';
import { parseBreakers } from 'fuseline/config';
import { describe, expect, it } from 'vitest';
import { RULE_DEFAULTS } from '../../../../runtime/config/alert-types.js';
import { startAlerts } from '../../../../runtime/operate/alerts/index.js';
import { resolveRules } from '../../../../runtime/operate/alerts/rules.js';
import { bench, recorder } from './recorder.js';

describe('rules', () => {
  it('are the defaults, and on', () => {
    expect(resolveRules()).toEqual(RULE_DEFAULTS);
  });

  it('are laid one over the other, and come back with what was tuned', () => {
    const layers = [
      { lowSuccessRate: { below: 0.8 }, circuitOpen: false },
      { lowSuccessRate: false },
      { lowSuccessRate: true, circuitOpen: { severity: 'warning' } },
    ] as const;
    expect(resolveRules(layers[0], layers[1]).lowSuccessRate).toBe(false);
    expect(resolveRules(layers[0], layers[1]).circuitOpen).toBe(false);
    expect(resolveRules(...layers)).toMatchObject({
      lowSuccessRate: { below: 0.8, windowMs: 300_000 },
      circuitOpen: { severity: 'warning' },
    });
  });

  it.each<[unknown, string]>([
    [{ circuitOpened: true }, 'rules.circuitOpened is not an option of the rules, expected a known option. Did you mean circuitOpen?'],
    [{ circuitOpen: 'critical' }, 'rules.circuitOpen is "critical", expected true, false or an object of its values'],
    [{ circuitOpen: { severity: 'urgent' } }, `rules.circuitOpen.severity is "urgent", expected 'critical', 'warning' or 'info'`],
    [
      { circuitOpen: { below: 1 } },
      'rules.circuitOpen.below is not an option of the rule circuitOpen, expected a known option, one of severity',
    ],
    [{ lowSuccessRate: { below: 95 } }, 'rules.lowSuccessRate.below is 95, expected a share above 0, up to 1'],
    [{ lowSuccessRate: { minimumCalls: 0 } }, 'rules.lowSuccessRate.minimumCalls is 0, expected a whole number, 1 or more'],
    [{ lowSuccessRate: { windowMs: Number.NaN } }, 'rules.lowSuccessRate.windowMs is NaN, expected milliseconds, more than 0'],
    [{ circuitOpenLong: { afterMs: 0 } }, 'rules.circuitOpenLong.afterMs is 0, expected milliseconds, more than 0'],
  ])('%j', (rules, message) => {
    expect(() => resolveRules(rules as never)).toThrow(ConfigurationError);
    expect(() => resolveRules(rules as never)).toThrow(message);
    expect(() => bench({ services: { ghl: rules as never } })).toThrow(message);
  });
});

describe('a low success rate', () => {
  it('is told when the window has enough attempts, with the figures, and so is its end', async () => {
    const { clock, fail, succeed, told, channel } = bench();
    succeed(17);
    fail(1);
    succeed(1);
    await clock.advance(15_000);
    expect(await told()).toEqual([]);
    fail(1);
    await clock.advance(15_000);
    expect(await told()).toEqual(['low_success_rate firing warning']);
    expect(channel.alerts[0]).toMatchObject({
      title: 'ghl: only 90 % of attempts succeed, expected 95 %',
      why: '90 % of 20 attempts in the last 5 min succeeded',
      successRate: 0.9,
      callersGet: 'an error or a fallback for each attempt that fails',
      nextProbe: '',
    });
    succeed(20);
    await clock.advance(15_000);
    expect(await told()).toEqual(['low_success_rate firing warning', 'circuit_recovered resolved info']);
    expect(channel.alerts[1]).toMatchObject({ why: 'enough attempts succeed again', successRate: 0.95, durationMs: 15_000 });
  });

  it('at exactly the limit is fine', async () => {
    const { clock, fail, succeed, told } = bench();
    succeed(19);
    fail(1);
    await clock.advance(15_000);
    expect(await told()).toEqual([]);
  });

  it('ends when there are too few calls to judge', async () => {
    const { clock, fail, succeed, told, channel } = bench();
    for (let at = 0; at < 10; at++) {
      succeed(1);
      fail(1);
    }
    await clock.advance(15_000);
    await clock.advance(300_000);
    expect(await told()).toEqual(['low_success_rate firing warning', 'circuit_recovered resolved info']);
    expect(channel.alerts[1]?.why).toBe('too few calls to judge');
  });

  it('gets worse when the circuit opens: one incident, and one end', async () => {
    const { clock, circuit, fail, succeed, told, channel } = bench({ cooldownMs: 0 });
    for (let at = 0; at < 10; at++) {
      succeed(1);
      fail(1);
    }
    await clock.advance(15_000);
    fail();
    await clock.advance(15_000);
    circuit.reset();
    // What failed before the reset does not count after it.
    succeed(20);
    await clock.advance(15_000);
    expect(await told()).toEqual(['low_success_rate firing warning', 'circuit_open firing critical', 'circuit_recovered resolved info']);
    expect(new Set(channel.alerts.map(({ incident }) => incident)).size).toBe(1);
  });

  it('is not told of an open circuit: that was told already', async () => {
    const { clock, fail, succeed, told, registry } = bench();
    const late = registry.obtain('late', 'late', { failureThreshold: 30, recoveryTimeoutMs: 600_000 });
    succeed(5, late);
    fail(30, late);
    await clock.advance(60_000);
    expect(await told()).toEqual(['circuit_open firing critical']);
  });

  it('counts what came before the first look at a new circuit, and nothing from before the start', async () => {
    const registry = new BreakerRegistry();
    const old = registry.obtain('old', 'old', { failureThreshold: 100 });
    for (let at = 0; at < 50; at++) old.exit(old.enter(0), 'failure', 0);
    const { clock, fail, told, channel } = bench({ registry });
    fail(50, registry.obtain('new', 'new', { failureThreshold: 100 }));
    await clock.advance(15_000);
    expect(await told()).toEqual(['low_success_rate firing warning']);
    expect(channel.alerts[0]?.circuit).toBe('new');
  });
});

describe('what is switched off or tuned', () => {
  it('rules for all, and stronger ones for a service', async () => {
    const { clock, fail, registry, told, channel } = bench({
      rules: { circuitOpen: { severity: 'warning' }, circuitOpenLong: { afterMs: 10_000 }, circuitHalfOpen: false },
      services: { retell: { circuitOpen: false, circuitRecovered: { severity: 'warning' } } },
    });
    const other = registry.obtain('retell', 'retell', { failureThreshold: 1, successThreshold: 1, recoveryTimeoutMs: 1_000 });
    fail();
    fail(1, other);
    await clock.advance(10_000);
    other.exit(other.enter(clock.now()), 'success', clock.now());
    await told();
    expect(channel.alerts.map(({ circuit, rule, severity }) => `${circuit} ${rule} ${severity}`)).toEqual([
      'ghl circuit_open warning',
      'ghl circuit_open_long critical',
      'retell circuit_open_long critical',
      'retell circuit_recovered warning',
    ]);
  });

  it('the YAML holds where the code says nothing, with its environment', async () => {
    const text = `circuit_breaker: { services: { ghl: {} } }
alerts:
  cooldown_seconds: 1
  dashboard_url: https://ops.example.com
  rules: { circuit_half_open: false, circuit_open: { severity: info } }
environments:
  live: { alerts: { services: { ghl: { rules: { circuit_open: { severity: warning } } } } } }
`;
    const { config } = parseBreakers(text, 'b.yaml');
    if (config === undefined) throw new Error('it should load');
    const { fail, circuit, clock, told, channel } = bench({
      config,
      environment: 'live',
      rules: { circuitRecovered: { severity: 'critical' } },
    });
    fail();
    await clock.advance(60_000);
    fail(1);
    circuit.reset();
    expect(await told()).toEqual(['circuit_open firing warning', 'circuit_recovered resolved critical']);
    expect(channel.alerts[0]).toMatchObject({ environment: 'live', dashboard: 'https://ops.example.com' });
  });

  it('enabled: false watches nothing, and wants no variable', async () => {
    const { config } = parseBreakers(
      'circuit_breaker: {}\nalerts: { enabled: false, channels: { ops: { type: slack, url_env: NOT_SET } } }\n',
      'b.yaml',
    );
    if (config === undefined) throw new Error('it should load');
    const { alerts, fail, registry, told } = bench({ config });
    fail();
    expect(await told()).toEqual([]);
    expect(registry.events.silent).toBe(true);
    expect(alerts.status()).toEqual({ enabled: false, incidents: [], channels: [] });
  });
});

describe('options', () => {
  const registry = new BreakerRegistry();
  it.each<[string, object, string]>([
    ['no channel', { channels: [] }, 'channels is a list, expected at least one channel'],
    ['none at all', {}, 'expected at least one channel. Give one in code'],
    ['no channels', { channels: [{}] }, 'channels is an object, expected channels made by slack'],
    ['two of one name', { channels: [recorder(), recorder()] }, 'channels is "recorder", expected a name that no other channel has'],
    ['a severity', { channels: [recorder({ minSeverity: 'all' as never })] }, 'minSeverity of channel recorder is "all"'],
    ['a timeout', { channels: [recorder({ timeoutMs: 0 })] }, 'timeoutMs of channel recorder is 0, expected milliseconds from 1'],
    ['attempts', { channels: [recorder({ maxAttempts: 0 })] }, 'maxAttempts of channel recorder is 0, expected a whole number, 1 or more'],
    ['a cooldown', { channels: [recorder()], cooldownMs: -1 }, 'cooldownMs is -1, expected milliseconds from 0'],
    ['an interval', { channels: [recorder()], checkIntervalMs: 0 }, 'checkIntervalMs is 0, expected milliseconds from 1'],
    ['a registry', { channels: [recorder()], registry: {} }, 'registry is an object, expected a BreakerRegistry'],
    [
      'a link',
      { channels: [recorder()], dashboardUrl: 'javascript:alert(1)' },
      'dashboardUrl is "javascript:alert(1)", expected a URL that begins with',
    ],
    ['a config', { channels: [recorder()], config: {} }, 'config is an object, expected the result of loadBreakers of fuseline/config'],
  ])('%s', (_, options, message) => {
    expect(() => startAlerts({ registry, env: {}, ...options })).toThrow(ConfigurationError);
    expect(() => startAlerts({ registry, env: {}, ...options })).toThrow(message);
    expect(registry.events.silent).toBe(true);
  });
});
