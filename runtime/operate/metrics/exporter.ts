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

/** What is needed of a prom-client registry. */
export interface MetricsRegister {
  registerMetric(metric: never): void;
  getSingleMetric(name: string): unknown;
  removeSingleMetric(name: string): void;
}

/** What one `collectMetrics` asked for. */
export interface Collection {
  readonly registry: BreakerRegistry;
  readonly services: readonly string[];
  readonly tiers: Readonly<Record<string, { metrics(): readonly TierMetrics[] }>>;
  readonly names: readonly MetricName[];
}

const READERS = { ...SERVICE_READERS, ...OPERATION_READERS };

/** The metrics of one prom-client registry under one prefix, whoever collects into them: several breaker registries are added up. */
export class Exporter {
  readonly #families = new Map<MetricName, Family<Scrape>>();
  readonly #collections = new Set<Collection>();
  readonly #labels = new LabelCache();
  /** What registries had counted when no one collected them any more while others went on: sums must not fall. Small: numbers alone. */
  readonly #left = new Set<Totals>();
  readonly #leftBy = new WeakMap<BreakerRegistry, Totals>();
  #scrape: Scrape | undefined;

  constructor(
    readonly register: MetricsRegister,
    readonly prefix: string,
  ) {}

  /** @throws {ConfigurationError} where the register has a metric of that name from elsewhere; nothing is added then. */
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
      // Someone may have cleared the registry meanwhile.
      if (CURRENT.invoke(register, 'getSingleMetric', family.name) === undefined)
        CURRENT.invoke(register, 'registerMetric', family as never);
    }
    this.#collections.add(collection);
    const left = this.#leftBy.get(collection.registry);
    if (left !== undefined) this.#left.delete(left);
  }

  /** Ends a collection, and with the last one takes the metrics out of the register. Returns whether it was the last. */
  remove(collection: Collection): boolean {
    this.#collections.delete(collection);
    if (this.#collections.size === 0) {
      const register = userObject(this.register);
      for (const family of this.#families.values()) {
        // Someone may have cleared the registry, and put a metric of this name there.
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

  /** prom-client asks all metrics in one go: all of them tell of the same moment, and everything is read once. */
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
