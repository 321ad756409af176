import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { type Block, blocksOf, readDocument, root } from '../documentation/markdown.ts';
import { freePort } from '../support/free-ports.ts';
import { startProcess } from '../support/process.ts';
import { post } from './matrix/responses.ts';
import { waitForPort } from './matrix/wait-for-port.ts';

const [schema = '', issuerFile = ''] = ['The schema', 'Try it'].map(
  (heading) =>
    blocksOf(readDocument('docs/adapters/README.md')).find((block) => block.heading === heading)
      ?.text,
);

/** A server on a page, and the commands to run before it. */
interface Guide {
  readonly name: string;
  readonly commands: readonly string[];
  readonly server: string;
  /** The other files of the page, by name. */
  readonly files: ReadonlyMap<string, string>;
  /** The arguments of Node that start the server. */
  readonly start: readonly string[];
}

const pages = (await readdir(new URL('docs/adapters/', root))).filter(
  (page) => page !== 'README.md',
);
const guides = pages.flatMap(readGuides);

/**
 * Each server of a page. Commands that belong to it are above it, but not below the heading of
 * another server; those below the first heading of the page belong to all of its servers.
 */
function readGuides(page: string): readonly Guide[] {
  const document = readDocument(`docs/adapters/${page}`);
  const blocks = blocksOf(document);
  const isServer = ({ language, text }: Block): boolean =>
    ['js', 'ts'].includes(language) && text.includes('process.env.PORT');
  const named = document.matchAll(/This is `([\w.-]+)`:\n\n```\w+\n([\s\S]*?)```\n/g);
  const files = new Map([...named].map(([, name = '', text = '']) => [name, text]));
  const start = / node (.*server\.[jt]s)$/m.exec(document)?.[1]?.split(' ') ?? [];
  return blocks.filter(isServer).map((server) => {
    const isOfOther = ({ heading }: Block): boolean =>
      heading !== blocks[0]?.heading &&
      heading !== server.heading &&
      blocks.some((block) => block.heading === heading && isServer(block));
    const commands = blocks
      .slice(0, blocks.indexOf(server))
      .filter((block) => block.language === 'bash' && !isOfOther(block));
    return {
      name: `${page}: ${server.heading}`,
      commands: commands.map(({ text }) => text),
      server: server.text,
      files,
      start,
    };
  });
}

const run = promisify(execFile);

const parents: string[] = [];
// A program of its own removes many thousand files faster than promises do.
afterAll(() => run('rm', ['-rf', ...parents]), 300_000);

/** An empty folder, or a copy of another one (hard links), beside the clone that commands install from. */
async function createProject(original?: string): Promise<string> {
  const parent = await mkdtemp(join(tmpdir(), 'adapter-page-'));
  parents.push(parent);
  const folder = join(parent, 'project');
  if (original === undefined) await mkdir(folder);
  else await run('cp', ['-Rl', original, folder]);
  await symlink(fileURLToPath(root), join(parent, 'graphql-resource-server'));
  return folder;
}

const installed = new Map<string, Promise<string>>();

/** A folder in which these commands ran. Servers of a page begin with the same ones, which run once. */
function install(commands: readonly string[]): Promise<string> {
  const key = commands.join('');
  const known = installed.get(key) ?? installAgain(commands);
  installed.set(key, known);
  return known;
}

async function installAgain(commands: readonly string[]): Promise<string> {
  const last = commands.at(-1);
  if (last === undefined) return createProject();
  const folder = await createProject(await install(commands.slice(0, -1)));
  const environment = {
    PATH: process.env['PATH'] ?? '',
    HOME: process.env['HOME'] ?? '',
    npm_config_audit: 'false',
    npm_config_prefer_offline: 'true',
  };
  await run('bash', ['-ec', last], { cwd: folder, env: environment });
  return folder;
}

test.concurrent.each(guides)('$name, in an empty folder', { timeout: 600_000 }, async (guide) => {
  const start = performance.now();
  const folder = await createProject(await install(guide.commands));
  const issuerPort = await freePort();
  await writeFile(join(folder, 'schema.js'), schema);
  await writeFile(join(folder, 'issuer.js'), issuerFile.replaceAll('4100', String(issuerPort)));
  for (const [name, text] of guide.files) await writeFile(join(folder, name), text);
  await writeFile(join(folder, guide.start.at(-1) ?? ''), guide.server);

  const port = await freePort();
  const origin = `http://localhost:${issuerPort}`;
  const variables = {
    PORT: String(port),
    OIDC_ISSUER: `${origin}/`,
    OIDC_AUDIENCE: 'https://api.example.com',
  };
  const issuer = startProcess(folder, {}, { command: [process.execPath, 'issuer.js'] });
  const server = startProcess(folder, variables, {
    command: [process.execPath, ...guide.start],
  });
  try {
    await waitForPort(issuerPort, issuer);
    await waitForPort(port, server);
    const endpoint = `http://localhost:${port}/graphql`;
    const credentials = async (query: string): Promise<[string, string]> => {
      const response = await fetch(`${origin}/token${query}`);
      return ['Authorization', `Bearer ${await response.text()}`];
    };

    expect(await post(endpoint, '{ private }')).toMatchObject({
      status: 401,
      challenge: 'Bearer realm="graphql"',
    });
    expect(await post(endpoint, '{ private }', await credentials(''))).toMatchObject({
      status: 200,
      body: { data: { private: 'private' } },
    });
    expect(await post(endpoint, '{ scoped }', await credentials(''))).toMatchObject({
      status: 403,
    });
    const withScope = await credentials('?scope=read:messages');
    expect(await post(endpoint, '{ scoped }', withScope)).toMatchObject({
      status: 200,
      body: { data: { scoped: 'scoped' } },
    });
    console.info(`${guide.name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  } finally {
    for (const one of [server, issuer]) one.signal('SIGTERM');
    await Promise.all([server.ended, issuer.ended]);
  }
});
