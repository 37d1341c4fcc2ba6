import { describe, expect, it } from 'vitest';
import type { FuselineEvent } from '../../../../runtime/observe/events.js';
import { Journal } from '../../../../runtime/operate/dashboard/journal.js';
import { BreakerRegistry } from '../../../../runtime/policies/circuit-breaker/registry.js';
import { FakeClock } from '../../../../runtime/testing/fake-clock.js';

function setup(options: ConstructorParameters<typeof Journal>[1] = {}) {
  const clock = new FakeClock();
  const registry = new BreakerRegistry({ clock });
  const journal = new Journal(registry, options);
  const tell = (event: object, circuit = 'ghl'): void =>
    registry.events.emit({ circuit, service: circuit, at: clock.wallNow(), ...event } as FuselineEvent);
  const failed = (cause: string, circuit = 'ghl'): void => tell({ type: 'call_failed', cause, failureCount: 1, threshold: 3 }, circuit);
  const moved = (newState: string, more: object = {}, circuit = 'ghl'): void =>
    tell({ type: 'circuit_opened', oldState: 'closed', newState, failureCount: 3, recoveryTimeoutMs: 30_000, ...more }, circuit);
  return { clock, registry, journal, tell, failed, moved };
}

describe('a journal', () => {
  it('keeps a line for each change of state: what opened a circuit, and how long it was down', async () => {
    const { clock, registry, journal } = setup();
    const circuit = registry.obtain('ghl', 'ghl', { failureThreshold: 2, recoveryTimeoutMs: 1_000, successThreshold: 1 });
    const start = clock.wallNow();
    for (let n = 0; n < 2; n++) await circuit.call(() => Promise.reject(new Error('secret'))).catch(() => undefined);
    await clock.advance(1_500);
    await circuit.call(() => 'good');
    circuit.forceOpen();
    expect(journal.timeline).toEqual([
      { id: 1, at: start, circuit: 'ghl', kind: 'open', reason: 'consecutive_failures', failures: 2, waitMs: 1_000, cause: 'error' },
      { id: 2, at: start + 1_500, circuit: 'ghl', kind: 'half_open' },
      { id: 3, at: start + 1_500, circuit: 'ghl', kind: 'closed', downMs: 1_500 },
      { id: 4, at: start + 1_500, circuit: 'ghl', kind: 'forced_open' },
    ]);
    expect(journal.of('ghl')?.periods.map(({ kind }) => kind)).toEqual(['open', 'half_open', 'closed', 'forced_open']);
  });

  it('knows since when a circuit is down, over failed probes, until it closes', () => {
    const { clock, journal, moved } = setup();
    const start = clock.wallNow();
    moved('open', { reason: 'failure_rate' });
    clock.jump(30_000);
    moved('half_open');
    moved('open', { reason: 'probe_failed' });
    expect(journal.of('ghl')).toMatchObject({ downSince: start, reason: 'probe_failed' });
    moved('closed', { downMs: 30_000 });
    expect(journal.of('ghl')?.downSince).toBeNull();
  });

  it.each(['slow_call_rate', 'peers'] as const)('says of an opening for %s nothing of the last failure', (reason) => {
    const { journal, failed, moved } = setup();
    failed('http_500');
    moved('open', { reason });
    expect(journal.timeline[0]).not.toHaveProperty('cause');
  });

  it('counts failures by class, the latest first, and so many classes', () => {
    const { clock, journal, failed } = setup();
    failed('http_503');
    clock.jump(1_000);
    failed('timeout');
    failed('timeout');
    const start = clock.wallNow();
    expect(journal.of('ghl')?.errors).toEqual([
      { cause: 'timeout', count: 2, lastAt: start },
      { cause: 'http_503', count: 1, lastAt: start - 1_000 },
    ]);
    for (let n = 0; n < 100; n++) failed(`http_${900 + n}`);
    expect(journal.of('ghl')?.errors).toHaveLength(16);
    expect(journal.of('ghl')?.errors.find(({ cause }) => cause === 'other')?.count).toBe(87);
    expect(journal.of('ghl')?.errors.find(({ cause }) => cause === 'timeout')?.count).toBe(2);
  });

  it('counts what callers got instead, for each outage anew', () => {
    const { journal, tell, moved } = setup();
    const rejected = { type: 'call_rejected', retryAfterMs: 1, reason: 'open' };
    const used = (source: string, cause = 'circuit_open') => ({ type: 'fallback_used', operation: 'contacts.get', source, cause });
    tell(used('cache', 'http_503'));
    moved('open');
    for (let n = 0; n < 5; n++) tell(rejected);
    tell(used('cache'));
    tell(used('cache'));
    tell(used('fallback'));
    expect(journal.of('ghl')?.outageAnswers).toEqual({ cache: 2, fallback: 1, error: 2 });
    expect(journal.of('ghl')?.answers).toEqual({ cache: 3, fallback: 1, error: 2 });
    moved('half_open');
    expect(journal.of('ghl')?.outageAnswers.cache).toBe(2);
    moved('closed');
    expect(journal.of('ghl')?.outageAnswers.cache).toBe(2);
    moved('forced_open');
    expect(journal.of('ghl')?.outageAnswers).toEqual({ cache: 0, fallback: 0, error: 0 });
  });

  it('counts refusals of limits apart', () => {
    const { journal, tell } = setup();
    tell({ type: 'call_limited', operation: 'contacts.get', policy: 'bulkhead', retryAfterMs: 0 });
    tell({ type: 'call_limited', operation: 'contacts.get', policy: 'rate_limit', retryAfterMs: 10 });
    tell({ type: 'call_limited', operation: 'contacts.get', policy: 'rate_limit', retryAfterMs: 10 });
    expect(journal.of('ghl')).toMatchObject({ bulkheadRefusals: 1, rateLimitRefusals: 2 });
  });

  it('tells of a watched configuration: what it changed, and which fault it has, but not its text', () => {
    const { journal, tell } = setup();
    tell({ type: 'config_reloaded', file: 'breakers.yaml', services: [] }, '*');
    tell({ type: 'config_reloaded', file: 'breakers.yaml', services: ['ghl', 'retell'] }, '*');
    tell({ type: 'config_rejected', file: 'breakers.yaml', code: 'bad-value', reason: 'breakers.yaml:3:4 secret' }, '*');
    expect(journal.timeline.map(({ kind, detail }) => [kind, detail])).toEqual([
      ['config_reloaded', 'ghl, retell'],
      ['config_rejected', 'bad-value'],
    ]);
  });

  it('tells of sign-ins that fail: once for each account, and of the success after it', () => {
    const { journal, tell } = setup();
    const failed = (account: string | undefined, failures: number): void =>
      tell(
        { type: 'token_refresh_failed', reason: 'refused', failures, early: false, ...(account === undefined ? {} : { account }) },
        'sign-in',
      );
    const refreshed = (): void => tell({ type: 'token_refreshed' }, 'sign-in');
    refreshed();
    for (const failures of [1, 2, 3]) failed(undefined, failures);
    failed('other', 1);
    refreshed();
    refreshed();
    failed(undefined, 1);
    expect(journal.timeline.map(({ circuit, kind, detail }) => [circuit, kind, detail])).toEqual([
      ['sign-in', 'token_refresh_failed', 'refused'],
      ['sign-in', 'token_refresh_failed', 'refused'],
      ['sign-in', 'token_refreshed', undefined],
      ['sign-in', 'token_refresh_failed', 'refused'],
    ]);
  });

  it('has no line for a store of shared state: it is no circuit', () => {
    const { journal, tell } = setup();
    tell({ type: 'shared_state_unavailable', reason: 'timeout' }, '*');
    tell({ type: 'shared_state_available', downMs: 5_000 }, '*');
    expect(journal.timeline).toEqual([]);
    expect(journal.of('*')).toBeUndefined();
  });

  it('tells of thresholds that were learned', () => {
    const { journal, tell } = setup();
    tell({
      type: 'threshold_adapted',
      setting: 'recoveryTimeoutMs',
      oldValue: 60_000,
      newValue: 90_000,
      reason: 'failed_probes',
      calls: 9,
    });
    expect(journal.timeline).toMatchObject([
      { circuit: 'ghl', kind: 'threshold_adapted', detail: 'recoveryTimeoutMs', from: 60_000, to: 90_000 },
    ]);
  });

  it('shows a long outage with short waits as one, from its beginning', () => {
    const { clock, journal, moved } = setup();
    const start = clock.wallNow();
    moved('open');
    for (let probe = 0; probe < 100; probe++) {
      clock.jump(4_000);
      moved('half_open');
      clock.jump(4_000);
      moved('open');
    }
    const periods = journal.of('ghl')?.periods ?? [];
    expect(periods).toHaveLength(64);
    expect(periods[0]).toEqual({ at: start, kind: 'open' });
    // An outage that is out of sight is not drawn out into what is.
    moved('closed');
    clock.jump(3_600_000);
    for (let more = 0; more < 63; more++) moved(more % 2 === 0 ? 'open' : 'closed');
    expect(journal.of('ghl')?.periods[0]).toEqual({ at: clock.wallNow() - 3_600_000, kind: 'closed' });
  });

  it('keeps so many entries, and so many periods of a circuit', () => {
    const { journal, moved } = setup({ entries: 10 });
    for (let n = 0; n < 200; n++) moved(n % 2 === 0 ? 'open' : 'closed');
    expect(journal.timeline.map(({ id }) => id)).toEqual([191, 192, 193, 194, 195, 196, 197, 198, 199, 200]);
    expect(journal.of('ghl')?.periods).toHaveLength(64);
  });

  it('forgets the circuit that was silent longest, and one that is down only where all are', () => {
    const { clock, journal, failed, moved } = setup({ circuits: 3 });
    moved('open', {}, 'down');
    for (const name of ['a', 'b']) {
      clock.jump(1_000);
      failed('timeout', name);
    }
    clock.jump(1_000);
    failed('timeout', 'a');
    failed('timeout', 'c');
    expect(['down', 'a', 'b', 'c'].map((name) => journal.of(name) !== undefined)).toEqual([true, true, false, true]);
    for (const name of ['a', 'c']) moved('open', {}, name);
    clock.jump(1_000);
    failed('timeout', 'd');
    expect(['down', 'a', 'c', 'd'].map((name) => journal.of(name) !== undefined)).toEqual([false, true, true, true]);
  });

  it('hears nothing once it is disposed of', () => {
    const { registry, journal, failed } = setup();
    expect(registry.events.silent).toBe(false);
    journal[Symbol.dispose]();
    expect(registry.events.silent).toBe(true);
    failed('timeout');
    expect(journal.of('ghl')).toBeUndefined();
  });

  it('hears nothing of calls that succeed', async () => {
    const { registry, journal } = setup();
    const circuit = registry.obtain('ghl', 'ghl', {});
    await circuit.call(() => 'good');
    expect(journal.of('ghl')).toBeUndefined();
  });
});
