import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { runtimeColumns } from './runtime-columns.ts';

/** A server that runs the cases: a column of the matrix. */
export interface Column {
  readonly name: string;
  /** Where it runs. */
  readonly folder: string;
  /**
   * Starts a server that reads `PORT`, `OIDC_ISSUER`, `OIDC_AUDIENCE` and the variables of
   * `matrix-options.js`.
   */
  readonly command: readonly [string, ...string[]];
}

const folder = fileURLToPath(new URL('../servers/', import.meta.url));
const loader = createRequire(import.meta.url).resolve('tsx');
const sharedFiles = ['schema.js', 'matrix-options.js'];
/** Not for the Node that runs the tests. */
const otherRuntimes = ['bun.js', 'deno.js', 'workers.js'];

/** Each file in `servers`. */
const servers: readonly Column[] = readdirSync(folder)
  .filter((file) => /\.[jt]s$/.test(file) && ![...sharedFiles, ...otherRuntimes].includes(file))
  .map((file) => ({
    name: file.replace(/\.[jt]s$/, ''),
    folder,
    command: file.endsWith('.ts')
      ? [process.execPath, '--import', loader, file]
      : [process.execPath, file],
  }));

/** All servers. The first, Yoga, is the one that the others are compared with. */
export const columns: readonly Column[] = [
  ...[...servers].sort(
    (one, other) =>
      Number(other.name.startsWith('yoga')) - Number(one.name.startsWith('yoga')) ||
      one.name.localeCompare(other.name),
  ),
  ...runtimeColumns,
];
