import { defineConfig } from 'vitest/config';
import base from './vitest.base.js';

const { FUSELINE_MODEL_RUNS = '10000' } = process.env;

/** `npm run test:model`: the model tests alone, as often as a night allows. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/runtime/policies/circuit-breaker/model/*.test.ts'],
    env: { FUSELINE_MODEL_RUNS },
    testTimeout: 3_600_000,
  },
});
