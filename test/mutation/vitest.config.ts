import { defineConfig } from 'vitest/config';
import base from '../../.config/vitest.config.js';

/** The tests that are to notice a change of the runtime's core. Those that start a process of their own cannot: it is not instrumented. */
export default defineConfig({
  ...base,
  test: {
    ...base.test,
    include: ['test/runtime/{breaker,policies,pipeline}/**/*.test.ts'],
    exclude: ['test/runtime/pipeline/{exit,msw,protect}.test.ts'],
    sequence: { shuffle: false },
  },
});
