import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { signInAs } from '../../src/local-issuer/sign-in.ts';
import { copyProject } from '../support/copy-project.ts';
import { freePort, freePorts } from '../support/free-ports.ts';
import { operate, send } from '../support/http.ts';
import { type ServerProcess, startProcess } from '../support/process.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'server-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('started without any setting', () => {
  let server: ServerProcess;
  let port: number;
  let project: string;
  beforeAll(async () => {
    project = await copyProject();
    [port] = await freePorts();
    server = startProcess(folder, { PORT: String(port) }, { main: join(project, 'src/main.ts') });
    await server.waitForOutput('for GraphiQL');
  });
  afterAll(async () => {
    server.signal('SIGKILL');
    await rm(project, { recursive: true });
  });

  it('says where everything is, and what to paste', () => {
    const { text, errors } = server.output;
    expect(errors).toBe('');
    expect(text).toContain(`http://localhost:${port}/graphql`);
    expect(text).toContain(`http://localhost:${port + 1}/`);
    for (const user of ['manager', 'administrator', 'guest']) {
      expect(text).toMatch(
        new RegExp(`^${user} +.+\\n +PORT=${port} npm run --silent query -- .+ --as ${user}`, 'm'),
      );
    }
  });

  it.each([
    ['guest', { public: 200, private: 200, privateScoped: 403, admin: 403 }],
    ['manager', { public: 200, private: 200, privateScoped: 200, admin: 403 }],
    ['administrator', { public: 200, private: 200, privateScoped: 200, admin: 200 }],
  ])('serves the %s of the local issuer', async (user, statuses) => {
    const { access_token: token } = await signInAs({
      issuer: `http://localhost:${port + 1}/`,
      user,
      scope: 'read:messages write:messages admin:write',
    });
    for (const [field, status] of Object.entries(statuses)) {
      const answer = await operate(`http://localhost:${port}/graphql`, `{ ${field} { subject } }`, {
        token,
      });
      expect([field, answer.status]).toEqual([field, status]);
      if (status === 200) expect(answer.body.data).toEqual({ [field]: { subject: user } });
    }
  });

  it('is ready, has nothing to complain of, and stops cleanly when asked to', async () => {
    expect((await send(`http://localhost:${port}/readyz`)).text).toBe('ok\n');
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
    expect(server.output.errors).toBe('');
    const [, logged = ''] = server.output.text.split('for GraphiQL');
    const lines = [...logged.matchAll(/^\{.*\}$/gm)].map(([line]) => JSON.parse(line));
    expect(lines.filter(({ level }) => level > 30)).toEqual([]);
    expect(lines.slice(-2).map(({ msg }) => msg)).toEqual([
      'The API is shutting down.',
      'The API has stopped.',
    ]);
  });
});

// Each is a process of its own, and most of that is waiting.
describe.concurrent('does not start, and says why in one clear line', () => {
  const auth0 = { AUTH0_DOMAIN: 'example.auth0.com', AUTH0_AUDIENCE: 'https://api' };

  it('with settings that are wrong: all of them at once', async () => {
    const server = startProcess(folder, {
      AUTH0_DOMAIN: 'https://example.auth0.com/',
      OIDC_ISSUER: 'http://issuer.example',
      PORT: 'x',
    });
    expect(await server.ended).toBe(1);
    expect(server.output.text).toBe('');
    for (const name of ['AUTH0_DOMAIN', 'OIDC_ISSUER', 'PORT']) {
      expect(server.output.errors).toMatch(new RegExp(`^ +${name} `, 'm'));
    }
  });

  it('in production without an issuer', async () => {
    const server = startProcess(folder, {
      NODE_ENV: 'production',
      DATABASE_URL: 'file:api.sqlite',
    });
    expect(await server.ended).toBe(1);
    expect(server.output.errors).toContain('AUTH0_DOMAIN must be set in production');
    expect(server.output.errors.trim().split('\n')).toHaveLength(1);
  });

  it('with a .env that cannot be read', async () => {
    const unreadable = join(folder, 'unreadable');
    await mkdir(join(unreadable, '.env'), { recursive: true });
    const server = startProcess(unreadable, {});
    expect(await server.ended).toBe(1);
    expect(server.output.errors).toContain('.env');
    expect(server.output.errors.trim().split('\n')).toHaveLength(1);
  });

  it('with a port that is in use', async () => {
    const taken = createServer();
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.1', resolve));
    const address = taken.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    const server = startProcess(folder, { ...auth0, PORT: String(port) });
    expect(await server.ended).toBe(1);
    expect(server.output.errors).toBe(
      `Port ${port} is already in use. Stop the other process, or set PORT.\n`,
    );
    taken.close();
  });
});

describe('in production', () => {
  it('takes its settings from .env, logs one line of JSON each, and starts no local issuer', async () => {
    const port = await freePort();
    const production = join(folder, 'production');
    await mkdir(production);
    await writeFile(
      join(production, '.env'),
      `NODE_ENV=production\nOIDC_ISSUER=http://127.0.0.1:9/\nOIDC_AUDIENCE=https://api\nDATABASE_URL=file:api.sqlite\nPORT=${port}\n`,
    );
    const server = startProcess(production, {});
    await server.waitForOutput('GraphQL at');
    await server.waitForOutput('keys could not be fetched');
    expect((await send(`http://localhost:${port}/readyz`)).status).toBe(503);
    expect((await send(`http://localhost:${port}/livez`)).status).toBe(200);
    await expect(send(`http://localhost:${port + 1}/`)).rejects.toThrow();
    server.signal('SIGINT');
    expect(await server.ended).toBe(0);
    const lines = server.output.text.trim().split('\n');
    expect(lines.map((line) => typeof JSON.parse(line))).toEqual(lines.map(() => 'object'));
    expect(server.output.text).toContain('PUBLIC_URL is not set');
    expect(server.output.errors).toBe('');
  });

  it('goes on when a promise fails that nobody waits for', async () => {
    const port = await freePort();
    const stray = `process.on('SIGUSR2', () => void Promise.reject(new Error('stray')));`;
    const server = startProcess(folder, {
      NODE_ENV: 'production',
      OIDC_ISSUER: 'http://127.0.0.1:9/',
      OIDC_AUDIENCE: 'https://api',
      DATABASE_URL: 'file:api.sqlite',
      PORT: String(port),
      // Opens the port although no keys can be fetched.
      SHUTDOWN_DELAY: '0',
      NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(stray)}`,
    });
    await server.waitForOutput('keys could not be fetched');
    server.signal('SIGUSR2');
    await server.waitForOutput('Unhandled promise rejection.');
    expect((await send(`http://localhost:${port}/livez`)).status).toBe(200);
    server.signal('SIGTERM');
    expect(await server.ended).toBe(0);
  });
});
