import { defineConfig } from 'vitest/config';
import tests from './vitest.config.ts';

/** The documents' own commands and programs, run as a reader would. */
export default defineConfig({
  ...tests,
  test: { ...tests.test, include: ['test/**/*.document.ts'] },
});
