import { readdirSync } from 'node:fs';
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
  /** A script of the folder to run before. Default: none. */
  readonly build?: string;
}

/** Not servers, or not for the Node that runs the tests. */
const otherFiles: readonly string[] = [
  'schema.js',
  'issuer.js',
  'matrix-options.js',
  'bun.js',
  'deno.js',
  'workers.js',
];

/** The files of a folder that are servers, and how Node runs them. */
function columnsIn(name: string, pattern: RegExp, nodeArguments: readonly string[]): Column[] {
  const folder = fileURLToPath(new URL(`../${name}/`, import.meta.url));
  return readdirSync(folder)
    .filter((file) => pattern.test(file) && !otherFiles.includes(file))
    .map((file) => ({
      name: file.replace(/\.[jt]s$/, ''),
      folder,
      command: [process.execPath, ...nodeArguments, file],
    }));
}

const servers: readonly Column[] = [
  ...columnsIn('servers', /\.js$/, []),
  // Decorators need a compiler that writes the types of parameters.
  ...columnsIn('nestjs', /^nestjs-.*\.ts$/, ['--import', '@swc-node/register/esm-register']),
];

const next: Column = {
  name: 'yoga-next',
  folder: fileURLToPath(new URL('../next/', import.meta.url)),
  build: 'build.js',
  command: [process.execPath, 'node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1'],
};

/** All servers. The first, Yoga, is the one that the others are compared with. */
export const columns: readonly Column[] = [
  ...[...servers, next].sort(
    (one, other) =>
      Number(other.name.startsWith('yoga')) - Number(one.name.startsWith('yoga')) ||
      one.name.localeCompare(other.name),
  ),
  ...runtimeColumns,
];
