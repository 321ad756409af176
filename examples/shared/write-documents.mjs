// npm run documents: writes persisted-documents.json, the hash and the text of each operation.
import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

// This folder has no node_modules: packages come from the app's.
const require = createRequire(join(process.cwd(), 'package.json'));
const { createServer } = await import(pathToFileURL(require.resolve('vite')).href);

const server = await createServer({
  server: { middlewareMode: true, ws: false },
  ssr: { noExternal: true },
  logLevel: 'error',
});
const { operationTexts } = await server.ssrLoadModule(
  fileURLToPath(new URL('trusted-documents.ts', import.meta.url)),
);
await server.close();
const hashes = [...operationTexts.values()].map((text) => [
  createHash('sha256').update(text).digest('hex'),
  text,
]);
const [, , file = 'persisted-documents.json'] = process.argv;
await writeFile(file, `${JSON.stringify(Object.fromEntries(hashes), null, 2)}\n`);
