import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Transformed code would load graphql's second, ES-module copy, and errors of one copy are
  // unknown to the other.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
