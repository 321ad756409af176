import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The example front ends, by their folders. */
export const apps = ['apollo-react', 'urql-react'] as const;
export type App = (typeof apps)[number];

/**
 * Builds an app with these settings, into a folder of its own.
 *
 * @returns The folder.
 * @throws {Error} That says what to do, where the app's packages are missing.
 */
export async function buildApp(
  app: App,
  settings: Readonly<Record<`VITE_${string}`, string>>,
): Promise<string> {
  const source = fileURLToPath(new URL(`../../examples/${app}`, import.meta.url));
  const vite = join(source, 'node_modules/vite/bin/vite.js');
  if (!existsSync(vite)) {
    throw new Error(`The packages of ${app} are missing: npm ci --prefix examples/${app}`);
  }
  const target = await mkdtemp(join(tmpdir(), `${app}-`));
  await run(process.execPath, [vite, 'build', '--logLevel', 'warn', '--outDir', target], {
    cwd: source,
    env: { PATH: process.env['PATH'], ...settings },
  });
  return target;
}
