import { defineConfig } from 'vitest/config';

/** For tests that start processes and browsers, which a busy machine keeps waiting. */
const longTimeouts = { testTimeout: 90_000, hookTimeout: 90_000 };

export default defineConfig({
  // Transformed code would load the ES modules of graphql, and Node loads its CommonJS modules. An
  // error from one copy is not an instance of the other's GraphQLError.
  resolve: { alias: [{ find: /^graphql$/, replacement: 'graphql/index.js' }] },
  test: {
    // Tests mostly wait for servers and processes, so use every core.
    maxWorkers: '100%',
    // No module has state, so files can share modules, which halves the time.
    isolate: false,
    experimental: { fsModuleCache: true },
    testTimeout: 20_000,
    hookTimeout: 30_000,
    // By default, each wait takes at least 50 ms.
    // A busy machine keeps what is polled waiting, too.
    expect: { poll: { interval: 5, timeout: 10_000 } },
    // `npm test` runs `unit`; each other project has its own script, such as `npm run test:services`.
    projects: [
      { extends: true, test: { name: 'unit', include: ['test/**/*.test.ts'] } },
      // As in runtimes that have WebCrypto and no module of Node.
      {
        extends: true,
        test: {
          name: 'webcrypto',
          include: [
            'test/{authentication,dpop,gate,shared}/**/*.test.ts',
            'test/attacks/tokens.test.ts',
          ],
          // Compares both.
          exclude: ['test/authentication/signature.test.ts'],
          setupFiles: ['test/support/without-node-modules.ts'],
        },
      },
      // Runs the commands and programs in README.md and docs.
      {
        extends: true,
        test: { name: 'documents', include: ['test/**/*.document.ts'], ...longTimeouts },
      },
      // Uses the package as other projects do; see scripts/install-package.ts.
      {
        extends: true,
        test: {
          name: 'compatibility',
          include: ['test/**/*.compatibility.ts'],
          ...longTimeouts,
        },
      },
      // Needs the build, or a program other than Node; a failure says what to install.
      {
        extends: true,
        test: { name: 'services', include: ['test/**/*.service.ts'], ...longTimeouts },
      },
      // Drives GraphiQL in Chromium. Each file starts its own browser, so they run one by one.
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/*.browser.ts'],
          globalSetup: ['test/browser/build-page.ts'],
          fileParallelism: false,
          ...longTimeouts,
        },
      },
      // Drives the front ends in examples in Chromium.
      {
        extends: true,
        test: { name: 'examples', include: ['test/examples/*.example.ts'], ...longTimeouts },
      },
    ],
  },
});
