import { BreakerRegistry, type OpenReason, type ServicePolicies } from 'fuseline';
import type { Alert } from 'fuseline/alerts';
import { FakeClock } from 'fuseline/testing';
import { describe, expect, it } from 'vitest';
import { openWithPeers } from '../../../../runtime/policies/circuit-breaker/handover.js';
import { getThing, listThings, operation, testClient } from '../../../support/client.js';
import { answers, InMemory } from '../../../support/in-memory.js';
import { bench, recorder } from './recorder.js';

describe('what a message says', () => {
  it('of an opening: what, whose, since when, why, and when it is asked again', async () => {
    const { fail, told, channel, clock } = bench({ environment: 'production', dashboardUrl: 'https://ops.example.com' });
    await clock.advance(5_000);
    fail();
    await told();
    expect(channel.alerts[0]).toEqual({
      id: expect.stringMatching(/^ghl-[0-9a-z]+\.1$/),
      incident: expect.stringMatching(/^ghl-[0-9a-z]+$/),
      rule: 'circuit_open',
      status: 'firing',
      severity: 'critical',
      service: 'ghl',
      subject: 'ghl',
      circuit: 'ghl',
      circuits: ['ghl'],
      environment: 'production',
      source: 'test-host',
      title: 'ghl: circuit open, calls are refused',
      at: Date.UTC(2026, 0, 1, 0, 0, 5),
      since: Date.UTC(2026, 0, 1, 0, 0, 5),
      durationMs: 0,
      why: '3 failures in a row',
      causes: {},
      callersGet: 'an immediate error (CircuitOpenError), unless their code has a fallback',
      nextProbe: 'with the first call after 2026-01-01 00:01:05 UTC, in 1 min',
      nextProbeAt: Date.UTC(2026, 0, 1, 0, 1, 5),
      successRate: null,
      untold: 0,
      runbook: 'node_modules/fuseline/docs/runbooks/circuit-open.md',
      dashboard: 'https://ops.example.com',
    });
  });

  it('of causes, of probes that failed, and of what callers got', async () => {
    const { circuit, told, channel, clock } = bench();
    const boom = (): Promise<never> => Promise.reject(new Error('boom'));
    for (let at = 0; at < 3; at++) await circuit.call(boom).catch(() => undefined);
    for (let at = 0; at < 2; at++) await circuit.call(boom).catch(() => undefined);
    for (let minute = 0; minute < 4; minute++) {
      await clock.advance(60_000);
      await circuit.call(boom).catch(() => undefined);
    }
    await clock.advance(60_000);
    await told();
    expect(channel.alerts[0]).toMatchObject({ why: '3 failures in a row (error ×3)', causes: { error: 3 } });
    expect(channel.alerts.at(-1)).toMatchObject({
      title: 'ghl: circuit not closed for 5 min',
      why: '3 failures in a row (error ×7); 4 probes failed since',
      callersGet: 'an immediate error (CircuitOpenError), unless their code has a fallback. So far: 2 refused',
      nextProbe: 'now, with the next calls',
    });
  });

  const windows: readonly (readonly [OpenReason, object, string])[] = [
    ['failure_rate', { size: 10, minimumCalls: 4, failureRateThreshold: 0.5 }, '50 % of 4 attempts failed'],
    ['failures_in_window', { size: 10, minimumCalls: 10, failureThresholdCounts: 'window' }, '2 of the last 4 attempts failed'],
    [
      'slow_call_rate',
      { size: 10, minimumCalls: 4, failureRateThreshold: null, slowCallDurationMs: 5, slowCallRateThreshold: 0.5 },
      '100 % of 4 attempts were slow',
    ],
    [
      'failure_or_slow_rate',
      { size: 10, minimumCalls: 4, failureRateThreshold: null, failureOrSlowRateThreshold: 0.5 },
      '50 % of 4 attempts failed or were slow',
    ],
  ];
  it.each(windows)('of a window: %s', async (reason, slidingWindow, why) => {
    const { registry, clock, told, channel } = bench();
    const circuit = registry.obtain('w', 'w', { failureThreshold: 2, slidingWindow });
    let opened: unknown;
    circuit.on('circuit_opened', (event) => (opened = event.reason));
    for (const outcome of ['success', 'failure', 'success', 'failure'] as const) circuit.exit(circuit.enter(0), outcome, clock.now(), 7);
    await told();
    expect(opened).toBe(reason);
    expect(channel.alerts[0]?.why).toBe(why);
  });

  it('of other processes that found it down', async () => {
    const { circuit, told, channel } = bench();
    openWithPeers(circuit, 60_000);
    await told();
    expect(channel.alerts[0]).toMatchObject({ rule: 'circuit_open', why: 'other processes found the service failing', causes: {} });
  });

  it('names that would break a line or a key are made harmless', async () => {
    const { registry, fail, told, channel } = bench({ groupBy: 'circuit' });
    fail(1, registry.obtain('a b\r\nSubject: x', 'tenant\n1', { failureThreshold: 1 }));
    await told();
    expect(channel.alerts[0]).toMatchObject({
      subject: 'a b Subject: x',
      circuit: 'a b Subject: x',
      circuits: ['a b Subject: x'],
      service: 'tenant 1',
    });
    expect(channel.alerts[0]?.incident).toMatch(/^a_b_Subject_x-\w+$/);
  });

  it.each([
    ['https://wiki.example.com/runbooks/', 'https://wiki.example.com/runbooks/circuit-open.md'],
    ['https://wiki.example.com/{page}?v=1', 'https://wiki.example.com/circuit-open?v=1'],
  ])('links to your runbooks: %s', async (runbookUrl, expected) => {
    const { fail, told, channel } = bench({ runbookUrl });
    fail();
    await told();
    expect(channel.alerts[0]?.runbook).toBe(expected);
  });
});

describe('what callers get', () => {
  const settings: ServicePolicies = {
    operations: {
      'things.get': { fallback: [{ kind: 'lastGood', maxAgeMs: null }] },
      'things.list': { fallback: [{ kind: 'value', value: [] }] },
    },
    environments: { live: { operations: { 'things.create': { fallback: [{ kind: 'value', value: {} }] } } } },
  };
  const outage = async (
    policies: ServicePolicies,
    environment = 'test',
    groupBy: 'service' | 'circuit' = 'service',
  ): Promise<Alert | undefined> => {
    const clock = new FakeClock();
    const registry = new BreakerRegistry({ clock });
    const transport = new InMemory(answers(200, { fine: true }), answers(503));
    const channel = recorder();
    bench({ clock, registry, environment, groupBy, channels: [channel], rules: { circuitOpenLong: { afterMs: 10_000 } } });
    const client = testClient(
      { dispatcher: transport, token: 't', clock, registry, environment, retry: false, breaker: { failureThreshold: 1 } },
      { baseUrl: 'https://acme.example.com', policies, operations: { getThing, listThings, create: operation({ id: 'things.create' }) } },
    );
    await client.call(getThing, { id: 1 }).result();
    await client.call(getThing, { id: 1 }).result();
    await client.call(getThing, { id: 2 }).result();
    await client.call(listThings, {}).result();
    await clock.advance(10_000);
    return channel.alerts.filter(({ circuit }) => !circuit.endsWith('list')).at(-1);
  };

  it('is told from the settings of the client, and from what was seen', async () => {
    const message = await outage(settings);
    expect(message).toMatchObject({ circuit: 'acme', causes: { http_503: 1 } });
    expect(message?.callersGet).toBe(
      'the last good response for things.get, a fixed value for things.list; an immediate error (CircuitOpenError) for the others. ' +
        'So far: 1 answered from the last good response, 1 answered by another fallback, 2 refused',
    );
  });

  it('is that of the environment, and of the service as a whole', async () => {
    expect((await outage(settings, 'live'))?.callersGet).toContain('a fixed value for things.list, things.create;');
    expect((await outage({ service: { fallback: [{ kind: 'lastGood', maxAgeMs: null }] } }))?.callersGet).toMatch(
      /^the last good response\. So far/,
    );
  });

  it('is about the part that the circuit covers', async () => {
    const narrow = { ...settings, service: { scope: 'operation' } } as const;
    expect((await outage(narrow, 'test', 'circuit'))?.callersGet).toMatch(/^the last good response\. So far/);
    expect((await outage(narrow))?.callersGet).toBe(
      'things.get: the last good response; things.list: a fixed value. ' +
        'So far: 1 answered from the last good response, 1 answered by another fallback, 1 refused',
    );
  });
});
