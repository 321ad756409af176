import { defineConfig } from 'vitest/config';
import tests from './vitest.config.ts';

/** Tests that need the build, or a program beside Node. Where one is missing they fail, and say what to install. */
export default defineConfig({
  ...tests,
  test: { ...tests.test, include: ['test/services/**/*.service.ts'] },
});
