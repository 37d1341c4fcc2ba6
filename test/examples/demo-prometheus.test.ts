import { loadBreakers } from 'fuseline/config';
import { afterEach, expect, it } from 'vitest';
import { alertRulesFile } from '../../generator/ops/alert-rules-file.js';
import { dashboard } from '../../generator/ops/dashboard/dashboard.js';
import { planOf } from '../../generator/ops/service-plan.js';
import { type DashboardJson, expressionsOf, filledIn } from '../generator/ops/expressions.js';
import { Demo } from '../support/demo.js';
import { NO_PROMETHEUS, Prometheus, type Series } from '../support/prometheus.js';

let demo: Demo | undefined;
let prometheus: Prometheus | undefined;
afterEach(async () => {
  demo?.kill();
  await prometheus?.stop();
});

const hasValue = (series: readonly Series[]): boolean => series.some(({ value }) => !Number.isNaN(value));
/** Metrics with their labels, as an expression names them. */
const metricsIn = (expressions: Iterable<string>): ReadonlySet<string> =>
  new Set([...expressions].flatMap((expression) => expression.match(/circuit_breaker_\w+\{[^}]*\}/g) ?? []));

/** The demo lacks nothing on its own machine, and signs in nowhere. */
const NOT_IN_DEMO = /cause="local"|token_renewals/;

/** Prometheus as an operator has it: the demo's own server is scraped, and the files are those of `fuseline dashboards`. */
it.skipIf(NO_PROMETHEUS)('a real Prometheus scrapes the demo: every panel has data, every rule works', async () => {
  const { config } = await loadBreakers('specs/breakers.yaml');
  if (config === undefined) throw new Error('specs/breakers.yaml has errors');
  const plan = planOf(config, undefined, '');
  const rules = alertRulesFile(plan);
  demo = await Demo.start();
  const { base, adminToken } = demo;
  prometheus = await Prometheus.start({ address: new URL(base).host }, rules);

  // Its story begins with an outage of GHL.
  const open = 'ALERTS{alertstate="firing", alertname="CircuitBreakerOpen", service="ghl"}';
  await prometheus.until(open, (series) => series.length === 1);
  // Which would last for a while; an operator ends it.
  const { circuit_breakers } = (await (await fetch(`${base}/health/circuit-breakers`)).json()) as { circuit_breakers: object };
  const ghl = Object.keys(circuit_breakers).find((name) => name.startsWith('ghl')) ?? '';
  const reset = `${base}/circuit-breakers/${encodeURIComponent(ghl)}/reset`;
  expect((await fetch(reset, { method: 'POST', headers: { authorization: `Bearer ${adminToken}` } })).status).toBe(200);

  const panels = expressionsOf(JSON.parse(JSON.stringify(dashboard(plan))) as DashboardJson).map(filledIn);
  expect(panels.length).toBeGreaterThan(30);
  for (const expression of panels) await prometheus.until(expression, hasValue);
  const ofServices = [...metricsIn([...panels, ...rules.split('\n')])].filter(
    (metric) => !metric.includes('!~') && !NOT_IN_DEMO.test(metric),
  );
  expect(ofServices.length).toBeGreaterThan(40);
  for (const metric of ofServices) expect([metric, (await prometheus.query(metric)).length > 0]).toEqual([metric, true]);

  await prometheus.until(
    'ALERTS{alertstate="firing", alertname="CircuitBreakerRecovered", service="ghl"}',
    (series) => series.length === 1,
  );
  const evaluated = await prometheus.rules();
  expect(evaluated.length).toBeGreaterThan(20);
  for (const { name, health, lastError } of evaluated) expect([name, health, lastError]).toEqual([name, 'ok', undefined]);
});
