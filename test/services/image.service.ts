import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isObject } from '../../src/shared/type-guards.ts';
import { readDocument, root } from '../documentation/markdown.ts';
import { freePorts } from '../support/free-ports.ts';
import { send } from '../support/http.ts';
import { type ServerProcess, startProcess } from '../support/process.ts';
import { commandOf, parseDockerfile, type Stage } from './dockerfile.ts';

const run = promisify(execFile);
const context = fileURLToPath(root);
const stages = parseDockerfile(readDocument('deploy/Dockerfile'));
const image = stages.at(-1);

/** One folder per stage, in place of its file system. */
let folder: string;
const environment: Record<string, string> = {};
/** What runs a program without privileges. A user who has none already needs nothing. */
const unprivileged =
  process.getuid?.() === 0
    ? ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups', '--no-new-privs']
    : [];
let server: ServerProcess | undefined;

const folderOf = ({ name = 'image' }: Stage): string => join(folder, name);

/** Does what the instructions say, as far as that is possible without Docker. */
async function build(stage: Stage): Promise<void> {
  let working = '/';
  /** Where a path of the image is. */
  const pathOf = (path: string, from = folderOf(stage)): string =>
    join(from, resolve(working, path));
  await mkdir(folderOf(stage));
  for (const { name, text } of stage.instructions) {
    switch (name) {
      case 'WORKDIR':
        working = resolve(working, text);
        await mkdir(pathOf('.'), { recursive: true });
        break;
      case 'COPY': {
        const [, from, paths = ''] = /^(?:--from=(\w+) )?(.*)$/.exec(text) ?? [];
        const sources = paths.split(' ');
        const target = sources.pop() ?? '';
        for (const source of sources) {
          await cp(
            from === undefined ? join(context, source) : join(folder, from, source),
            target.endsWith('/') ? pathOf(join(target, basename(source))) : pathOf(target),
            { recursive: true, verbatimSymlinks: true },
          );
        }
        break;
      }
      case 'RUN':
        await run('sh', ['-euc', text], {
          cwd: pathOf('.'),
          env: { ...quietNpm, PATH: process.env['PATH'], HOME: process.env['HOME'] },
        });
        break;
      case 'ENV':
        for (const pair of text.split(' ')) {
          const [variable = '', value = ''] = pair.split('=');
          environment[variable] = value;
        }
        break;
      case 'USER':
        expect(text).toBe('node');
        break;
      case 'CMD':
      case 'EXPOSE':
      case 'HEALTHCHECK':
        break;
      default:
        throw new Error(`The test does not know ${name}.`);
    }
  }
}

const quietNpm = {
  npm_config_audit: 'false',
  npm_config_fund: 'false',
  npm_config_prefer_offline: 'true',
  npm_config_update_notifier: 'false',
};

const application = (): string => join(folder, 'image', 'app');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'image-'));
  await chmod(folder, 0o755);
  for (const stage of stages) await build(stage);
}, 900_000);
afterAll(async () => {
  server?.signal('SIGKILL');
  await server?.ended;
  await rm(folder, { recursive: true });
});

/** The bytes of the files of a folder. */
async function bytesOf(path: string): Promise<number> {
  const { stdout } = await run('du', ['--summarize', '--bytes', path]);
  return Number.parseInt(stdout, 10);
}

describe('deploy/Dockerfile', () => {
  it('leaves development behind', async () => {
    expect((await readdir(application())).sort()).toEqual([
      'dist',
      'node_modules',
      'package.json',
      'schema.graphql',
    ]);
    const { devDependencies } = JSON.parse(readDocument('package.json'));
    const installed = new Set(await readdir(join(application(), 'node_modules')));
    expect(Object.keys(devDependencies).filter((name) => installed.has(name))).toEqual([]);
  });

  it('copies nothing that .dockerignore excludes', () => {
    const ignored = readDocument('.dockerignore').split('\n');
    const copied = stages.flatMap(({ instructions }) =>
      instructions.filter(({ name, text }) => name === 'COPY' && !text.startsWith('--from')),
    );
    for (const { text } of copied) {
      for (const path of text.split(' ').slice(0, -1)) expect(ignored).not.toContain(path);
    }
  });

  it('has a list of what it contains', async () => {
    const sbom: unknown = JSON.parse(
      await readFile(join(application(), 'dist/sbom.cdx.json'), 'utf8'),
    );
    const components = isObject(sbom) ? sbom['components'] : undefined;
    const names = (Array.isArray(components) ? components : []).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['graphql', 'jose', 'pino', 'redis']));
  });

  it('is as large as docs/production.md says', async () => {
    const [, packages, megabytes] =
      /installs (\d+) packages, (\d+) MB/.exec(readDocument('docs/production.md')) ?? [];
    const size = (await bytesOf(join(application(), 'node_modules'))) / 1_000_000;
    const { packages: installed } = JSON.parse(
      await readFile(join(application(), 'node_modules/.package-lock.json'), 'utf8'),
    );
    console.log(`${Object.keys(installed).length} packages, ${size.toFixed(1)} MB`);
    expect(Math.abs(size / Number(megabytes) - 1)).toBeLessThan(0.1);
    expect(Math.abs(Object.keys(installed).length / Number(packages) - 1)).toBeLessThan(0.1);
  });

  it('runs without privileges in a folder that it cannot change, and stops', async () => {
    if (image === undefined) throw new Error('There is no image.');
    const [port] = await freePorts();
    const variables = {
      ...environment,
      PORT: String(port),
      SHUTDOWN_DELAY: '0',
      OIDC_ISSUER: 'http://127.0.0.1:9/',
      OIDC_AUDIENCE: 'https://api',
      DATABASE_URL: 'postgres://api:p@127.0.0.1:9/api',
    };
    const as = (command: readonly string[]): readonly [string, ...string[]] => {
      const [program = '', ...args] = [...unprivileged, ...command];
      return [program, ...args];
    };
    const [find, ...found] = as(['find', '.', '-writable', '-not', '-type', 'l']);
    const { stdout } = await run(find, found, { cwd: application() });
    if (unprivileged.length > 0) expect(stdout).toBe('');

    server = startProcess(application(), variables, { command: as(commandOf(image, 'CMD')) });
    await server.waitForOutput('GraphQL at');
    const [check, ...args] = as(commandOf(image, 'HEALTHCHECK'));
    const isHealthy = () =>
      run(check, args, {
        cwd: application(),
        env: { ...variables, PATH: process.env['PATH'] },
      }).then(
        () => true,
        () => false,
      );
    expect(await isHealthy()).toBe(true);
    expect((await send(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
    expect(server.output.errors).toBe('');
    expect(await isHealthy()).toBe(false);
  });
});
