import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type ModelEnvironment, modelRuns } from './runs.js';

/** A property that does not hold, and how often it was tried. */
function failing(env: ModelEnvironment): { readonly message: string; readonly runs: number } {
  let runs = 0;
  const property = fc.property(fc.array(fc.nat({ max: 1_000 })), (numbers) => {
    runs++;
    expect(numbers.filter((number) => number > 500).length).toBeLessThan(3);
  });
  try {
    fc.assert(property, modelRuns(500, env));
  } catch (error) {
    return { message: (error as Error).message, runs };
  }
  throw new Error('it did not fail');
}

test('a failure says which steps lead to it, and the seed and path that it names repeat it at once', () => {
  const first = failing({});
  const [, seed, path] = /FUSELINE_MODEL_SEED=(-?\d+) FUSELINE_MODEL_PATH=([\d:]+)$/.exec(first.message) ?? [];
  const counterexample = /by (\[\[.*\]\]): /.exec(first.message)?.[1];
  expect(counterexample).toBe('[[501,501,501]]');
  const again = failing({ FUSELINE_MODEL_SEED: seed, FUSELINE_MODEL_PATH: path });
  expect(again.message).toContain(`by ${counterexample}: `);
  expect(again.runs).toBeLessThan(first.runs);
  expect(failing({ FUSELINE_MODEL_SEED: seed }).message, 'the seed alone, too').toBe(first.message);
});

test('runs as often as the environment says, or as usual', () => {
  const runsIn = (env: ModelEnvironment): number => {
    let runs = 0;
    fc.assert(
      fc.property(fc.nat(), () => void runs++),
      modelRuns(30, env),
    );
    return runs;
  };
  expect(runsIn({})).toBe(30);
  expect(runsIn({ FUSELINE_MODEL_RUNS: '70' })).toBe(70);
  for (const wrong of ['many', '', '1.5', '1e400']) expect(() => runsIn({ FUSELINE_MODEL_RUNS: wrong })).toThrow(/FUSELINE_MODEL_RUNS is/);
});
