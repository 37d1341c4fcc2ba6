import { BreakerRegistry, ConfigurationError } from 'fuseline';
import { healthHandler, type Metrics } from 'fuseline/health';
import { collectMetrics } from 'fuseline/metrics';
import { Counter, Gauge, Histogram, Registry, Summary } from 'prom-client';
import { describe, expect, test } from 'vitest';
import { prefersOpenMetrics } from '../../../../runtime/operate/health/metrics.js';

const OPEN_METRICS = 'application/openmetrics-text; version=1.0.0; charset=utf-8';
const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
/** What Prometheus 2 and 3 send. */
const PROMETHEUS =
  'application/openmetrics-text;version=1.0.0;q=0.5,application/openmetrics-text;version=0.0.1;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2';

function scraper(metrics: Metrics) {
  const handler = healthHandler({ registry: new BreakerRegistry(), token: false, metrics, warn: () => undefined });
  return async (accept?: string) => {
    const headers = accept === undefined ? {} : { accept };
    const response = await handler(new Request('http://localhost/metrics', { headers }));
    return {
      status: response.status,
      type: response.headers.get('content-type'),
      vary: response.headers.get('vary'),
      text: await response.text(),
    };
  };
}

/** A registry with one metric of each kind, one of them read at each scrape. */
function register(): Registry {
  const registry = new Registry();
  const registers = [registry];
  new Counter({ name: 'calls_total', help: 'Calls', labelNames: ['service'], registers }).inc({ service: 'ghl' }, 3);
  const histogram = new Histogram({ name: 'duration_seconds', help: 'Durations', buckets: [1, 2], registers });
  histogram.observe(1.5);
  new Summary({ name: 'sizes', help: 'Sizes', percentiles: [0.5], registers }).observe(7);
  let scrapes = 0;
  const gauge = new Gauge({
    name: 'scrapes',
    help: 'Scrapes',
    registers,
    collect: () => {
      gauge.reset();
      gauge.set(++scrapes);
    },
  });
  return registry;
}

describe('GET /metrics', () => {
  test('is not there without anything to show', async () => {
    const handler = healthHandler({ registry: new BreakerRegistry(), token: false });
    expect((await handler(new Request('http://localhost/metrics'))).status).toBe(404);
  });

  test('answers with the text and the content type of a registry', async () => {
    const registry = register();
    const { status, type, text } = await scraper(registry)();
    expect([status, type]).toEqual([200, TEXT]);
    expect(text).toContain('# TYPE calls_total counter\ncalls_total{service="ghl"} 3\n');
  });

  test('answers with OpenMetrics where that is preferred, and leaves the registry as it was', async () => {
    const registry = register();
    const scrape = scraper(registry);
    const before = await scrape();
    const [open, plain] = await Promise.all([scrape(PROMETHEUS), scrape('text/plain')]);
    expect([open.type, open.vary, plain.type]).toEqual([OPEN_METRICS, 'accept', TEXT]);
    expect(open.text).toMatch(/# TYPE calls counter\ncalls_total\{service="ghl"\} 3\n/);
    expect(open.text).toContain('duration_seconds_bucket{le="2"} 1\n');
    expect(open.text.endsWith('# EOF\n')).toBe(true);
    const after = await scrape();
    expect(plain.text.replace(/scrapes \d/, '')).toBe(before.text.replace(/scrapes \d/, ''));
    expect(after.text.replace(/scrapes \d/, '')).toBe(before.text.replace(/scrapes \d/, ''));
    expect(after.text).toContain('scrapes 4\n');
    expect(registry.contentType).toBe(TEXT);
    expect(registry.getSingleMetric('calls_total')).toHaveProperty('name', 'calls_total');
  });

  test('shows what the runtime counts, in both formats at once', async () => {
    const register = new Registry();
    const registry = new BreakerRegistry();
    using _ = collectMetrics({ register, registry });
    for (const name of ['ghl', 'retell']) await registry.obtain(name, name, {}).call(async () => name);
    const scrape = scraper(register);
    const [open, plain] = await Promise.all([scrape(PROMETHEUS), scrape()]);
    const line = /^circuit_breaker_requests_total\{service="retell"\} 1$/m;
    expect([plain.text, open.text].map((text) => line.test(text))).toEqual([true, true]);
    expect(plain.text).toContain('# TYPE circuit_breaker_requests_total counter\n');
    expect(open.text).toContain('# TYPE circuit_breaker_requests counter\n');
  });

  test('answers with what a function gives', async () => {
    const scrape = scraper(({ openMetrics }) =>
      Promise.resolve({ contentType: openMetrics ? OPEN_METRICS : TEXT, body: `open ${openMetrics}\n` }),
    );
    expect(await scrape()).toMatchObject({ type: TEXT, text: 'open false\n' });
    expect(await scrape(PROMETHEUS)).toMatchObject({ type: OPEN_METRICS, text: 'open true\n' });
  });

  test('a registry that is OpenMetrics, or has its text alone, stays itself', async () => {
    const open = new Registry();
    open.setContentType(OPEN_METRICS as unknown as typeof TEXT);
    expect(await scraper(open)('text/plain')).toMatchObject({ type: OPEN_METRICS });
    expect(await scraper({ contentType: TEXT, metrics: async () => 'up 1\n' })(PROMETHEUS)).toMatchObject({ type: TEXT, text: 'up 1\n' });
  });

  test('a failing one is a 500 that shows nothing', async () => {
    const { status, text } = await scraper(() => Promise.reject(new Error('secret')))();
    expect([status, text.includes('secret')]).toEqual([500, false]);
  });

  test('what is neither is refused', () => {
    expect(() => healthHandler({ token: false, metrics: {} as Metrics })).toThrow(ConfigurationError);
    expect(() => healthHandler({ token: false, metrics: null as unknown as Metrics })).toThrow(/metrics/);
  });
});

test.each([
  [null, false],
  ['', false],
  ['*/*', false],
  ['text/plain', false],
  ['text/html,application/xhtml+xml,*/*;q=0.8', false],
  ['application/openmetrics-text', true],
  ['Application/OpenMetrics-Text; Version=1.0.0', true],
  [PROMETHEUS, true],
  ['text/plain;q=0.5, application/openmetrics-text;q=0.4', false],
  ['application/openmetrics-text;q=0', false],
  ['application/openmetrics-text;q=nonsense', false],
])('Accept: %s prefers OpenMetrics: %s', (accept, expected) => {
  expect(prefersOpenMetrics(accept)).toBe(expected);
});
