import fc from 'fast-check';
import { describe, test } from 'vitest';
import { Pair } from './pair.js';
import { modelRuns } from './runs.js';
import { allOptions, anySteps, basicOptions, basicSteps } from './steps.js';

/** Thousands of steps, on a machine that may be busy with other things. */
const LONG = { timeout: 3_600_000 };

describe.each([
  ['consecutive failures', basicOptions, basicSteps, 200],
  ['a window, a backoff, a ramp, or some of them', allOptions, anySteps, 400],
] as const)('a circuit with %s against a simple model of it', (_, options, steps, usual) => {
  test('whatever happens, in whatever order: state, permits, counters and events agree, and it recovers in the end', LONG, () => {
    const property = fc.property(options, steps, (given, taken) => {
      const pair = new Pair(given);
      for (const step of taken) pair.take(step);
      pair.recover();
    });
    fc.assert(property, modelRuns(usual));
  });
});
