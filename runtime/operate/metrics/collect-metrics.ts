import { listOf } from '../../errors/checks.js';
import { ConfigurationError } from '../../errors/configuration-error.js';
import { givenObject } from '../../errors/given.js';
import { unknownName } from '../../errors/known-options.js';
import { checkedLater, givenOptions, type OptionTable } from '../../errors/option-table.js';
import { shownValue } from '../../errors/shown-value.js';
import { dispose } from '../../observe/subscription.js';
import { givenRegistry } from '../../policies/circuit-breaker/given-registry.js';
import { type BreakerRegistry, defaultRegistry } from '../../policies/circuit-breaker/registry.js';
import type { TierMetrics } from '../../protect/tiers/tier-metrics.js';
import { METRIC_NAMES, type MetricName } from './catalog.js';
import { type Collection, Exporter, type MetricsRegister } from './exporter.js';
import { entry } from './totals.js';

export interface CollectMetricsOptions {
  /** The prom-client registry that shows the metrics: `register` of prom-client, or a `new Registry()`. */
  readonly register: MetricsRegister;
  /** The registry whose circuits and operations are shown. Default: the registry that clients share. */
  readonly registry?: BreakerRegistry;
  /** The prefix of every name: `bot_` makes `bot_circuit_breaker_state`. Default: none. */
  readonly prefix?: string;
  /** Services that are shown from the start, with zeros, besides those that have clients. Default: none. */
  readonly services?: readonly string[];
  /** Functions made by `tiers()`, by their name in the label `operation`. Default: none. */
  readonly tiers?: Readonly<Record<string, { metrics(): readonly TierMetrics[] }>>;
  /** The metrics to leave out, by their names without a prefix. Default: none. */
  readonly omit?: readonly MetricName[];
}

const OPTIONS: OptionTable<CollectMetricsOptions> = {
  register: checkedLater,
  registry: givenRegistry,
  prefix: (option, value: unknown) => {
    if (typeof value !== 'string' || !/^([a-zA-Z_:][a-zA-Z0-9_:]*)?$/.test(value))
      throw new ConfigurationError(option, value, 'letters, digits, _ and :, not beginning with a digit');
  },
  services: listOf((option, name: unknown) => {
    if (typeof name !== 'string' || name === '') throw new ConfigurationError(option, name, 'the name of a service');
  }),
  tiers: (option, value: object) => {
    for (const [name, tiered] of Object.entries(givenObject(option, value))) {
      if (typeof tiered?.metrics !== 'function') throw new ConfigurationError(`${option}['${name}']`, tiered, 'a function made by tiers()');
    }
  },
  omit: listOf((option, name: MetricName) => {
    if (!METRIC_NAMES.includes(name))
      throw unknownName(option, shownValue(name), typeof name === 'string' ? name : '', METRIC_NAMES, 'the name of a metric');
  }),
};

const exporters = new WeakMap<MetricsRegister, Map<string, Exporter>>();

/** A running collection. */
export class MetricsCollection {
  readonly #exporter: Exporter;
  readonly #collection: Collection;
  #ended = false;

  /** @internal */
  constructor(exporter: Exporter, collection: Collection) {
    this.#exporter = exporter;
    this.#collection = collection;
  }

  /**
   * Ends this collection. With the last collection of a prom-client registry, its metrics are removed. Until then, sums keep the counts of this one,
   * because a counter must not fall. Safe to call twice.
   */
  unregister(): void {
    if (this.#ended) return;
    this.#ended = true;
    const { register, prefix } = this.#exporter;
    if (this.#exporter.remove(this.#collection)) exporters.get(register)?.delete(prefix);
  }

  [dispose](): void {
    this.unregister();
  }
}

/**
 * Shows the counts of circuits and operations as Prometheus metrics, in a prom-client registry. A call does no work for it: it counts in plain fields,
 * which prom-client reads at a scrape.
 *
 * Can be called several times: for several prom-client registries, and for several breaker registries in one of them. The counts of those are added up
 * by service and operation.
 *
 * @throws {ConfigurationError} if an option cannot work, or the prom-client registry has another metric with one of these names. An error of that
 *   registry passes through.
 * @example
 * import { register } from 'prom-client';
 *
 * collectMetrics({ register });
 * createServer(async (_request, response) => {
 *   response.setHeader('content-type', register.contentType).end(await register.metrics());
 * });
 */
export function collectMetrics(options: CollectMetricsOptions): MetricsCollection {
  const {
    register,
    registry = defaultRegistry,
    prefix = '',
    services = [],
    tiers = {},
    omit = [],
  } = givenOptions('collectMetrics', options, OPTIONS);
  for (const method of ['registerMetric', 'getSingleMetric', 'removeSingleMetric'] as const) {
    if (typeof register?.[method] !== 'function')
      throw new ConfigurationError('register', register, 'a registry of prom-client', "`import { register } from 'prom-client'`");
  }
  const ofRegister = entry(exporters, register, () => new Map<string, Exporter>());
  const exporter = ofRegister.get(prefix) ?? new Exporter(register, prefix);
  const collection: Collection = { registry, services: [...services], tiers, names: METRIC_NAMES.filter((name) => !omit.includes(name)) };
  exporter.add(collection);
  ofRegister.set(prefix, exporter);
  return new MetricsCollection(exporter, collection);
}
