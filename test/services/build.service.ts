import { execFile } from 'node:child_process';
import { mkdir, open, rename, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { copyProject } from '../support/copy-project.ts';
import { freePorts } from '../support/free-ports.ts';
import { operate, send } from '../support/http.ts';
import { type ProcessOptions, type ServerProcess, startProcess } from '../support/process.ts';

const run = promisify(execFile);

/** What an image holds: the build, the schema and the packages, and none of the sources. */
let image: string;
beforeAll(async () => {
  image = await copyProject();
  await run(process.execPath, [join(image, 'scripts/build.js'), '--if-changed']);
  for (const name of ['src', 'scripts']) await rm(join(image, name), { recursive: true });
  await mkdir(join(image, 'elsewhere'));
}, 120_000);
afterAll(() => rm(image, { recursive: true }));

const started: ServerProcess[] = [];
afterEach(() => {
  for (const server of started.splice(0)) server.signal('SIGKILL');
});

const remote = { OIDC_ISSUER: 'http://127.0.0.1:9/', OIDC_AUDIENCE: 'https://api' };

async function start(
  environment: Readonly<Record<string, string>>,
  options: ProcessOptions = {},
): Promise<{ readonly server: ServerProcess; readonly origin: string }> {
  const [port] = await freePorts();
  const server = startProcess(
    join(image, 'elsewhere'),
    { PORT: String(port), ...environment },
    { ...options, main: join(image, 'dist/main.js') },
  );
  started.push(server);
  return { server, origin: `http://localhost:${port}` };
}

/** Until it answers, for those whose output does not say so. */
const answers = (origin: string) =>
  expect
    .poll(() => send(`${origin}/livez`).catch(() => undefined), { timeout: 60_000 })
    .toMatchObject({ status: 200 });

describe('GraphiQL from the build alone', () => {
  const browser = ['Accept', 'text/html'];

  it('is whole, also after a file was missing', async () => {
    const { server, origin } = await start({ ...remote, NODE_ENV: 'production', GRAPHIQL: 'on' });
    await server.waitForOutput('GraphQL at');
    const file = join(image, 'dist/graphiql/index.html');

    await rename(`${file}.br`, `${file}.away`);
    await rename(file, `${file}.moved`);
    const failed = await send(`${origin}/graphql`, { headers: browser });
    expect([failed.status, failed.text]).toEqual([
      500,
      'GraphiQL is not built. Run npm run build.\n',
    ]);
    await server.waitForOutput('GraphiQL could not be loaded.');
    await rename(`${file}.moved`, file);
    await rename(`${file}.away`, `${file}.br`);

    const page = await send(`${origin}/graphql`, { headers: browser });
    expect(page.status).toBe(200);
    const parts = [...page.text.matchAll(/(?:src|href)="(?:\.\/)?(graphiql\/[^"]+)"/g)];
    expect(parts.length).toBeGreaterThan(3);
    for (const [, part = ''] of parts) {
      const { status, headers } = await send(`${origin}/${part}`, {
        headers: ['Accept-Encoding', 'br'],
      });
      expect([part, status]).toEqual([part, 200]);
      if (part.endsWith('.js')) expect([part, headers['content-encoding']]).toEqual([part, 'br']);
    }
  }, 90_000);
});

it('runs workers', async () => {
  const { server, origin } = await start({ ...remote, WORKERS: '2', DPOP: 'off' });
  await server.waitForOutput('for GraphiQL');
  expect((await send(`${origin}/livez`)).status).toBe(200);
  server.signal('SIGTERM');
  expect(await server.ended).toBe(0);
  expect(server.output.errors).toBe('');
});

describe('a start that fails', () => {
  it('ends the process, whatever has been opened before', async () => {
    const taken = createServer();
    const [port] = await freePorts();
    await new Promise<void>((resolve) => taken.listen(port, '127.0.0.1', resolve));
    // The local issuer has started, and Redis is tried.
    const { server } = await start({ PORT: String(port), REDIS_URL: 'redis://127.0.0.1:9' });
    expect(await server.ended).toBe(1);
    expect(server.output.errors).toContain(`Port ${port} is already in use`);
    await new Promise((resolve) => taken.close(resolve));
  }, 90_000);
});

describe('an error that nothing catches', () => {
  it('ends the process, and is logged without what it carries', async () => {
    const secret = 'canary-7f3a';
    const fails = `process.on('SIGUSR2', () => {
      throw Object.assign(new Error('uncaught'), { config: { headers: { a: process.env.CANARY } } });
    });`;
    const { server } = await start({
      ...remote,
      NODE_ENV: 'production',
      CANARY: secret,
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(fails)}`,
    });
    await server.waitForOutput('keys could not be fetched');
    server.signal('SIGUSR2');
    expect(await server.ended).toBe(1);
    const last = JSON.parse(server.output.text.trim().split('\n').at(-1) ?? '');
    expect(last).toMatchObject({ level: 60, err: { type: 'Error', message: 'uncaught' } });
    expect(server.output.text + server.output.errors).not.toContain(secret);
  }, 90_000);
});

describe('standard output', () => {
  it.each([
    ['in development', {}],
    ['in production', { ...remote, NODE_ENV: 'production' }],
  ])(
    'on a full disk stops neither the server nor its end: %s',
    async (_, environment) => {
      const full = await open('/dev/full', 'w');
      const settings = { ...environment, LOG_LEVEL: 'debug' };
      const { server, origin } = await start(settings, { output: full.fd });
      await answers(origin);
      expect((await operate(`${origin}/graphql`, '{ __typename }')).status).toBe(200);
      server.signal('SIGTERM');
      expect(await server.ended).toBe(0);
      await full.close();
    },
    90_000,
  );

  it('that is not read stops neither the server nor its end', async () => {
    // More than any pipe holds, in lines of the log.
    const strays = `process.on('SIGUSR2', () => {
      for (let index = 0; index < 5000; index += 1) Promise.reject(new Error('stray'));
    });`;
    const { server, origin } = await start(
      { ...remote, NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(strays)}` },
      { output: 'unread' },
    );
    await answers(origin);
    server.signal('SIGUSR2');
    // The second time, what was said the first time waits already.
    server.signal('SIGUSR2');
    await answers(origin);
    expect((await operate(`${origin}/graphql`, '{ __typename }')).status).toBe(200);
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
  }, 90_000);
});
