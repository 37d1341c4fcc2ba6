import { describe, expect, it } from 'vitest';
import type { TestSpecification, Vitest } from 'vitest/node';
import { testsThatSay } from '../../.config/vitest.files.js';
import { Sequence } from '../../.config/vitest.sequence.js';

/** Of 40 files every fourth has a process of its own. */
const FILES = Array.from(
  { length: 40 },
  (_, at) => ({ moduleId: `/${at}.test.ts`, project: { config: { isolate: at % 4 === 0 } } }) as unknown as TestSpecification,
);

const sorted = (seed: number): Promise<TestSpecification[]> =>
  new Sequence({ config: { sequence: { seed } } } as unknown as Vitest).sort([...FILES]);

describe('the sequence of test files', () => {
  it('has all of them, those with a process of their own first', async () => {
    const files = await sorted(7);
    expect(new Set(files)).toEqual(new Set(FILES));
    expect(files.map(({ project }) => project.config.isolate)).toEqual([...Array(10).fill(true), ...Array(30).fill(false)]);
  });

  it('is that of the seed', async () => {
    expect(await sorted(7)).toEqual(await sorted(7));
    expect(await sorted(7)).not.toEqual(await sorted(8));
  });
});

it('test files are found by what they say', () => {
  expect(testsThatSay(/test files are found by what they say/)).toEqual(['test/ci/sequence.test.ts']);
});
