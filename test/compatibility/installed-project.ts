import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const tarball = join(root, 'dist/graphql-resource-server.tgz');

/** How a program ended. */
interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** An empty project with the package and some of its peers, installed by npm. */
export interface InstalledProject {
  readonly folder: string;
  write(name: string, text: string): Promise<void>;
  /** Runs a program in the folder, with no other environment variables than these. */
  run(
    program: string,
    words: readonly string[],
    variables?: Readonly<Record<string, string>>,
  ): Promise<Outcome>;
  /** Runs an ES module. */
  evaluate(source: string): Promise<Outcome>;
  remove(): Promise<void>;
}

/** @param packages Such as `graphql@16.15.0`. */
export async function installProject(packages: readonly string[]): Promise<InstalledProject> {
  const folder = await mkdtemp(join(tmpdir(), 'installed-'));
  const run: InstalledProject['run'] = (program, words, variables = {}) =>
    new Promise((resolve) => {
      const options = { cwd: folder, env: { PATH: process.env['PATH'], ...variables } };
      execFile(program, words, options, (error, stdout, stderr) => {
        const code = typeof error?.code === 'number' ? error.code : error ? 1 : 0;
        resolve({ code, stdout, stderr });
      });
    });
  const write = async (name: string, text: string): Promise<void> => {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  };
  await write('package.json', '{ "private": true, "type": "module" }');
  const options = ['--no-audit', '--no-fund', '--prefer-offline', '--strict-peer-deps'];
  const installed = await new Promise<Error | null>((resolve) => {
    execFile('npm', ['install', ...options, tarball, ...packages], { cwd: folder }, resolve);
  });
  if (installed) throw installed;
  return {
    folder,
    run,
    write,
    evaluate: (source) => run(process.execPath, ['--input-type=module', '--eval', source]),
    remove: () => rm(folder, { recursive: true }),
  };
}
