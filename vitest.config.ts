import { defineConfig } from 'vitest/config';

export default defineConfig({
  // Transformed code would load graphql's second, ES-module copy, and errors of one copy are
  // unknown to the other.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    include: ['test/**/*.test.ts'],
    // Much of the time is spent waiting for servers and processes, so no core need be left free.
    maxWorkers: '100%',
    // No module has state of its own, so files can share them: half of the time went into loading.
    isolate: false,
    testTimeout: 20_000,
    hookTimeout: 30_000,
  },
});
