import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { listScopes } from '../../src/authorization/review/access-rules.ts';
import type { Command } from '../../src/cli/command.ts';
import { doctorCommand } from '../../src/cli/doctor-command.ts';
import { queryCommand } from '../../src/cli/query-command.ts';
import { tokenCommand } from '../../src/cli/token-command.ts';
import { readConfiguration } from '../../src/server/configuration/configuration.ts';
import { callbackPath } from '../../src/server/graphiql/page.ts';
import { createLogger } from '../../src/server/logger.ts';
import { type RunningServer, startServer } from '../../src/server/server.ts';
import { parseEnvironment } from '../../src/shared/environment-file.ts';
import { runInProcess } from '../cli/run-in-process.ts';
import { buildFixtureApi } from '../support/fixture-api.ts';
import { freePorts } from '../support/free-ports.ts';
import { send } from '../support/http.ts';
import { createTestIssuer, createTestKey, jsonResponse } from '../support/tokens.ts';
import { auth0Commands, readAuth0Call } from './auth0-cli.ts';
import { commandsOf } from './console-block.ts';
import { type Block, blocksOf, readDocument } from './markdown.ts';

const blocks = blocksOf(readDocument('docs/auth0.md'));
const steps = blocks.slice(
  0,
  blocks.findIndex(({ heading }) => heading === 'Your own server'),
);
const documentedSettings = Object.assign(
  {},
  ...steps
    .filter(({ language }) => language === 'ini')
    .map(({ text }) => parseEnvironment(text).variables),
);
const domain = 'example.eu.auth0.com';
const audience = 'https://api.example.com';
const api = buildFixtureApi();

/** The words of a command, without their quotes. */
const wordsOf = (command: string): string[] =>
  [...command.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)].map(
    ([, single, double, bare]) => single ?? double ?? bare ?? '',
  );

describe('commands of the Auth0 CLI', () => {
  const lines = steps
    .flatMap(({ language, text }) => (language === 'bash' ? text.split('\n') : []))
    .filter((line) => line.startsWith('auth0 '));
  const readCalls = () => lines.map((line) => readAuth0Call(wordsOf(line)));
  const valuesOf = (...options: string[]) =>
    readCalls().flatMap((call) => options.flatMap((option) => call.options[option] ?? []));

  test('are in its documentation, and the table has no others', () => {
    const names = new Set(readCalls().map(({ name }) => name));

    expect([...names].sort()).toEqual([...auth0Commands].sort());
  });

  test.each([
    ['auth0 apis creates', 'Unknown command'],
    ['auth0 apis create --scope a', 'has no option --scope'],
    ['auth0 apis create --name --no-input', '--name has no value'],
    ['auth0 test token --audience a', 'takes 1 operands'],
  ])('would be rejected: %s', (line, message) => {
    expect(() => readAuth0Call(wordsOf(line))).toThrow(message);
  });

  test('name the API of the settings', () => {
    const named = [
      ...valuesOf('identifier', 'audience', 'api-id'),
      ...readCalls().flatMap(({ name, operands }) => (name === 'apis update' ? operands : [])),
    ];

    expect(new Set(named)).toEqual(new Set([documentedSettings.AUTH0_AUDIENCE]));
  });

  test('create the scopes of the schema, and grant no others', () => {
    const scopes = listScopes(api.schema);
    const [created, ...granted] = valuesOf('scopes', 'permissions').map((list) => list.split(','));

    expect([...(created ?? [])].sort()).toEqual([...scopes].sort());
    expect(scopes).toEqual(expect.arrayContaining(granted.flat()));
  });

  test('allow the callback of GraphiQL', () => {
    const { publicUrl } = readConfiguration({});

    expect(valuesOf('callbacks')).toEqual([`${publicUrl}${callbackPath}`]);
    expect(valuesOf('web-origins')).toEqual([publicUrl]);
    expect(valuesOf('refresh-token').map((text) => JSON.parse(text))).toEqual([
      { rotation_type: 'rotating', expiration_type: 'expiring' },
    ]);
  });
});

/** A tenant as Auth0 has them. Nothing else of the Internet can be reached. */
const tenant = createTestIssuer({
  issuer: `https://${domain}/`,
  audience,
  key: createTestKey('RS256'),
});
tenant.responses.discovery = () =>
  jsonResponse({
    issuer: tenant.issuer,
    jwks_uri: `${tenant.issuer}.well-known/jwks.json`,
    token_endpoint: `${tenant.issuer}oauth/token`,
  });
const network = globalThis.fetch;

async function fetchFromTenant(input: RequestInfo | URL, init: RequestInit = {}) {
  const url = input instanceof Request ? input.url : String(input);
  const { hostname, pathname } = new URL(url);
  if (hostname === 'localhost') return network(input, init);
  if (hostname !== domain) {
    throw new TypeError('fetch failed', {
      cause: Object.assign(new Error(), { code: 'ENOTFOUND' }),
    });
  }
  return pathname === '/oauth/token'
    ? issueMachineToken(new URLSearchParams(String(init.body)))
    : tenant.fetch(url, init);
}

/** The client credentials grant: Auth0 requires the audience, and grants what was authorized. */
function issueMachineToken(parameters: URLSearchParams): Response {
  expect(Object.fromEntries(parameters)).toEqual({
    grant_type: 'client_credentials',
    client_id: documentedSettings.AUTH0_CLIENT_ID,
    client_secret: documentedSettings.AUTH0_CLIENT_SECRET,
    audience,
    ...(parameters.has('scope') ? { scope: 'read:messages' } : {}),
  });
  const token = machineToken({ scope: 'read:messages' });
  return jsonResponse({ access_token: token, token_type: 'Bearer', expires_in: 86_400 });
}

/** Auth0's token profile: no `jti`, the client in `azp`. */
function tokenWith(claims: Readonly<Record<string, unknown>>): string {
  const now = Math.floor(Date.now() / 1_000);
  return tenant.sign({
    header: { typ: 'JWT' },
    claims: { client_id: undefined, jti: undefined, iat: now, exp: now + 86_400, ...claims },
  });
}

const machineToken = (claims: Readonly<Record<string, unknown>>) =>
  tokenWith({
    sub: `${documentedSettings.AUTH0_CLIENT_ID}@clients`,
    azp: documentedSettings.AUTH0_CLIENT_ID,
    gty: 'client-credentials',
    ...claims,
  });

const userToken = (claims: Readonly<Record<string, unknown>>) =>
  tokenWith({
    sub: 'auth0|507f1f77bcf86cd799439020',
    azp: documentedSettings.GRAPHIQL_CLIENT_ID,
    aud: [audience, `https://${domain}/userinfo`],
    ...claims,
  });

/** What $TOKEN is, in the order in which it is used. */
const pastedTokens = [
  () => machineToken({ aud: `https://${domain}/api/v2/` }),
  () => machineToken({}),
  () => userToken({ scope: 'read:messages admin:write' }),
  () => userToken({ permissions: [] }),
  () => userToken({ scope: 'read:messages', permissions: ['read:messages'] }),
];

describe.sequential('docs/auth0.md, from top to bottom', () => {
  const settings: Record<string, string> = {};
  let port: string;
  let server: RunningServer | undefined;
  beforeAll(async () => {
    vi.stubGlobal('fetch', fetchFromTenant);
    port = String((await freePorts())[0]);
  });
  afterAll(async () => {
    vi.unstubAllGlobals();
    await server?.stop();
  });

  async function start(): Promise<void> {
    const configuration = readConfiguration({ ...settings, PORT: port, NODE_ENV: 'test' });
    const log = createLogger('silent', { write: () => {} });
    server = await startServer({ configuration, api, log });
  }

  const scripts: Readonly<Record<string, Command>> = {
    doctor: doctorCommand,
    query: queryCommand,
    token: tokenCommand,
  };

  /** Runs one or more scripts, each with the output of the one before. */
  async function run(line: string): Promise<string> {
    let printed: string | undefined;
    for (const part of line.split(' | ')) {
      const [, variable, script = '', rest = ''] =
        /^(?:(\w+=\S+) )?npm run --silent (\w+)(?: -- (.*))?$/.exec(part) ?? [];
      const command = scripts[script];
      if (command === undefined) throw new Error(`Unknown script: ${part}`);
      const words = wordsOf(rest).map((word) =>
        word === '$TOKEN' ? (pastedTokens.shift()?.() ?? '') : word,
      );
      const { stdout, stderr } = await runInProcess(command, {
        folder: '/nowhere',
        variables: { ...settings, PORT: port, ...parseEnvironment(variable ?? '').variables },
        arguments: words,
        ...(printed === undefined ? {} : { input: printed }),
      });
      expect(stderr).toBe('');
      printed = stdout;
    }
    return (printed ?? '')
      .trimEnd()
      .replaceAll(String(Number(port) + 1), '4001')
      .replaceAll(port, '4000');
  }

  const follow: Readonly<Record<string, (block: Block) => void>> = {
    ini({ heading, text }) {
      test(`${heading}: settings`, () => {
        Object.assign(settings, parseEnvironment(text).variables);
        expect(() => readConfiguration(settings)).not.toThrow();
      });
    },
    bash({ heading, text }) {
      if (text === 'npm start\n') test(`${heading}: npm start`, start);
    },
    console({ heading, text }) {
      test.each(commandsOf(text))(`${heading}: $command`, async ({ command, output }) => {
        expect(await run(command)).toBe(output);
      });
    },
  };
  for (const block of steps) follow[block.language]?.(block);

  test('GraphiQL gets refresh tokens, which Auth0 issues on request only', async () => {
    await server?.stop();
    await start();
    const { text } = await send(`http://localhost:${port}/graphiql/settings.json`);

    expect(JSON.parse(text)).toMatchObject({
      issuer: `https://${domain}/`,
      clientId: documentedSettings.GRAPHIQL_CLIENT_ID,
      audience,
      identityScopes: expect.arrayContaining(['offline_access']),
    });
  });

  test('uses every token', () => {
    expect(pastedTokens).toEqual([]);
  });

  test('the authenticator for other servers accepts these tokens', async () => {
    const { authenticator } = await import('./examples/auth0.ts');
    const headers = new Headers({ authorization: `Bearer ${userToken({ permissions: ['a'] })}` });

    expect(
      await authenticator.authenticate({ method: 'POST', url: '/graphql', headers }),
    ).toMatchObject({ kind: 'authenticated', scopes: new Set(['a']) });
  });
});
