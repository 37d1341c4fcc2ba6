import { BreakerRegistry, ConfigurationError } from 'fuseline';
import { type AlertChannel, type AlertOptions, startAlerts } from 'fuseline/alerts';
import { DiagnosticError, loadBreakers, parseBreakers } from 'fuseline/config';
import { FakeClock } from 'fuseline/testing';
import { describe, expect, it } from 'vitest';

const BAD = `circuit_breaker:
  defaults: { failure_threshold: 0, timeout_seconds: soon }
  services:
    acme: { success_threshold: -1, retry: maybe, scope: all, bulkhead: 10 }
alerts:
  channels:
    ops: { type: slack, url_env: SLACK_URL }
`;
const SIX = [
  'b.yaml:2:34 `failure_threshold` is 0',
  'b.yaml:2:54 `timeout_seconds` is "soon"',
  'b.yaml:4:32 `success_threshold` is -1',
  'b.yaml:4:43 `retry` is "maybe"',
  'b.yaml:4:57 `scope` is "all"',
  'b.yaml:4:72 `bulkhead` is 10',
];

const silent: AlertChannel = { name: 'silent', open: () => ({ send: async () => undefined }) };

const start = (options: AlertOptions) => startAlerts({ registry: new BreakerRegistry(), clock: new FakeClock(), env: {}, ...options });

function thrown(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not throw');
}

describe('E13 a configuration that failed to load', () => {
  it('handed on as loadBreakers gives it: says every error of the file, whatever channels there are', () => {
    for (const channels of [[], [silent]]) {
      const error = thrown(() => start({ config: parseBreakers(BAD, 'b.yaml'), channels }));
      expect(error).toBeInstanceOf(DiagnosticError);
      const lines = error.message.split('\n');
      expect(lines).toEqual(SIX.map((line) => expect.stringContaining(line)));
    }
  });

  it('handed on as the `config` that is not there: says the same, where nothing else gives a channel', () => {
    const { config } = parseBreakers(BAD, 'b.yaml');
    const error = thrown(() => start({ config }));
    expect(error).toBeInstanceOf(DiagnosticError);
    expect(error.message.split('\n')).toHaveLength(6);
    start({ config, channels: [silent] }).close();
  });

  it('a file that is not there', async () => {
    const { config } = await loadBreakers('nowhere/b.yaml');
    expect(thrown(() => start({ config })).message).toMatch(/^nowhere\/b\.yaml There is no such file/);
  });

  it('a file that was mended is not held against anything', () => {
    parseBreakers(BAD, 'b.yaml');
    parseBreakers('circuit_breaker: {}', 'b.yaml');
    expect(thrown(() => start({ config: undefined }))).toBeInstanceOf(ConfigurationError);
  });

  it('is nothing that a start without a file speaks of', () => {
    parseBreakers(BAD, 'b.yaml');
    expect(thrown(() => start({})).message).toMatch(/at least one channel/);
  });

  it('keeps running alerts from changing', () => {
    const alerts = start({ channels: [silent] });
    expect(thrown(() => alerts.reconfigure(parseBreakers(BAD, 'b.yaml')))).toBeInstanceOf(DiagnosticError);
    alerts.reconfigure(parseBreakers('circuit_breaker: {}\nalerts: { cooldown_seconds: 5 }', 'b.yaml'));
    alerts.close();
  });

  it('a result that loaded is taken as its `config`', () => {
    const loaded = parseBreakers('circuit_breaker: {}\nalerts: { enabled: false }', 'b.yaml');
    expect(start({ config: loaded }).status().enabled).toBe(false);
  });

  it.each([[{}], ['b.yaml'], [null], [{ config: {}, diagnostics: [] }], [{ diagnostics: [] }]])('refuses %j', (config) => {
    expect(thrown(() => start({ config: config as never })).message).toMatch(
      /config is .*expected what loadBreakers of fuseline\/config gives/,
    );
  });
});
