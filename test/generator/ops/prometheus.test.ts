import { BreakerRegistry } from 'fuseline';
import { GhlClient } from 'fuseline/ghl';
import { ghlHandlers } from 'fuseline/ghl/msw';
import { collectMetrics } from 'fuseline/metrics';
import { FakeClock, MockServer } from 'fuseline/testing';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alertRulesFile } from '../../../generator/ops/alert-rules-file.js';
import { dashboard } from '../../../generator/ops/dashboard/dashboard.js';
import { MetricsServer, NO_PROMETHEUS, Prometheus, type Series } from '../../support/prometheus.js';
import { type DashboardJson, expressionsOf, filledIn } from './expressions.js';
import { plan } from './plan.js';

const PLAN = plan(`circuit_breaker: { services: { ghl: { failure_threshold: 3, timeout_seconds: 30 }, retell: {} } }
alerts: { rules: { low_success_rate: { minimum_calls: 10 } } }`);

const FIRING = 'ALERTS{alertstate="firing"}';

/** Names of the alerts of a service, shortened. */
const alerts = (series: readonly Series[], service = 'ghl'): readonly string[] =>
  series
    .filter(({ labels }) => labels['service'] === service)
    .map(({ labels }) => labels['alertname']?.replace('CircuitBreaker', '') ?? '')
    .sort();

/** A Prometheus that scrapes a bot: real clients, a real server, sockets in between. Only the bot's clock is moved by hand. */
describe.skipIf(NO_PROMETHEUS)('a real Prometheus', () => {
  const clock = new FakeClock();
  let vendor: MockServer;
  let target: MetricsServer;
  let prometheus: Prometheus;
  let ghl: GhlClient;

  beforeAll(async () => {
    vendor = await MockServer.start((url) => ghlHandlers(url));
    const registry = new BreakerRegistry({ clock });
    const register = new Registry();
    collectMetrics({ register, registry, services: ['retell'] });
    ghl = new GhlClient({
      baseUrl: vendor.url,
      token: 'test',
      registry,
      clock,
      retry: false,
      env: {},
      breaker: { failureThreshold: 3, recoveryTimeoutMs: 60_000, successThreshold: 1 },
      bulkhead: { maxConcurrent: 20 },
    });
    target = await MetricsServer.start(registry, register);
    prometheus = await Prometheus.start(target, alertRulesFile(PLAN));
  });

  afterAll(async () => {
    await prometheus?.stop();
    await target?.stop();
    await vendor?.close();
  });

  /** Calls that keep their last good answer, and calls that have none. */
  async function call(times: number): Promise<void> {
    for (let at = 0; at < times; at++) {
      await ghl.contacts.get({ contactId: 'cnt_1' }).result();
      await ghl.contacts.create({ body: { locationId: 'loc_1' } }).result();
    }
  }

  // One test, because an outage has one order.
  test('sees an outage from its beginning to its end, and every query and rule has an answer', async () => {
    await call(2);
    await prometheus.until('circuit_breaker_calls_total{operation="contacts.get", status="success"}', ([series]) => series?.value === 2);
    const states = await prometheus.query('circuit_breaker_state');
    expect(states.map(({ labels, value }) => [labels['job'], labels['service'], value])).toEqual([
      ['bot', 'ghl', 0],
      ['bot', 'retell', 0],
    ]);
    // It prefers OpenMetrics, and takes it.
    expect([...target.contentTypes]).toEqual([Registry.OPENMETRICS_CONTENT_TYPE]);
    expect(await prometheus.query(FIRING)).toEqual([]);

    vendor.outage = 'errors';
    await call(10);
    clock.jump(20_000);
    await prometheus.until(FIRING, (series) => alerts(series).includes('Open'));
    expect(await prometheus.query('circuit_breaker_state{service="ghl"}')).toMatchObject([{ value: 1 }]);
    expect(await prometheus.query('circuit_breaker_down_seconds{service="ghl"}')).toMatchObject([{ value: 20 }]);
    expect(await prometheus.query('circuit_breaker_retry_after_seconds{service="ghl"}')).toMatchObject([{ value: 40 }]);
    expect(await prometheus.query('circuit_breaker_requests_blocked_total{service="ghl"}')).toMatchObject([{ value: 17 }]);

    const expressions = expressionsOf(JSON.parse(JSON.stringify(dashboard(PLAN))) as DashboardJson).map(filledIn);
    const ofRecoveries = expressions.filter((expression) => expression.includes('recovery_time'));
    expect([expressions.length, ofRecoveries.length]).toEqual([33, 2]);
    const answered = (series: readonly Series[]): boolean => series.some(({ value }) => !Number.isNaN(value));
    for (const expression of expressions) if (!ofRecoveries.includes(expression)) await prometheus.until(expression, answered);
    expect(alerts(await prometheus.query(FIRING))).toEqual(['Open']);

    // Nobody calls while it could probe: it is half-open, and not closed for longer and longer.
    clock.jump(400_000);
    await prometheus.until(FIRING, (series) => alerts(series).join() === 'HalfOpen,OpenLong');
    vendor.outage = undefined;
    await call(10);
    await prometheus.until(FIRING, (series) => alerts(series).join() === 'LowSuccessRate,Recovered');
    expect(await prometheus.query('circuit_breaker_recovery_time_seconds_sum{service="ghl"}')).toMatchObject([{ value: 420 }]);
    for (const expression of ofRecoveries) await prometheus.until(expression, answered);
    expect(alerts(await prometheus.query(FIRING), 'retell')).toEqual([]);
    for (const { name, health, lastError } of await prometheus.rules()) expect([name, health, lastError]).toEqual([name, 'ok', undefined]);
    expect(await prometheus.rules()).toHaveLength(27);
  });
});
