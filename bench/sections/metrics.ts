import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { BreakerRegistry, LATENCY_BUCKETS_MS, type OperationStats, operationStats } from '../../runtime/index.js';
import { collectMetrics } from '../../runtime/operate/metrics/index.js';
import { contactsGet, ServiceClient, service } from '../client.js';
import { measure, quantile, type Variant } from '../measure.js';
import { memoryDispatcher } from '../memory-dispatcher.js';
import { comparison, type Table } from '../report.js';
import { hand, plan, QUICK } from '../settings.js';

const OPERATIONS = 1_000;
const dispatcher = memoryDispatcher();

function clientOf(registry: BreakerRegistry): ServiceClient {
  return new ServiceClient(service, { token: 'bench-token', dispatcher, registry, env: {} });
}

/** Calls that are answered from memory: what a metric costs would show nowhere better. */
function calls(name: string, registry: BreakerRegistry): Variant {
  const client = clientOf(registry);
  return {
    name,
    async run(count) {
      for (let at = 0; at < count; at++) await client.call(contactsGet, { contactId: 'c0ffee0000000000000001' });
    },
  };
}

const collected = new BreakerRegistry();
collectMetrics({ register: new Registry(), registry: collected });
const plain = new BreakerRegistry();
const rows = await measure(
  [calls('fuseline client', plain), calls('the same again (A/A)', plain), calls('fuseline client, metrics collected', collected)],
  plan({ rounds: 61, batchMs: 60 }, { rounds: 21, batchMs: 40 }),
);

/** A registry in which that many operations were called. */
async function busyRegistry(): Promise<BreakerRegistry> {
  const registry = new BreakerRegistry();
  const client = clientOf(registry);
  for (let at = 0; at < OPERATIONS; at++) {
    const operation = { ...contactsGet, id: `contacts.get${at}`, name: `get${at}` };
    for (let call = 0; call < 3; call++) await client.call(operation, { contactId: `c${call}` });
  }
  return registry;
}

const registry = await busyRegistry();

function ours(defaultLabels: object = {}): Registry {
  const register = new Registry();
  register.setDefaultLabels(defaultLabels);
  collectMetrics({ register, registry });
  return register;
}

/** The operations' part of the same numbers, put into metrics of prom-client at each scrape: what one writes by hand. */
function byHand(): Registry {
  const register = new Registry();
  const labelNames = ['service', 'operation'];
  const all = { labelNames, registers: [register] };
  const calls = new Counter({ ...all, name: 'calls_total', help: 'Calls.', labelNames: [...labelNames, 'status'] });
  const counters = (['rejected', 'limited', 'attempts', 'retries', 'timeouts'] as const).map(
    (key) => [key, new Counter({ ...all, name: `${key}_total`, help: key })] as const,
  );
  const inFlight = new Gauge({ ...all, name: 'in_flight', help: 'Under way.' });
  const buckets = LATENCY_BUCKETS_MS.map((ms) => ms / 1_000);
  new Histogram({
    ...all,
    name: 'duration_seconds',
    help: 'Durations.',
    buckets,
    collect() {
      this.reset();
      for (const metric of [calls, inFlight, ...counters.map(([, counter]) => counter)]) metric.reset();
      for (const stats of operationStats(registry)) put(stats, this);
    },
  });
  function put(stats: OperationStats, durations: Histogram): void {
    const { service, operation } = stats;
    const labels = { service, operation };
    for (const status of ['successes', 'failures', 'cancelled', 'cacheAnswers', 'fallbackAnswers'] as const)
      calls.inc({ ...labels, status }, stats[status]);
    for (const [key, counter] of counters) counter.inc(labels, stats[key]);
    inFlight.set(labels, stats.inFlight);
    durations.zero(labels);
    for (const [at, count] of (stats.durationBuckets ?? []).entries())
      for (let each = 0; each < count; each++) durations.observe(labels, buckets[at] ?? 1e3);
  }
  return register;
}

/** CPU and wall milliseconds of one scrape: medians over interleaved rounds, and the wall's worst. */
async function scrapes(variants: readonly (readonly [string, Registry])[]): Promise<readonly (readonly [string, ...number[]])[]> {
  const samples = new Map(
    variants.map(([name]) => [name, [] as { readonly cpu: number; readonly wall: number; readonly bytes: number }[]]),
  );
  for (let round = 0; round < (QUICK ? 30 : 100); round++) {
    for (const [name, register] of variants) {
      const wall = process.hrtime.bigint();
      const cpu = process.cpuUsage();
      const text = await register.metrics();
      const { user, system } = process.cpuUsage(cpu);
      const sample = { cpu: (user + system) / 1_000, wall: Number(process.hrtime.bigint() - wall) / 1e6, bytes: text.length };
      // The first ones are compiled meanwhile.
      if (round >= 10) samples.get(name)?.push(sample);
    }
  }
  return [...samples].map(([name, all]) => {
    const of = (key: 'cpu' | 'wall' | 'bytes', part = 0.5): number =>
      quantile(
        all.map((sample) => sample[key]),
        part,
      );
    return [name, of('cpu'), of('wall'), of('wall', 1), of('bytes') / 1_000] as const;
  });
}

const measured = await scrapes([
  ['fuseline', ours()],
  ['fuseline, default labels', ours({ app: 'bot' })],
  ['prom-client metrics, by hand (operations alone)', byHand()],
]);
const table: Table = {
  title: `A scrape of ${OPERATIONS.toLocaleString('en')} operations`,
  columns: ['CPU ms', 'wall ms', 'worst wall ms', 'kB'],
  rows: measured.map(([name, ...numbers]) => [name, ...numbers.map((number) => number.toFixed(1))]),
};
hand({
  tables: [comparison('A call answered from memory, with and without collected metrics', rows, 'ns'), table],
  marks: [
    { name: 'A call with metrics collected: CPU against one without', value: rows[2]?.ratio ?? Number.NaN, limit: 1.01, unit: '' },
    { name: `Scrape of ${OPERATIONS} operations: CPU`, value: measured[0]?.[1] ?? Number.NaN, limit: 10, unit: ' ms' },
  ],
});
process.exit(0);
