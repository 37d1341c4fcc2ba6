import { defineConfig } from 'vitest/config';
import base from './vitest.base.js';
import { FOREIGN, testsThatSay } from './vitest.files.js';
import { Sequence } from './vitest.sequence.js';

/** Files that load modules anew, or others in their place: what they leave in the module cache is not for another file. */
const alone = testsThatSay(/\bvi\.(?:mock|doMock|resetModules)\(/);

/** `npm run test:source`. Most files share a process per worker: starting one and loading the modules takes longer than most files run. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    sequence: { ...base.test?.sequence, sequencer: Sequence },
    projects: [
      { extends: true, test: { name: 'alone', include: alone, exclude: FOREIGN, isolate: true } },
      {
        extends: true,
        test: {
          name: 'together',
          include: ['test/**/*.test.ts', 'generated/**/*.test.ts'],
          exclude: [...FOREIGN, ...alone],
          isolate: false,
          setupFiles: 'test/support/left-behind.ts',
        },
      },
    ],
  },
});
