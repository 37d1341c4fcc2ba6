import { ConfigurationError } from '../../errors/configuration-error.js';
import type { BreakerRegistry } from '../../policies/circuit-breaker/registry.js';
import type { TierMetrics } from '../../protect/tiers/tier-metrics.js';
import { CURRENT, userObject } from '../../user-code.js';
import { METRICS, type MetricName } from './catalog.js';
import { Family } from './family.js';
import { OPERATION_READERS } from './operation-readers.js';
import { LabelCache, type Scrape, scrapeOf } from './scrape.js';
import { SERVICE_READERS } from './service-readers.js';
import { entry, frozen, type Totals, totalsOf } from './totals.js';

/** The used part of a prom-client registry. */
export interface MetricsRegister {
  registerMetric(metric: never): void;
  getSingleMetric(name: string): unknown;
  removeSingleMetric(name: string): void;
}

/** The options of one `collectMetrics`. */
export interface Collection {
  readonly registry: BreakerRegistry;
  readonly services: readonly string[];
  readonly tiers: Readonly<Record<string, { metrics(): readonly TierMetrics[] }>>;
  readonly names: readonly MetricName[];
}

const READERS = { ...SERVICE_READERS, ...OPERATION_READERS };

/** The metrics of one prom-client registry under one prefix. It adds up the counts of several breaker registries. */
export class Exporter {
  readonly #families = new Map<MetricName, Family<Scrape>>();
  readonly #collections = new Set<Collection>();
  readonly #labels = new LabelCache();
  /** The counts of registries whose last collection ended while others continued, because sums must not fall. */
  readonly #left = new Set<Totals>();
  readonly #leftBy = new WeakMap<BreakerRegistry, Totals>();
  #scrape: Scrape | undefined;

  constructor(
    readonly register: MetricsRegister,
    readonly prefix: string,
  ) {}

  /** Adds a collection. @throws {ConfigurationError} if the register has another metric with one of its names. Nothing is added then. */
  add(collection: Collection): void {
    const register = userObject(this.register);
    for (const [name, tiers] of Object.entries(collection.tiers)) {
      const other = [...this.#collections].find((known) => Object.hasOwn(known.tiers, name) && known.tiers[name] !== tiers);
      if (other !== undefined) throw new ConfigurationError(`tiers['${name}']`, tiers, 'a name that no other tiers are collected under');
    }
    for (const name of collection.names) {
      const found = CURRENT.invoke(register, 'getSingleMetric', this.prefix + name);
      if (found !== undefined && found !== this.#families.get(name))
        throw new ConfigurationError(
          'register',
          this.prefix + name,
          'a registry without a metric of this name',
          'Give a `prefix`, or leave the name out by `omit`.',
        );
    }
    for (const name of collection.names) {
      const family = entry(this.#families, name, () => new Family(this.prefix + name, METRICS[name], () => this.#now(), READERS[name]));
      // The user can have cleared the registry meanwhile.
      if (CURRENT.invoke(register, 'getSingleMetric', family.name) === undefined)
        CURRENT.invoke(register, 'registerMetric', family as never);
    }
    this.#collections.add(collection);
    const left = this.#leftBy.get(collection.registry);
    if (left !== undefined) this.#left.delete(left);
  }

  /** Removes a collection, and with the last one the metrics. Returns whether it was the last. */
  remove(collection: Collection): boolean {
    this.#collections.delete(collection);
    if (this.#collections.size === 0) {
      const register = userObject(this.register);
      for (const family of this.#families.values()) {
        // The user can have cleared the registry and registered a metric with this name.
        if (CURRENT.invoke(register, 'getSingleMetric', family.name) === family)
          CURRENT.invoke(register, 'removeSingleMetric', family.name);
      }
      return true;
    }
    const { registry } = collection;
    if ([...this.#collections].some((other) => other.registry === registry)) return false;
    const left = frozen(totalsOf(registry));
    this.#left.add(left);
    this.#leftBy.set(registry, left);
    return false;
  }

  /** Returns the present scrape. prom-client reads all metrics in one turn, so they share one reading. */
  #now(): Scrape {
    if (this.#scrape !== undefined) return this.#scrape;
    const collections = [...this.#collections];
    const scrape = scrapeOf(
      {
        registries: [...new Set(collections.map(({ registry }) => registry))],
        left: this.#left,
        services: collections.flatMap(({ services }) => services),
        tiers: new Map(collections.flatMap(({ tiers }) => Object.entries(tiers))),
      },
      this.#labels,
    );
    this.#scrape = scrape;
    queueMicrotask(() => {
      this.#scrape = undefined;
    });
    return scrape;
  }
}
