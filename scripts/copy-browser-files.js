// Copies what browsers are sent as it is written into the build: tsc copies nothing.
// An argument names another folder than dist.
import { cpSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const [build = join(root, 'dist')] = process.argv.slice(2);
const folder = join('server', 'graphiql', 'browser');

cpSync(join(root, 'src', folder), join(build, folder), {
  recursive: true,
  filter: (path) => ['', '.js', '.css'].includes(extname(path)),
});
