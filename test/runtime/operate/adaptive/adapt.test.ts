import { describe, expect, it } from 'vitest';
import { BreakerRegistry } from '../../../../runtime/index.js';
import { adaptThresholds } from '../../../../runtime/operate/adaptive/index.js';
import { openWithPeers } from '../../../../runtime/policies/circuit-breaker/handover.js';
import { getCircuitBreaker } from '../../../../runtime/protect/index.js';
import { Observed } from './observed.js';

const failureThreshold = { min: 3, max: 8 };

describe('mode apply', () => {
  it('raises a threshold at which the circuit opens for nothing, one step at each look, never beyond its bounds', async () => {
    const crm = new Observed({ mode: 'apply', failureThreshold });
    const seen: number[] = [];
    for (let round = 0; round < 6; round++) {
      crm.outage().outage().outage();
      await crm.look();
      seen.push(crm.breaker.options.failureThreshold);
    }
    expect(seen).toEqual([6, 7, 8, 8, 8, 8]);
    expect(crm.told).toEqual([
      'failureThreshold 5 -> 6 false_opens',
      'failureThreshold 6 -> 7 false_opens',
      'failureThreshold 7 -> 8 false_opens',
    ]);
  });

  it('acts on each false opening once: what has led to a change leads to no other', async () => {
    const crm = new Observed({ mode: 'apply', failureThreshold });
    crm.outage().outage();
    await crm.look(5);
    expect(crm.breaker.options.failureThreshold).toBe(6);
    crm.outage();
    await crm.look(2);
    expect(crm.breaker.options.failureThreshold).toBe(6);
    crm.outage();
    await crm.look();
    expect(crm.breaker.options.failureThreshold).toBe(7);
  });

  it('what other processes opened says nothing of its own thresholds', async () => {
    const crm = new Observed({ mode: 'apply', failureThreshold });
    for (let outage = 0; outage < 5; outage++) {
      openWithPeers(crm.breaker, 500);
      crm.clock.jump(500);
      crm.call('success');
      expect(crm.breaker.state).toBe('closed');
    }
    await crm.look(3);
    expect(crm.told).toEqual([]);
    expect(crm.controller.status()).toMatchObject([{ falseOpens: 0 }]);
  });

  it('one false opening is chance, and an outage that outlasted a probe is none', async () => {
    const crm = new Observed({ mode: 'apply', failureThreshold });
    crm.outage().outage(1).outage(2);
    await crm.look(3);
    expect(crm.told).toEqual([]);
  });

  it('lowers it where failures in a row hardly ever happen, and only after enough calls', async () => {
    const crm = new Observed({ mode: 'apply', failureThreshold, minimumCalls: 500 });
    crm.calls(499, 100);
    await crm.look();
    expect(crm.told).toEqual([]);
    crm.calls(1);
    await crm.look();
    expect(crm.told).toEqual(['failureThreshold 5 -> 4 normal_failure_rate']);
    await crm.look(5);
    expect(crm.breaker.options.failureThreshold).toBe(3);
    expect(crm.thresholdEvents[0]).toMatchObject({ circuit: 'crm', service: 'crm', calls: 500, type: 'threshold_adapted' });
  });

  it('raises it where rows of failures are normal, and does not take an outage for normal', async () => {
    const flaky = new Observed({ mode: 'apply', failureThreshold, minimumCalls: 100 });
    for (let at = 0; at < 6; at++) await flaky.calls(100, 3).look();
    expect(flaky.breaker.options.failureThreshold).toBe(8);
    const dying = new Observed({ mode: 'apply', failureThreshold, minimumCalls: 100 });
    for (let at = 0; at < 6; at++) await dying.calls(100, 2).look();
    expect(dying.told).toEqual([]);
  });

  it('does not lower it while openings may have been for nothing', async () => {
    const crm = new Observed({ mode: 'apply', failureThreshold });
    crm.outage();
    await crm.look();
    await crm.calls(1_000, 200).look();
    expect(crm.told).toEqual([]);
  });

  it('waits longer where first probes fail, and less where every outage was over', async () => {
    const recoveryTimeoutMs = { min: 700, max: 1_400 };
    const crm = new Observed({ mode: 'apply', recoveryTimeoutMs });
    for (let round = 0; round < 3; round++) await crm.outage(1).outage(2).outage().look();
    expect(crm.told).toEqual(['recoveryTimeoutMs 1000 -> 1250 failed_probes', 'recoveryTimeoutMs 1250 -> 1400 failed_probes']);
    for (let round = 0; round < 5; round++) await crm.outage().outage().outage().look();
    expect(crm.breaker.options.recoveryTimeoutMs).toBe(700);
    expect(crm.told.at(-1)).toBe('recoveryTimeoutMs 788 -> 700 first_probes_succeed');
  });

  it('moves the failure rate of a window to what normal operation does not show, and keeps what the window holds', async () => {
    const slidingWindow = { size: 50, minimumCalls: 20, failureRateThreshold: 0.5 };
    const crm = new Observed({ mode: 'apply', failureRateThreshold: { min: 0.2, max: 0.9 } }, { slidingWindow });
    await crm.calls(500, 100).look();
    expect(crm.told).toEqual(['failureRateThreshold 0.5 -> 0.375 normal_failure_rate']);
    expect(crm.breaker.snapshot().window).toMatchObject({ calls: 50 });
    await crm.look(6);
    expect(crm.breaker.options.slidingWindow?.failureRateThreshold).toBe(0.2);
    expect(crm.breaker.options.slidingWindow).toMatchObject({ size: 50, minimumCalls: 20 });
  });

  it('calls a call slow that takes three times as long as normal ones, whatever a few that failed took', async () => {
    const slidingWindow = { size: 50, slowCallDurationMs: 1_000 };
    const crm = new Observed({ mode: 'apply', slowCallDurationMs: { min: 400, max: 5_000 } }, { slidingWindow });
    for (let round = 0; round < 3; round++) {
      for (let at = 0; at < 100; at++) crm.call(at < 3 ? 'failure' : 'success', at < 3 ? 60_000 : 210);
      await crm.look();
    }
    const slow = crm.breaker.options.slidingWindow?.slowCallDurationMs ?? 0;
    expect(slow).toBeGreaterThan(600);
    expect(slow).toBeLessThan(670);
    expect(crm.told.map((line) => line.split(' ')[4])).toEqual(['normal_duration', 'normal_duration']);
    for (let round = 0; round < 24; round++) await crm.calls(100, 1e9, 5).look();
    expect(crm.breaker.options.slidingWindow?.slowCallDurationMs).toBe(400);
  });

  it('raises the slow duration where slow calls open the circuit for nothing', async () => {
    const slidingWindow = { size: 4, slowCallDurationMs: 100, slowCallRateThreshold: 1, failureRateThreshold: null };
    const crm = new Observed({ mode: 'apply', slowCallDurationMs: { min: 50, max: 500 } }, { slidingWindow });
    for (let opening = 0; opening < 2; opening++) {
      for (let at = 0; at < 4; at++) crm.call('success', 100);
      crm.clock.jump(crm.breaker.retryAfterMs());
      crm.call('success', 1);
    }
    await crm.look();
    expect(crm.told).toEqual(['slowCallDurationMs 100 -> 125 false_opens']);
  });

  it('several thresholds at one look are one change: a listener sees no half of it', async () => {
    const crm = new Observed({ mode: 'apply', failureThreshold, recoveryTimeoutMs: { min: 100, max: 9_000 } });
    const seen: unknown[] = [];
    crm.registry.on('threshold_adapted', () => {
      const { failureThreshold: failures, recoveryTimeoutMs } = crm.breaker.options;
      seen.push([failures, recoveryTimeoutMs]);
    });
    await crm.outage().outage().outage().look();
    expect(seen).toEqual([
      [6, 750],
      [6, 750],
    ]);
  });

  it('what was configured holds again after stop, and nothing happens any more', async () => {
    const crm = new Observed({ mode: 'apply', failureThreshold });
    await crm.outage().outage().look();
    const state = crm.breaker.snapshot().stats.totalRequests;
    crm.controller.stop();
    crm.controller.stop();
    expect(crm.breaker.options.failureThreshold).toBe(5);
    expect(crm.breaker.snapshot().stats.totalRequests).toBe(state);
    expect(crm.told).toEqual(['failureThreshold 5 -> 6 false_opens', 'failureThreshold 6 -> 5 restored']);
    crm.outage().outage();
    await crm.look(3);
    expect(crm.told).toHaveLength(2);
    expect(crm.clock.pendingTimers).toBe(0);
  });

  it('what someone configured meanwhile is what holds after stop', async () => {
    const crm = new Observed({ mode: 'apply', failureThreshold });
    await crm.outage().outage().look();
    crm.breaker.reconfigure({ failureThreshold: 7, halfOpenMaxCalls: 4 });
    crm.controller.stop();
    expect(crm.breaker.options).toMatchObject({ failureThreshold: 7, halfOpenMaxCalls: 4 });
  });

  it('a client that is made later shares the circuit, whatever became of its thresholds', async () => {
    const crm = new Observed({ mode: 'apply', failureThreshold });
    await crm.outage().outage().look();
    expect(crm.registry.obtain('crm', 'crm', { recoveryTimeoutMs: 1_000, successThreshold: 1 })).toBe(crm.breaker);
    expect(getCircuitBreaker('crm', { registry: crm.registry, failureThreshold: 5 })).toBe(crm.breaker);
    expect(() => getCircuitBreaker('crm', { registry: crm.registry, failureThreshold: 6 })).toThrow(
      '5, which the circuit of that name has',
    );
    const tuned = { recoveryTimeoutMs: 1_000, successThreshold: 1, failureThreshold: 6 };
    expect(crm.registry.obtain('crm', 'crm', tuned)).not.toBe(crm.breaker);
  });

  it.each([
    ['held open', (crm: Observed) => crm.breaker.forceOpen()],
    ['held closed', (crm: Observed) => crm.breaker.forceClosed()],
    ['off', (crm: Observed) => crm.breaker.reconfigure({ enabled: false })],
  ])('a circuit that is %s is left alone', async (_, act) => {
    const crm = new Observed({ mode: 'apply', failureThreshold });
    crm.outage().outage();
    act(crm);
    await crm.look(2);
    expect(crm.told).toEqual([]);
  });

  it('a circuit that the registry forgot gets back what was configured', async () => {
    const crm = new Observed({ mode: 'apply', failureThreshold });
    await crm.outage().outage().look();
    crm.registry.clear();
    await crm.look();
    expect(crm.breaker.options.failureThreshold).toBe(5);
    expect(crm.controller.status()).toEqual([]);
  });
});

describe('mode propose', () => {
  it('is the default: tells where a threshold should go, once, and changes nothing', async () => {
    const crm = new Observed({ failureThreshold });
    await crm.calls(500, 100).look(4);
    expect(crm.told).toEqual(['failureThreshold 5 ? 3 normal_failure_rate']);
    expect(crm.breaker.options.failureThreshold).toBe(5);
    expect(crm.controller.status()).toEqual([{ circuit: 'crm', normalCalls: 500, normalFailures: 5, falseOpens: 0, adapted: {} }]);
  });

  it('tells again what has changed', async () => {
    const crm = new Observed({ failureThreshold });
    await crm.calls(300, 100).look();
    for (let at = 0; at < 10; at++) await crm.calls(300, 3).look();
    expect(crm.told[0]).toBe('failureThreshold 5 ? 3 normal_failure_rate');
    expect(crm.told.at(-1)).toBe('failureThreshold 5 ? 8 normal_failure_rate');
  });
});

describe('what is adapted', () => {
  it('nothing without bounds, and nothing that the circuit has not', async () => {
    const none = new Observed({ mode: 'apply' });
    await none.outage().outage().calls(500).look(3);
    expect(none.told).toEqual([]);
    const other = new Observed({ mode: 'apply', failureRateThreshold: { min: 0.1, max: 0.9 }, slowCallDurationMs: { min: 1, max: 9 } });
    await other.outage().outage().calls(500).look(3);
    expect(other.told).toEqual([]);
    const rates = new Observed({ mode: 'apply', failureThreshold }, { slidingWindow: { size: 50 } });
    await rates.calls(500, 100).look(3);
    expect(rates.told).toEqual([]);
  });

  it('what was counted before it began is not its history', async () => {
    const clock = new Observed({}).clock;
    const registry = new BreakerRegistry({ clock });
    const breaker = registry.obtain('crm', 'crm', {});
    for (let at = 0; at < 1_000; at++) breaker.exit(breaker.enter(0), 'success', 0);
    const controller = adaptThresholds(registry, { failureThreshold, clock, intervalMs: 10 });
    await clock.advance(10);
    expect(controller.status()).toMatchObject([{ normalCalls: 0 }]);
  });

  it('remembers twelve intervals', async () => {
    const crm = new Observed({ failureThreshold });
    for (let at = 0; at < 20; at++) await crm.calls(10).look();
    expect(crm.controller.status()).toMatchObject([{ normalCalls: 120 }]);
  });

  it('a threshold that counts failures in a window never exceeds the window', async () => {
    const slidingWindow = { size: 6, failureRateThreshold: null, failureThresholdCounts: 'window' } as const;
    const crm = new Observed({ mode: 'apply', failureThreshold: { min: 2, max: 50 } }, { slidingWindow });
    for (let round = 0; round < 4; round++) await crm.outage().outage().look();
    expect(crm.breaker.options.failureThreshold).toBe(6);
  });
});
