import type { BreakerInput } from 'fuseline';
import { beforeEach } from 'vitest';
import { protect } from '../../../runtime/protect/protect.js';
import type { ProtectOptions } from '../../../runtime/protect/protect-options.js';
import type { ProtectContext } from '../../../runtime/protect/run.js';
import { noUnhandledRejections } from '../../support/unhandled.js';
import { Work } from '../../support/watch.js';
import { Circuit } from '../policies/circuit-breaker/circuit.js';

/** Of the test that runs now. */
export let circuit: Circuit;
/** What is protected. */
export let work: Work<ProtectContext>;

/** Gives each test of the file a circuit and work of its own, and fails those that leave an unhandled rejection. */
export function freshForEach(options: BreakerInput): void {
  beforeEach(() => {
    newCircuit(options);
    newWork();
  });
  noUnhandledRejections(settle);
}

/** In the place of the test's circuit. */
export function newCircuit(options: BreakerInput): Circuit {
  circuit = new Circuit(options);
  return circuit;
}

/** In the place of the test's work. */
export function newWork(): void {
  work = new Work();
}

/** Lets come up what is on its way. */
export const settle = (): Promise<void> => circuit.clock.advance(0);

/** The work, protected. */
export const guarded = (options: Partial<ProtectOptions<unknown, unknown[]>> = {}) =>
  protect(work.fn, { breaker: circuit.breaker, ...options });
