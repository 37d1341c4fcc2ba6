import { defineConfig } from 'vitest/config';
import base from '../../.config/vitest.base.js';

const include = JSON.parse(
  process.env['FUSELINE_MUTATION_TESTS'] ?? '["test/runtime/{breaker,policies,pipeline}/**/*.test.ts"]',
) as string[];

/**
 * The tests that are to notice a change. Not the model, which is slow and finds by luck what a test should name; nor those that make very
 * many circuits, or start a process of their own, which is not mutated.
 */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include,
    exclude: [
      'test/runtime/policies/circuit-breaker/model/**',
      'test/runtime/policies/circuit-breaker/bounded-many.test.ts',
      'test/runtime/call/{exit,msw}.test.ts',
    ],
    setupFiles: ['test/mutation/setup.ts'],
    sequence: { shuffle: false },
    testTimeout: 60_000,
  },
});
