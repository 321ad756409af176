import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doctorCommand } from '../../src/cli/doctor-command.ts';
import { readDocument } from '../documentation/markdown.ts';
import { audience, type IssuerFixture, startIssuer } from '../local-issuer/issuer-fixture.ts';
import { freePort } from '../support/free-ports.ts';
import { type LocalServer, startLocalServer } from '../support/local-server.ts';
import {
  createTestIssuer,
  createTestKey,
  type TestIssuer,
  type TokenOverrides,
} from '../support/tokens.ts';
import { runInProcess } from './run-in-process.ts';

/** An issuer on a port, and other servers by path: each as it is misconfigured in practice. */
let network: Server;
let origin: string;
let issuer: TestIssuer;
let skewSeconds = 0;
let isMoved = false;
let unused: string;

beforeAll(async () => {
  network = createServer(async ({ url = '' }, response) => {
    const date = new Date(Date.now() + skewSeconds * 1_000).toUTCString();
    response.setHeader('Date', date);
    if (url.startsWith('/moved/') || (isMoved && url === '/livez')) {
      response.writeHead(301, { Location: `${origin}/` }).end();
      return;
    }
    if (url.startsWith('/named/')) {
      response.end(JSON.stringify({ issuer: `${origin}/named/` }));
      return;
    }
    if (url.startsWith('/escaping/.well-known/')) {
      const keys = `${origin}/\u001b]0;title\u0007/keys`;
      response.end(JSON.stringify({ issuer: `${origin}/escaping/`, jwks_uri: keys }));
      return;
    }
    const found = await issuer.fetch(`${origin}${url}`, {});
    response.writeHead(found.status, { 'Content-Type': 'application/json' });
    response.end(await found.text());
  });
  await new Promise<void>((resolve) => network.listen(0, '127.0.0.1', resolve));
  origin = `http://127.0.0.1:${(network.address() as AddressInfo).port}`;
  issuer = createTestIssuer({ issuer: `${origin}/` });
  unused = String(await freePort());
});
afterAll(() => new Promise((resolve) => network.close(resolve)));

const now = () => Math.floor(Date.now() / 1_000);
const token = ({ claims, ...overrides }: TokenOverrides = {}) =>
  issuer.sign({ ...overrides, claims: { iat: now(), exp: now() + 600, ...claims } });

/** Runs it with the issuer above, and returns its output without line breaks within sentences. */
async function examine(
  words: readonly string[] = [],
  variables: Readonly<Record<string, string>> = {},
  input?: string,
  settings: 'repository' | 'package' = 'repository',
) {
  const { code, stdout, stderr } = await runInProcess(doctorCommand, {
    folder: '/nowhere',
    settings,
    variables: {
      OIDC_ISSUER: `${origin}/`,
      OIDC_AUDIENCE: issuer.audience,
      PORT: unused,
      ...variables,
    },
    arguments: words,
    ...(input === undefined ? {} : { input }),
  });
  return { code, stderr, stdout, text: stdout.replace(/\s+/g, ' ') };
}

interface Entry {
  readonly words?: () => readonly string[];
  readonly variables?: () => Readonly<Record<string, string>>;
  readonly skew?: number;
  /** Part of the output, without the values of this run. */
  readonly says: string;
}

/** One for each entry of the first half of docs/troubleshooting.md, by its anchor. */
const entries: Readonly<Record<string, Entry>> = {
  'the-audience-is-wrong': {
    words: () => ['--token', token({ claims: { aud: 'https://other.example' } })],
    says: 'Its aud is "https://other.example"; accepted: https://api.test.',
  },
  'the-issuer-is-wrong-by-a-slash-perhaps': {
    variables: () => ({ OIDC_ISSUER: `${origin}/named` }),
    says: 'the slash at the end differs. Configure that one, exactly.',
  },
  'the-token-is-opaque': {
    words: () => ['--token', 'b3BhcXVl'],
    says: 'It is opaque or encrypted, or not a token.',
  },
  'the-token-has-expired': {
    words: () => ['--token', token({ claims: { exp: 1_700_000_000 } })],
    says: 'Its exp is 2023-11-14T22:13:20.000Z; now it is',
  },
  'the-token-looks-valid-and-its-signature-does-not-verify': {
    words: () => [
      '--token',
      token({ key: { ...createTestKey(), kid: issuer.keys[0]?.kid ?? '' } }),
    ],
    says: 'Get a new token, and pass all of it.',
  },
  'the-authorization-header-is-malformed': {
    words: () => ['--token', `"${token()}"`],
    says: 'Pass the token as it is: without quotes, spaces and line breaks.',
  },
  'the-word-bearer-is-missing': {
    words: () => ['--authorization', token()],
    says: 'the request counts as one without a token.',
  },
  'permission-assigned-but-scope-missing-from-the-token': {
    words: () => ['--token', token()],
    says: 'Scopes that rules name: the token has none, and lacks',
  },
  'the-issuer-cannot-be-reached': {
    variables: () => ({ OIDC_ISSUER: `http://127.0.0.1:${unused}/` }),
    says: 'Check the domain of the issuer, and that this machine can connect to it',
  },
  'a-setting-is-missing-or-wrong': {
    variables: () => ({ AUTH0_DOMAIN: 'example.eu.auth0.com' }),
    says: 'OIDC_ISSUER and AUTH0_DOMAIN are both set',
  },
  'the-port-is-already-in-use': {
    variables: () => ({ PORT: new URL(origin).port, HOST: '127.0.0.1' }),
    says: 'if another program uses port',
  },
  'the-database-cannot-be-used': {
    variables: () => ({ DATABASE_URL: `postgres://api:secret@127.0.0.1:${unused}/api` }),
    says: 'Check DATABASE_URL: host, port, database, role and password; and that the database runs.',
  },
};

describe('covers what docs/troubleshooting.md describes', () => {
  const page = readDocument('docs/troubleshooting.md');
  const sections = page.split(/^## /m).slice(1);
  const anchorOf = (section: string) =>
    (section.split('\n', 1)[0] ?? '')
      .toLowerCase()
      .replaceAll(/[^a-z ]/g, '')
      .replaceAll(' ', '-');
  const problems = sections.filter((section) => !section.startsWith('Reasons: '));

  it('has each entry', () => {
    expect(Object.keys(entries)).toEqual(problems.map(anchorOf));
  });

  it.each(Object.entries(entries))('%s', async (anchor, { words, variables, says }) => {
    const { code, stderr, text } = await examine(words?.(), variables?.());

    expect(stderr).toBe('');
    expect(text).toContain(says);
    const isNote = anchor === 'permission-assigned-but-scope-missing-from-the-token';
    expect(code).toBe(isNote ? 0 : 1);
    const section = problems.find((one) => anchorOf(one) === anchor) ?? '';
    expect(section.replace(/\s+/g, ' ')).toContain(`**Doctor.** \`${says}\``);
  });

  it('explains each reason', async () => {
    const reasons = [...page.matchAll(/^### (\w+)$/gm)].map(([, name = '']) => name);
    expect(reasons.length).toBeGreaterThan(40);
    for (const reason of reasons) {
      const { code, text } = await examine(['--reason', reason]);
      expect([reason, code]).toEqual([reason, 0]);
      expect(text).toMatch(new RegExp(`^${reason} - Cause\\. .+ - Fix\\. `));
      expect(text).not.toMatch(/\*\*|`|\]\(/);
    }
  });
});

describe('names the check of a token that fails', () => {
  it.each<[string, TokenOverrides, string]>([
    [
      'token_issuer',
      { claims: { iss: 'https://other.example/' } },
      'Its iss is "https://other.example/"; trusted: http',
    ],
    ['token_algorithm', { header: { alg: 'HS256' } }, 'Its alg is "HS256"; accepted: RS256, '],
    ['token_type', { header: { typ: 'JWT' }, claims: { token_use: 'id' } }, 'token_use is "id"'],
    ['token_times', { claims: { exp: '1' } }, 'Its exp is "1"'],
    [
      'token_not_yet_valid',
      { claims: { nbf: 4_000_000_000 } },
      'Its nbf is 2096-10-02T07:06:40.000Z',
    ],
    ['token_subject', { claims: { sub: '' } }, 'has no subject'],
    ['token_claim', {}, 'the required claim org_id'],
  ])('%s', async (reason, overrides, says) => {
    const { code, text } = await examine(['--token', token(overrides)], {
      ...(reason === 'token_claim' ? { REQUIRED_CLAIMS: 'org_id' } : {}),
    });

    expect(text).toContain(`(${reason})`);
    expect(text).toContain(says);
    expect(text).toContain(`See docs/troubleshooting.md#${reason}`);
    expect(code).toBe(1);
  });

  it('accepts a token on standard input, with the line break of the command that printed it', async () => {
    const { code, text } = await examine([], {}, `${token()}\n`);

    expect(text).toContain('Token: the API accepts it.');
    expect(code).toBe(0);
  });

  it('takes a bound token for valid, and says how to send it', async () => {
    const bound = token({ claims: { cnf: { jkt: 'a' } } });
    const { code, text } = await examine(['--token', bound]);

    expect(text).toContain('it is valid, and bound to a key. Send it as DPoP');
    expect(code).toBe(0);
  });
});

it('prints nothing of a token that is secret', async () => {
  const secret = 'canary-4711';
  const claims = {
    sub: secret,
    email: secret,
    jti: secret,
    scope: secret,
    act: { sub: secret },
    [secret]: 1,
  };
  const flaws: TokenOverrides[] = [
    {},
    { claims: { aud: [] } },
    { claims: { exp: 1 } },
    { claims: { cnf: { [secret]: secret } } },
    { header: { crit: [secret] } },
    { header: { alg: 'none' } },
    { claims: { iss: `${secret}\n` } },
  ];
  for (const { header = {}, ...flaw } of flaws) {
    const text = token({
      header: { jku: secret, ...header },
      claims: { ...claims, ...flaw.claims },
    });
    const { stdout, stderr } = await examine(['--token', text], { REQUIRED_CLAIMS: 'org_id' });
    expect(stdout + stderr).not.toContain(secret);
    for (const part of text.split('.')) expect(stdout + stderr).not.toContain(part.slice(0, 12));
  }
});

it('explains that a token must have no audience', async () => {
  const clients = { OIDC_AUDIENCE: '', ALLOWED_CLIENTS: 'spa' };
  const { text } = await examine(['--token', token({ claims: { client_id: 'spa' } })], clients);

  expect(text).toContain('accepted: none at all.');
});

describe('checks what is around the API', () => {
  it('an issuer that redirects', async () => {
    const { code, text } = await examine([], { OIDC_ISSUER: `${origin}/moved/` });

    expect(text).toContain(`The issuer redirects to "${origin}/"`);
    expect(code).toBe(1);
  });

  it('an issuer whose metadata would control the terminal', async () => {
    const { text } = await examine([], { OIDC_ISSUER: `${origin}/escaping/` });

    expect(text).toContain(`${origin}/%1B]0;title%07/keys responded with status 404`);
  });

  it('an issuer that does not respond beside one that redirects', async () => {
    const down = `http://127.0.0.1:${unused}/`;
    const { text } = await examine([], { OIDC_ISSUER: `${origin}/moved/,${down}` });

    expect(text).toContain(`Issuer ${down}: fetch failed (ECONNREFUSED) Fix: Check the domain`);
  });

  it('an issuer without a document', async () => {
    const { text } = await examine([], { OIDC_ISSUER: `${origin}/missing/` });

    expect(text).toContain('responded with status 404');
    expect(text).toContain('JWKS_URL');
  });

  it.each([
    [120, 'seconds ahead of that of this machine'],
    [-120, 'seconds behind that of this machine'],
  ])('a clock that differs by %i seconds', async (skew, says) => {
    skewSeconds = skew;
    try {
      const { code, text } = await examine();
      expect(text).toMatch(new RegExp(`The clock of ${origin} is 1(?:19|20|21) ${says}`));
      expect(code).toBe(1);
    } finally {
      skewSeconds = 0;
    }
  });

  it('Redis', async () => {
    const { code, text } = await examine([], { REDIS_URL: `redis://127.0.0.1:${unused}` });

    expect(text).toContain('Redis cannot be used (ECONNREFUSED)');
    expect(code).toBe(1);
  });

  it.each([
    'localhost:6379',
    'hunter2@redis.test:6379',
    'redis://:hunter2/@redis.test:6379',
    'redis://:hunter2@redis.test:port',
    'redis://:hunter2%@redis.test',
    'redis://redis.test/hunter2',
    'http://:hunter2@redis.test',
  ])('a URL of Redis that is not valid, of an API that uses the package: %s', async (url) => {
    const { stdout, stderr, text, code } = await examine([], { REDIS_URL: url }, '', 'package');

    expect(text).toContain(`ok Issuer ${origin}/: its keys can be fetched.`);
    expect(text).toContain('REDIS_URL is not a valid URL of a Redis server.');
    expect(stdout + stderr).not.toContain('hunter2');
    expect(code).toBe(1);
  });

  it('a database that the API has not created yet', async () => {
    const { code, text } = await examine([], { DATABASE_URL: 'file:/nowhere/api.sqlite' });

    expect(text).toContain('the file does not exist. The API creates it.');
    expect(code).toBe(0);
  });

  it('a public URL that redirects', async () => {
    isMoved = true;
    const { code, text } = await examine([], { PUBLIC_URL: origin });
    isMoved = false;

    expect(text).toContain(`redirects to "${origin}/"`);
    expect(code).toBe(1);
  });
});

describe('with the API and its issuer running', () => {
  let local: IssuerFixture;
  let server: LocalServer;
  beforeAll(async () => {
    local = await startIssuer();
    server = await startLocalServer(local);
  });
  afterAll(async () => {
    await server.stop();
    await local.close();
  });

  const settings = (publicUrl: string) => ({
    OIDC_ISSUER: local.issuer,
    OIDC_AUDIENCE: audience,
    PORT: new URL(server.origin).port,
    PUBLIC_URL: publicUrl,
  });

  it('finds no problem', async () => {
    const { code, text } = await examine([], settings(server.origin));

    expect(text).toContain(`ok API ${server.origin}: it runs, and knows this as its URL.`);
    expect(text).toMatch(/No problems found\. $/);
    expect(code).toBe(0);
  });

  it('finds out that the API knows itself by another URL', async () => {
    const { code, text } = await examine(
      [],
      settings(server.origin.replace('localhost', '127.0.0.1')),
    );

    expect(text).toContain(`calls itself "${server.endpoint}"`);
    expect(code).toBe(1);
  });
});

it('takes a local issuer that does not run yet for normal', async () => {
  const { code, text } = await examine([], { OIDC_ISSUER: '', OIDC_AUDIENCE: '' });

  expect(text).toContain('The local issuer runs while the API does.');
  expect(code).toBe(0);
});

it('fits 80 columns, except for long words', async () => {
  const { stdout } = await examine(['--token', token({ claims: { exp: 1 } })]);

  const lines = stdout.split('\n').filter((line) => !/\S{60}/.test(line));
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
});

it.each([
  [['--token', 'a', '--authorization', 'b'], 'Choose one: --token or --authorization.'],
  [['--token', ''], 'The token is empty.'],
  [['--reason', 'x'], 'Unknown reason. The reasons are: authorization_malformed,'],
])('rejects %j', async (words, message) => {
  const { code, stderr } = await examine(words);

  expect(stderr).toContain(message);
  expect(code).toBe(2);
});
