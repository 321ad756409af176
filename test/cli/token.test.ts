import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { tokenCommand } from '../../src/cli/token-command.ts';
import { audience, type IssuerFixture, startIssuer } from '../local-issuer/issuer-fixture.ts';
import { runInProcess } from './run-in-process.ts';

let issuer: IssuerFixture;
let variables: Record<string, string>;
beforeAll(async () => {
  issuer = await startIssuer();
  variables = { PORT: String(Number(new URL(issuer.issuer).port) - 1) };
});
afterAll(() => issuer.close());

function token(
  words: readonly string[],
  {
    set = variables,
    folder = issuer.folder,
  }: { set?: Record<string, string>; folder?: string } = {},
) {
  return runInProcess(tokenCommand, { folder, variables: set, arguments: words });
}

describe('prints one token and nothing else', () => {
  test.each<[string[], object]>([
    [[], { sub: 'local-machine@clients', aud: audience, permissions: [] }],
    [['--scope', 'read:messages'], { sub: 'local-machine@clients', scope: 'read:messages' }],
    [
      ['--scope=read:messages', '--scope', 'admin:write', '--audience', audience],
      { scope: 'read:messages admin:write' },
    ],
    [
      ['--as', 'manager', '--scope', 'read:messages admin:write'],
      { sub: 'manager', azp: 'local-spa', scope: 'read:messages' },
    ],
    [['--as', 'guest'], { sub: 'guest', permissions: [] }],
    [['--as', 'manager'], { sub: 'manager', permissions: ['read:messages'] }],
    [
      ['--as', 'administrator'],
      { scope: 'read:messages write:messages admin:write', sub: 'administrator' },
    ],
    [['--as', 'administrator', '--scope', ''], { sub: 'administrator', permissions: [] }],
    [['--as', 'administrator', '--scope', 'admin:write'], { permissions: ['admin:write'] }],
  ])('%j', async (words, claims) => {
    const { code, stdout, stderr } = await token(words);

    expect(stderr).toBe('');
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    expect(decodeJwt(stdout.trim())).toMatchObject(claims);
    expect(code).toBe(0);
  });

  test.each([
    [[], 3600],
    [['--lifetime', '1'], 1],
    [['--lifetime', '86400'], 86_400],
    [['--as', 'manager'], 3600],
    [['--as', 'manager', '--lifetime', '90'], 90],
  ])('%j is valid for %i seconds', async (words, seconds) => {
    const { exp = 0, iat = 0 } = decodeJwt((await token(words)).stdout.trim());

    expect(exp - iat).toBe(seconds);
  });

  test('from another issuer by its configured client, set in .env', async () => {
    const folder = join(issuer.folder, 'other-issuer');
    await mkdir(folder);
    await writeFile(
      join(folder, '.env'),
      `OIDC_ISSUER=${issuer.issuer}
OIDC_AUDIENCE="${audience}, https://other.example"
AUTH0_CLIENT_ID=local-machine
AUTH0_CLIENT_SECRET=local-machine-secret
PORT=1`,
    );

    const { code, stdout } = await token(['--scope', 'admin:write'], { set: {}, folder });

    expect(decodeJwt(stdout.trim())).toMatchObject({ aud: audience, scope: 'admin:write' });
    expect(code).toBe(0);
  });
});

describe('an issuer that is not a URL', () => {
  const named = () => ({
    OIDC_ISSUER: 'acme',
    OIDC_AUDIENCE: audience,
    AUTH0_CLIENT_ID: 'local-machine',
    AUTH0_CLIENT_SECRET: 'local-machine-secret',
  });

  test('has its token endpoint in the discovery document', async () => {
    const OIDC_DISCOVERY_URL = `${issuer.issuer}.well-known/openid-configuration`;
    const { code, stdout } = await token([], { set: { ...named(), OIDC_DISCOVERY_URL } });

    expect(decodeJwt(stdout.trim())).toMatchObject({ aud: audience });
    expect(code).toBe(0);
  });

  test('has none without such a document', async () => {
    const JWKS_URL = `${issuer.issuer}.well-known/jwks.json`;
    const { code, stderr } = await token([], { set: { ...named(), JWKS_URL } });

    expect(stderr).toContain('Set OIDC_DISCOVERY_URL, or keys.discovery in the file of ISSUERS.');
    expect(code).toBe(2);
  });
});

test('--help prints how to use it', async () => {
  const { code, stdout } = await token(['--help']);

  expect(stdout).toContain('npm run --silent token -- --as manager\n');
  expect(code).toBe(0);
});

const tenant = {
  OIDC_AUDIENCE: audience,
  AUTH0_CLIENT_ID: 'local-machine',
  AUTH0_CLIENT_SECRET: 'a-secret-that-is-wrong',
};

describe('one line on standard error', () => {
  test.each<[string[], number, string]>([
    [['--scopes', 'x'], 2, 'Unknown option --scopes. Try --help.'],
    [['--toke=secret-value'], 2, 'Unknown option --toke. Try --help.'],
    [['--scope'], 2, '--scope requires a value. Try --help.'],
    [['--scope', '--as', 'manager'], 2, '--scope requires a value. Try --help.'],
    [['--help=yes'], 2, '--help does not take a value. Try --help.'],
    [['secret-value'], 2, 'Unexpected argument. Try --help.'],
    [['--as', 'root'], 2, '--as must be one of manager, administrator, guest.'],
    [['--audience', ''], 2, '--audience requires a value.'],
    [['--as', 'guest', '--as', 'manager'], 2, '--as is given twice.'],
    [['--audience', 'a', '--audience', 'b'], 2, '--audience is given twice.'],
    ...['0', '-1', '1.5', '1e3', '86401', 'long', ''].map(
      (lifetime): [string[], number, string] => [
        [`--lifetime=${lifetime}`],
        2,
        '--lifetime must be a whole number of seconds from 1 to 86400.',
      ],
    ),
    [
      ['--scope', 'read:"messages"'],
      2,
      '--scope has a character that is not allowed in a scope (RFC 6749 §3.3).',
    ],
    [
      ['--scope', 'fly'],
      1,
      'ISSUER did not issue a token: invalid_scope, the API has no such scope.',
    ],
    [
      ['--audience', 'https://other.example'],
      1,
      'ISSUER did not issue a token: invalid_target, no API has this identifier.',
    ],
    [
      ['--as', 'manager', '--audience', 'https://other.example'],
      1,
      'ISSUER did not issue a token: invalid_target, no API has this identifier.',
    ],
  ])('for the arguments %j', async (words, expectedCode, line) => {
    const outcome = await token(words);

    expect(outcome).toEqual({
      code: expectedCode,
      stdout: '',
      stderr: `${line.replace('ISSUER', issuer.issuer)}\n`,
    });
  });

  test.each<[string, Record<string, string>, string[], number, string | RegExp]>([
    [
      'a port without a server',
      { PORT: '1' },
      [],
      2,
      'Cannot reach the local issuer at http://localhost:2/. Start it with npm start.',
    ],
    [
      'a user, without a server',
      { PORT: '1' },
      ['--as', 'guest'],
      2,
      'Cannot reach the local issuer at http://localhost:2/. Start it with npm start.',
    ],
    ['an invalid port', { PORT: 'x' }, [], 2, /^PORT "x" must be a whole number/],
    [
      'a client without an issuer',
      { AUTH0_CLIENT_ID: 'id', AUTH0_CLIENT_SECRET: 'a-secret-that-is-wrong' },
      [],
      2,
      'AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET require an issuer. Set AUTH0_DOMAIN and AUTH0_AUDIENCE (or OIDC_ISSUER and OIDC_AUDIENCE) too.',
    ],
    [
      'a tenant without a client',
      { AUTH0_DOMAIN: 'example.auth0.com', AUTH0_AUDIENCE: audience },
      [],
      2,
      /^The API trusts https:\/\/example\.auth0\.com\/, .* Set AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET/,
    ],
    [
      'a tenant without an audience',
      { ...tenant, OIDC_AUDIENCE: '', OIDC_ISSUER: 'https://issuer.example/' },
      [],
      2,
      /^OIDC_AUDIENCE is missing/,
    ],
    [
      'two issuers',
      {
        OIDC_ISSUER: 'https://a.example/',
        AUTH0_DOMAIN: 'a.auth0.com',
        AUTH0_AUDIENCE: 'a',
        OIDC_AUDIENCE: 'a',
      },
      [],
      2,
      /AUTH0_DOMAIN.*OIDC_ISSUER|OIDC_ISSUER.*AUTH0_DOMAIN/,
    ],
    [
      'a user of a tenant',
      { ...tenant, OIDC_ISSUER: 'https://issuer.example/' },
      ['--as', 'manager'],
      2,
      '--as requires the local issuer, but the API trusts https://issuer.example/.',
    ],
    [
      'a lifetime of a tenant',
      { ...tenant, OIDC_ISSUER: 'https://issuer.example/' },
      ['--lifetime', '60'],
      2,
      '--lifetime requires the local issuer, but the API trusts https://issuer.example/.',
    ],
    [
      'an issuer without TLS on another machine',
      { ...tenant, OIDC_ISSUER: 'http://issuer.example/' },
      [],
      2,
      /^OIDC_ISSUER "http:\/\/issuer\.example\/" /,
    ],
  ])('for %s', async (_case, set, words, code, line) => {
    const outcome = await token(words, { set });

    expect(outcome.stderr).toMatch(/^[^\n]+\n$/);
    expect(outcome.stderr.trimEnd()).toEqual(
      typeof line === 'string' ? line : expect.stringMatching(line),
    );
    expect(outcome).toMatchObject({ code, stdout: '' });
    expect(outcome.stderr).not.toContain('a-secret-that-is-wrong');
  });

  test('for a wrong secret', async () => {
    const set = { ...tenant, OIDC_ISSUER: issuer.issuer };

    const outcome = await token([], { set });

    expect(outcome).toMatchObject({ code: 1, stdout: '' });
    expect(outcome.stderr).toMatch(/did not issue a token: invalid_client, [^\n]+\.\n$/);
    expect(outcome.stderr).not.toContain('a-secret-that-is-wrong');
  });

  test('for an unreadable .env', async () => {
    const folder = join(issuer.folder, 'unreadable');
    await mkdir(join(folder, '.env'), { recursive: true });

    const outcome = await token([], { folder });

    expect(outcome).toEqual({
      code: 2,
      stdout: '',
      stderr: `${join(folder, '.env')} is a directory: replace it with a file of NAME=value lines, or remove it\n`,
    });
  });
});

describe('an issuer that echoes the request in its error', () => {
  let server: Server;
  let address: string;
  let error: { readonly error: string; readonly error_description?: string };
  beforeAll(async () => {
    server = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.url?.startsWith('/.well-known/')) {
        response.end(JSON.stringify({ issuer: address, token_endpoint: `${address}token` }));
        return;
      }
      response.statusCode = 400;
      response.end(JSON.stringify(error));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const bound = server.address();
    address = `http://localhost:${typeof bound === 'object' ? bound?.port : bound}/`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  const secret = 'part/one+part two&part(three)';
  const echoes: [string, typeof error, string][] = [
    [
      'as it is',
      {
        error: 'invalid_client',
        error_description: `no\u001b[31m client\nhas the secret ${secret}.`,
      },
      'invalid_client, no [31m client has the secret (secret)',
    ],
    [
      'as encoded in a form',
      { error: 'invalid_client', error_description: `${new URLSearchParams({ secret })}` },
      'invalid_client, secret=(secret)',
    ],
    [
      'as encoded in a URL',
      { error: 'invalid_client', error_description: `/?secret=${encodeURIComponent(secret)}` },
      'invalid_client, /?secret=(secret)',
    ],
    [
      'where the description is cut',
      { error: 'invalid_client', error_description: `${'x'.repeat(290)}${secret}` },
      `invalid_client, ${'x'.repeat(290)}(secret)`,
    ],
    ['as the error', { error: `no\u001b[31m ${secret}` }, 'no [31m (secret)'],
  ];

  test.each(echoes)('does not make the command print the secret: %s', async (_, echo, line) => {
    error = echo;
    const outcome = await runInProcess(tokenCommand, {
      folder: issuer.folder,
      variables: { ...tenant, OIDC_ISSUER: address, AUTH0_CLIENT_SECRET: secret },
      settings: 'package',
    });

    expect(outcome).toEqual({
      code: 1,
      stdout: '',
      stderr: `${address} did not issue a token: ${line}.\n`,
    });
  });
});
