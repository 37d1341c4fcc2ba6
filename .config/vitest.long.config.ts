import { defineConfig } from 'vitest/config';
import base from './vitest.base.js';
import { FOREIGN, testsThatSay } from './vitest.files.js';

/** `npm run test:long`: the tests that have a long form, in it, and all comparisons with the vendors' documents. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: [...testsThatSay(/\/nightly\.js'/), 'test/conformance/**/*.test.ts'],
    exclude: FOREIGN,
    env: { FUSELINE_NIGHTLY: 'yes' },
    testTimeout: 3_600_000,
    hookTimeout: 3_600_000,
  },
});
