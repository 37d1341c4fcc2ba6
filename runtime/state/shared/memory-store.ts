import { type Clock, systemClock } from '../../clock.js';
import { givenClock } from '../../errors/given.js';
import { givenOptions } from '../../errors/option-table.js';
import type { SharedStateStore } from './store.js';

/**
 * A store for several registries of one process, and for tests. Its contents end with the process. `clock` measures the leases.
 *
 * @example
 * const store = memoryStore();
 * const one = shareState({ store, registry: first });
 * const other = shareState({ store, registry: second });
 */
export function memoryStore(options: { readonly clock?: Clock } = {}): SharedStateStore {
  const { clock = systemClock } = givenOptions('memoryStore', options, { clock: givenClock });
  const entries = new Map<string, { readonly report: string; readonly at: number; readonly until: number }>();
  return {
    exchange(instance, report, leaseMs) {
      const now = clock.now();
      for (const [name, { until }] of entries) if (until <= now) entries.delete(name);
      entries.set(instance, { report, at: now, until: now + leaseMs });
      const others = [...entries].filter(([name]) => name !== instance);
      return Promise.resolve(others.map(([name, entry]) => ({ instance: name, report: entry.report, ageMs: now - entry.at })));
    },
  };
}
