import { execFile } from 'node:child_process';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Block, blocksOf, readDocument, root } from '../documentation/markdown.ts';
import { createTestClock } from '../support/clock.ts';
import { freePort } from '../support/free-ports.ts';
import { startProcess } from '../support/process.ts';
import { post } from './matrix/responses.ts';
import { startIssuer } from './matrix/start-issuer.ts';
import { waitForPort } from './matrix/wait-for-port.ts';

const tarball = fileURLToPath(new URL('dist/graphql-resource-server.tgz', root));
const schema = blocksOf(readDocument('docs/adapters/README.md')).find(
  ({ heading }) => heading === 'The schema',
);

/** A server on a page, and the commands to run before it. */
interface Guide {
  readonly name: string;
  readonly commands: string;
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
      commands: commands.map(({ text }) => text).join(''),
      server: server.text,
      files,
      start,
    };
  });
}

let issuer: Awaited<ReturnType<typeof startIssuer>>;
beforeAll(async () => {
  issuer = await startIssuer(createTestClock(new Date(Math.floor(Date.now() / 1000) * 1000)));
});
afterAll(() => issuer?.close());

test.each(guides)('$name, in an empty folder', { timeout: 300_000 }, async (guide) => {
  const start = performance.now();
  const folder = await mkdtemp(join(tmpdir(), 'adapter-page-'));
  const commands = guide.commands.replaceAll(/\bgraphql-resource-server\b/g, tarball);
  const environment = { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '' };
  await promisify(execFile)('bash', ['-ec', commands], { cwd: folder, env: environment });
  await writeFile(join(folder, 'schema.js'), schema?.text ?? '');
  for (const [name, text] of guide.files) await writeFile(join(folder, name), text);
  await writeFile(join(folder, guide.start.at(-1) ?? ''), guide.server);

  const port = await freePort();
  const variables = {
    PORT: String(port),
    OIDC_ISSUER: issuer.issuer.issuer,
    OIDC_AUDIENCE: issuer.issuer.audience,
  };
  const server = startProcess(folder, variables, {
    command: [process.execPath, ...guide.start],
  });
  try {
    await waitForPort(port, server);
    const endpoint = `http://localhost:${port}/graphql`;
    const token = ['Authorization', `Bearer ${issuer.issuer.sign()}`];

    expect(await post(endpoint, '{ private }')).toMatchObject({
      status: 401,
      challenge: 'Bearer realm="graphql"',
    });
    expect(await post(endpoint, '{ private }', token)).toMatchObject({
      status: 200,
      body: { data: { private: 'private' } },
    });
    console.info(`${guide.name}: ${((performance.now() - start) / 1000).toFixed(1)} s`);
  } finally {
    server.signal('SIGTERM');
    await server.ended;
    await rm(folder, { recursive: true });
  }
});
