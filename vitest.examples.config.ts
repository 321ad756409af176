import { defineConfig } from 'vitest/config';
import tests from './vitest.config.ts';

/** The example front ends, built and driven in a browser. */
export default defineConfig({
  ...tests,
  // Merged, the two lists of files would be one.
  test: { ...tests.test, include: ['test/examples/**/*.example.ts'] },
});
