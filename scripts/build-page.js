// Builds the page of GraphiQL from src/server/graphiql/browser into dist/graphiql: hashed files, and
// each of them compressed.
//
//   node scripts/build-page.js
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { build } from 'vite';

const root = fileURLToPath(new URL('..', import.meta.url));
const source = join(root, 'src/server/graphiql/browser');
const target = join(root, 'dist/graphiql');

/** Below the path of the page, which is /graphql. */
const folder = 'graphiql';

// Whatever runs the build: with another one, the page contains React's code for development.
process.env.NODE_ENV = 'production';

await build({
  configFile: false,
  root: source,
  base: './',
  logLevel: 'warn',
  plugins: [react()],
  resolve: { alias: { 'framer-motion': join(source, 'fixed-tabs.tsx') } },
  build: {
    outDir: target,
    emptyOutDir: true,
    assetsDir: folder,
    target: 'es2022',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    // The packages that the page contains: their licenses require that their texts are kept.
    license: { fileName: 'licenses.json' },
    chunkSizeWarningLimit: 8_000,
    rolldownOptions: {
      input: ['index.html', 'callback.html'].map((name) => join(source, name)),
      // Packages say what the React compiler may do, and it does not run here.
      onLog: (level, log, report) => log.code === 'MODULE_LEVEL_DIRECTIVE' || report(level, log),
    },
  },
  worker: { format: 'es' },
  experimental: {
    // The callback is served beside the files.
    renderBuiltUrl: (name, { hostId, hostType }) =>
      hostType === 'html' && hostId === 'callback.html'
        ? name.slice(`${folder}/`.length)
        : { relative: true },
  },
});

const compressors = {
  // The highest quality, 11, makes them 9 % smaller, and takes 18 times as long.
  br: (data) =>
    promisify(brotliCompress)(data, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
  gz: (data) => promisify(gzip)(data, { level: 9 }),
};

await Promise.all(
  readdirSync(target, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .flatMap(({ parentPath, name }) => {
      const file = join(parentPath, name);
      const data = readFileSync(file);
      return Object.entries(compressors).map(async ([extension, compress]) => {
        writeFileSync(`${file}.${extension}`, await compress(data));
      });
    }),
);
