import { defineConfig } from 'vitest/config';
import tests from './vitest.config.ts';

/** Tests in a real browser. Where there is none they fail, and say what to install. */
export default defineConfig({
  ...tests,
  test: {
    ...tests.test,
    include: ['test/browser/**/*.browser.ts'],
    // One after the other: each file has a browser of its own.
    fileParallelism: false,
  },
});
