import { BreakerRegistry, type CircuitBreaker, type Clock } from 'fuseline';
import { getCircuitBreaker } from 'fuseline/protect';
import { expect } from 'vitest';
import { systemClock } from '../../runtime/clock.js';
import { errorOf } from '../support/client.js';
import { tenant } from './tenants.js';

export const inOps = <T>(work: () => T): T => tenant.run('ops', work);

/** A registry, and notes of what ran in whose context. */
export class Notes {
  readonly registry = new BreakerRegistry();
  /** What ran, and the tenant in whose context it did. */
  readonly entries: { readonly what: string; readonly found: string | undefined }[] = [];

  /** The machine's clock, which notes in whose context timers are set. */
  readonly clock: Clock = {
    ...systemClock,
    setTimeout: (callback, delayMs) => {
      this.note('timer');
      return systemClock.setTimeout(callback, delayMs);
    },
  };

  note(what: string): void {
    this.entries.push({ what, found: tenant.getStore() });
  }

  circuit(name = 'rates'): CircuitBreaker {
    return getCircuitBreaker(name, { registry: this.registry, failureThreshold: 1 });
  }

  /** Makes a call of `ana` that opens the circuit. */
  opens(name = 'rates'): Promise<unknown> {
    return tenant.run('ana', () => errorOf(this.circuit(name).call(() => Promise.reject(new Error('down')))));
  }

  /** Waits in nobody's context until something of that kind was noted so often. */
  async noted(what: string, times = 1): Promise<void> {
    while (this.entries.filter((entry) => entry.what === what).length < times) await new Promise((resolve) => setTimeout(resolve, 1));
  }

  contextsOf(what: string): ReadonlySet<string | undefined> {
    return new Set(this.entries.filter((entry) => entry.what === what).map(({ found }) => found));
  }

  expectAllInOps(...kinds: readonly string[]): void {
    expect(this.entries.filter(({ found }) => found !== 'ops')).toEqual([]);
    for (const kind of kinds) expect(this.contextsOf(kind)).toEqual(new Set(['ops']));
  }
}
