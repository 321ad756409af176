import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

/** A server that runs the cases: a column of the matrix. */
export interface Column {
  readonly name: string;
  /** Where it runs. */
  readonly folder: string;
  /** Starts a server that reads `PORT`, `OIDC_ISSUER`, `OIDC_AUDIENCE` and the variables of `matrix-options.js`. */
  readonly command: readonly [string, ...string[]];
}

const serversFolder = fileURLToPath(new URL('../servers/', import.meta.url));

const shared = ['schema.js', 'matrix-options.js'];
const loader = createRequire(import.meta.url).resolve('tsx');

/** The names of the server files, the plain ones of Yoga first. */
const serverFiles: readonly string[] = readdirSync(serversFolder)
  .filter((name) => /\.[jt]s$/.test(name) && !shared.includes(name))
  .sort((one, other) => Number(other.startsWith('yoga')) - Number(one.startsWith('yoga')));

/** All servers. The first is the one that the others are compared with. */
export const columns: readonly Column[] = serverFiles.map((file) => ({
  name: file.replace(/\.[jt]s$/, ''),
  folder: serversFolder,
  command: file.endsWith('.ts')
    ? [process.execPath, '--import', loader, file]
    : [process.execPath, file],
}));
