import { describe, expect, test } from 'vitest';
import { type Logger, type LogRecord, logEvents } from '../../../../runtime/operate/logging/index.js';
import { BREAKER_DEFAULTS } from '../../../../runtime/policies/circuit-breaker/options.js';
import { BreakerRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';
import { testClient } from '../../../support/client.js';
import { Circuit } from '../../policies/circuit-breaker/circuit.js';

/** Takes what pino takes, and needs its `this` as pino does. */
class Lines implements Logger {
  readonly lines: [string, LogRecord, string][] = [];
  debug(record: LogRecord, message: string): void {
    this.lines.push(['debug', record, message]);
  }
  info(record: LogRecord, message: string): void {
    this.lines.push(['info', record, message]);
  }
  warn(record: LogRecord, message: string): void {
    this.lines.push(['warn', record, message]);
  }
  error(record: LogRecord, message: string): void {
    this.lines.push(['error', record, message]);
  }
}

describe('O4 logEvents', () => {
  test('S1’s names, seconds, and a level by type', () => {
    const circuit = new Circuit();
    const logger = new Lines();
    logEvents(circuit.breaker, logger);
    circuit.trip();
    circuit.clock.jump(1_000);
    circuit.succeed(2);
    circuit.breaker.acquire().failure();
    circuit.breaker.forceOpen();
    expect(() => circuit.breaker.acquire()).toThrow();
    expect(logger.lines.map(([level, , message]) => `${level} ${message}`)).toEqual([
      'error circuit_opened billing',
      'info circuit_half_open billing',
      'info circuit_closed billing',
      'warn call_failed billing',
      'warn circuit_forced_open billing',
      'debug call_rejected billing',
    ]);
    expect(logger.lines[0]?.[1]).toEqual({
      event: 'circuit_opened',
      circuit_breaker: 'billing',
      service: 'billing',
      timestamp: '2026-01-01T00:00:00.000Z',
      old_state: 'closed',
      new_state: 'open',
      failure_count: 3,
      reason: 'consecutive_failures',
      recovery_timeout: 1,
    });
    expect(logger.lines[2]?.[1]).toMatchObject({ event: 'circuit_closed', old_state: 'half_open', down: 1 });
    expect(logger.lines[3]?.[1]).toMatchObject({ event: 'call_failed', circuit_breaker: 'billing', failure_count: 1, threshold: 3 });
  });

  test('a registry’s, until disposed; levels may be changed or left out', () => {
    const registry = new BreakerRegistry({ clock: new FakeClock() });
    const breaker = registry.obtain('a', 'a', BREAKER_DEFAULTS);
    const logger = new Lines();
    {
      using _ = logEvents(registry, logger, { levels: { circuit_forced_open: 'debug', circuit_closed: false } });
      breaker.forceOpen();
      breaker.reset();
    }
    breaker.forceOpen();
    expect(logger.lines.map(([level, { event }]) => [level, event])).toEqual([['debug', 'circuit_forced_open']]);
  });

  test('of a watched file: a refusal is an error, a reload is told with its services', () => {
    const registry = new BreakerRegistry();
    const logger = new Lines();
    logEvents(registry, logger);
    const about = { circuit: '*', service: '*', at: 0, file: 'breakers.yaml' };
    registry.events.emit({ ...about, type: 'config_rejected', code: 'bad-value', reason: 'breakers.yaml:4:26 ...' });
    registry.events.emit({ ...about, type: 'config_reloaded', services: ['ghl', 'retell'] });
    expect(logger.lines.map(([level, { event, file, reason, services }]) => [level, event, file, reason, services])).toEqual([
      ['error', 'config_rejected', 'breakers.yaml', 'breakers.yaml:4:26 ...', undefined],
      ['info', 'config_reloaded', 'breakers.yaml', undefined, 'ghl, retell'],
    ]);
  });

  test('a client’s: the circuits of its service, and no others', () => {
    const registry = new BreakerRegistry();
    const client = testClient({ baseUrl: 'http://127.0.0.1:9', token: 't', registry });
    const logger = new Lines();
    logEvents(client, logger);
    client.breaker().forceOpen();
    registry.obtain('other', 'other', BREAKER_DEFAULTS).forceOpen();
    expect(logger.lines).toHaveLength(1);
  });

  test('console fits', () => {
    const circuit = new Circuit();
    expect(() => logEvents(circuit.breaker, console).unsubscribe()).not.toThrow();
  });

  test('A40 a logger that throws or rejects changes no call', async () => {
    const circuit = new Circuit({ failureThreshold: 1 });
    const throwing = (): never => {
      throw new Error('disk full');
    };
    logEvents(circuit.breaker, { debug: throwing, info: throwing, warn: async () => throwing(), error: throwing });
    const fault = new Error('down');
    await expect(circuit.breaker.call(() => Promise.reject(fault))).rejects.toBe(fault);
    expect(circuit.breaker.state).toBe('open');
  });

  test('what cannot be', () => {
    const { breaker } = new Circuit();
    expect(() => logEvents({} as never, console)).toThrow(/^source is undefined|^source is an object, expected a registry/);
    expect(() => logEvents(breaker, { info: () => undefined } as never)).toThrow(/^logger.debug is undefined, expected a function$/);
    expect(() => logEvents(breaker, console, { levels: { call_failed: 'fatal' as never } })).toThrow(
      /^levels.call_failed is "fatal", expected 'debug'/,
    );
  });
});
