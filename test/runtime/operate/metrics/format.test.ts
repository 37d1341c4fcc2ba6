import { BreakerRegistry, operationStats } from 'fuseline';
import { collectMetrics } from 'fuseline/metrics';
import { FakeClock } from 'fuseline/testing';
import { AggregatorRegistry, Counter, Registry, type RegistryContentType } from 'prom-client';
import { beforeEach, describe, expect, test } from 'vitest';
import { errorOf, operation, testClient } from '../../../support/client.js';
import { answers, InMemory } from '../../../support/in-memory.js';
import { MetricsText } from '../../../support/metrics-text.js';
import { NO_PROMTOOL, promtool } from '../../../support/promtool.js';

/** A name that would end the label, the line and the metric. */
const HOSTILE = 'things.a"} 1\n# TYPE x gauge\\';
const NAMES = ['things.get', 'things.list', HOSTILE];

let registry: BreakerRegistry;
let register: Registry<RegistryContentType>;

beforeEach(async () => {
  const clock = new FakeClock();
  registry = new BreakerRegistry({ clock });
  register = new Registry();
  const dispatcher = new InMemory(answers(200), answers(200), answers(500));
  const client = testClient({ baseUrl: 'http://acme.test', token: 't', clock, registry, dispatcher, retry: false });
  for (const id of NAMES) await client.call(operation({ id }), {}).catch(() => undefined);
  registry.list()[0]?.forceOpen();
  await errorOf(client.call(operation({ id: HOSTILE }), {}));
  collectMetrics({ register, registry });
});

const OPEN_METRICS = Registry.OPENMETRICS_CONTENT_TYPE;
const PLAIN = Registry.PROMETHEUS_CONTENT_TYPE;

/** All samples, in whatever order and form they were written. */
function samplesOf(text: string): readonly unknown[] {
  const key = ({ name, labels }: MetricsText['samples'][number]): string => `${name} ${JSON.stringify(Object.entries(labels).sort())}`;
  return new MetricsText(text).samples.map((sample) => [key(sample), sample.value]).sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
}

/** What prom-client itself makes of the values, one by one. */
async function expected(): Promise<readonly unknown[]> {
  const json = (await register.getMetricsAsJSON()) as unknown as readonly {
    readonly name: string;
    readonly values: readonly { readonly metricName?: string; readonly labels: Record<string, string>; readonly value: number }[];
  }[];
  const line = (value: string): string => value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('"', '\\"');
  const text = json.flatMap(({ name, values }) =>
    values.map(({ metricName = name, labels, value }) => {
      const pairs = Object.entries(labels).map(([key, label]) => `${key}="${line(label)}"`);
      return `${metricName}{${pairs.join(',')}} ${value === Number.POSITIVE_INFINITY ? '+Inf' : value}`;
    }),
  );
  return samplesOf(text.join('\n'));
}

describe('text', () => {
  test.each([
    ['Prometheus', PLAIN],
    ['OpenMetrics', OPEN_METRICS],
  ] as const)('%s says what the JSON says', async (_, contentType) => {
    register.setContentType(contentType);
    const text = await register.metrics();
    expect(samplesOf(text)).toEqual(await expected());
    expect(samplesOf(text).length).toBeGreaterThan(100);
    expect(new MetricsText(text).value('circuit_breaker_calls_total', { operation: HOSTILE, status: 'failure' })).toBe(2);
    expect(text.endsWith('\n# EOF\n')).toBe(contentType === OPEN_METRICS);
  });

  test('OpenMetrics calls a counter by its name without _total, its samples by the whole name', async () => {
    register.setContentType(OPEN_METRICS);
    const text = new MetricsText(await register.metrics());
    expect(text.types.get('circuit_breaker_calls')).toBe('counter');
    expect([...text.types.keys()].filter((name) => name.endsWith('_total'))).toEqual([]);
    expect(text.all('circuit_breaker_calls_total')).toHaveLength(15);
    expect(text.all('circuit_breaker_calls')).toEqual([]);
  });

  test('one format after the other, in the same registry', async () => {
    const plain = await register.metrics();
    register.setContentType(OPEN_METRICS);
    const open = await register.metrics();
    expect(await register.metrics()).toBe(open);
    register.setContentType(PLAIN);
    expect(await register.metrics()).toBe(plain);
  });

  test.each([
    ['Prometheus', PLAIN],
    ['OpenMetrics', OPEN_METRICS],
  ] as const)('%s with default labels: every sample has them', async (_, contentType) => {
    const bare = samplesOf(await register.metrics());
    register.setContentType(contentType);
    register.setDefaultLabels({ app: 'bot', region: 'eu' });
    const { samples } = new MetricsText(await register.metrics());
    expect(samples).toHaveLength(bare.length);
    for (const { labels } of samples) expect(labels).toMatchObject({ app: 'bot', region: 'eu' });
  });

  test('registries that are merged, with default labels of their own', async () => {
    const other = new Registry();
    new Counter({ name: 'orders_total', help: 'Orders.', registers: [other] }).inc(3);
    const merged = Registry.merge([other, register as Registry]);
    const { samples } = new MetricsText((await merged.metrics()).replace('orders_total 3', 'orders_total{} 3'));
    expect(samples).toHaveLength((await expected()).length + 1);
    merged.setDefaultLabels({ app: 'bot' });
    for (const { labels } of new MetricsText(await merged.metrics()).samples) expect(labels['app']).toBe('bot');
  });

  test('a metric by itself', async () => {
    const text = await register.getSingleMetricAsString('circuit_breaker_state');
    expect(text.split('\n').slice(1)).toEqual(['# TYPE circuit_breaker_state gauge', 'circuit_breaker_state{service="acme"} 1']);
  });

  test('metrics of one scrape tell of one moment, and the next scrape of another', async () => {
    const [stats] = operationStats(registry);
    expect(stats?.operation).toBe('things.get');
    const before = await register.metrics();
    if (stats !== undefined) stats.attempts += 5;
    const after = new MetricsText(await register.metrics());
    expect(after.value('circuit_breaker_attempts_total', { operation: 'things.get' })).toBe(6);
    expect(new MetricsText(before).value('circuit_breaker_attempts_total', { operation: 'things.get' })).toBe(1);
  });
});

test("a cluster's workers: counts are added up, a state is not", async () => {
  const worker = await register.getMetricsAsJSON();
  const merged = AggregatorRegistry.aggregate([structuredClone(worker), structuredClone(worker)]);
  const text = new MetricsText(await merged.metrics());
  expect(text.value('circuit_breaker_state', { service: 'acme' })).toBe(1);
  expect(text.value('circuit_breaker_calls_total', { operation: 'things.get', status: 'success' })).toBe(2);
  expect(text.value('circuit_breaker_call_duration_seconds_count', { operation: 'things.get' })).toBe(2);
  expect(text.value('circuit_breaker_circuits', { service: 'acme', state: 'open' })).toBe(2);
});

describe.skipIf(NO_PROMTOOL)('promtool check metrics', () => {
  test('finds nothing but the one name in milliseconds', async () => {
    expect(promtool(['check', 'metrics'], await register.metrics())).toEqual({
      code: 3,
      output: 'circuit_breaker_response_time_ms metric names should not contain abbreviated units\n',
    });
  });

  test('finds nothing where that is left out', async () => {
    const clean = new Registry();
    collectMetrics({ register: clean, registry, omit: ['circuit_breaker_response_time_ms'] });
    expect(promtool(['check', 'metrics'], await clean.metrics())).toEqual({ code: 0, output: '' });
  });
});
