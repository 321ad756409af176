import { createServer, type IncomingMessage, type Server } from 'node:http';
import { text } from 'node:stream/consumers';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { queryCommand } from '../../src/cli/query-command.ts';
import { type IssuerFixture, startIssuer } from '../local-issuer/issuer-fixture.ts';
import { runInProcess } from './run-in-process.ts';

/** The last request to the mock API. */
interface Received {
  readonly request: IncomingMessage;
  readonly body: unknown;
}

let issuer: IssuerFixture;
let server: Server;
let endpoint: string;
let received: Received | undefined;
let reply: { status: number; headers: Record<string, string>; body: string };

beforeAll(async () => {
  issuer = await startIssuer();
  server = createServer(async (request, response) => {
    received = { request, body: JSON.parse(await text(request)) };
    response.writeHead(reply.status, reply.headers).end(reply.body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  endpoint = `http://localhost:${typeof address === 'object' ? address?.port : address}/graphql`;
});
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await issuer.close();
});
beforeEach(() => {
  received = undefined;
  reply = {
    status: 200,
    headers: { 'content-type': 'application/graphql-response+json', 'x-powered-by': 'nobody' },
    body: '{"data":{"public":{"message":"Hello"}}}',
  };
});

function query(words: readonly string[], set: Record<string, string> = {}) {
  const port = Number(new URL(issuer.issuer).port) - 1;
  return runInProcess(queryCommand, {
    folder: issuer.folder,
    variables: { PORT: String(port), PUBLIC_URL: new URL(endpoint).origin, ...set },
    arguments: words,
  });
}

const operation = '{ public { message } }';
const printed = `200 OK
content-type: application/graphql-response+json

{
  "data": {
    "public": {
      "message": "Hello"
    }
  }
}
`;
const withoutToken = 'Sent without a token. To send one, use --scope, --as or --token.\n';

test('sends the operation without a token and says so', async () => {
  const outcome = await query([operation]);

  expect(outcome).toEqual({ code: 0, stdout: printed, stderr: withoutToken });
  expect(received?.request).toMatchObject({ method: 'POST', url: '/graphql' });
  expect(received?.request.headers.authorization).toBeUndefined();
  expect(received?.body).toEqual({ query: operation });
});

test('does not warn with --anonymous', async () => {
  expect(await query([operation, '--anonymous'])).toEqual({ code: 0, stdout: printed, stderr: '' });
  expect(received?.request.headers.authorization).toBeUndefined();
});

test.each([
  [['--scope', 'read:messages'], { sub: 'local-machine@clients', scope: 'read:messages' }],
  [['--as', 'manager'], { sub: 'manager', permissions: ['read:messages'] }],
  [['--as', 'administrator', '--scope', 'admin:write'], { permissions: ['admin:write'] }],
])('gets a token for %j and does not print it', async (words, claims) => {
  const outcome = await query([operation, ...words]);

  expect(outcome).toEqual({ code: 0, stdout: printed, stderr: '' });
  const [scheme, token = ''] = received?.request.headers.authorization?.split(' ') ?? [];
  expect(scheme).toBe('Bearer');
  expect(decodeJwt(token)).toMatchObject(claims);
});

test('sends a given token, the variables and the name of the operation', async () => {
  const words = ['--token', 'any.token', '--variables', '{"a":1}', '--operation-name', 'Q'];

  const { code } = await query([operation, ...words, '--endpoint', `${endpoint}?x`]);

  expect(code).toBe(0);
  expect(received?.request.url).toBe('/graphql?x');
  expect(received?.request.headers.authorization).toBe('Bearer any.token');
  expect(received?.body).toEqual({ query: operation, variables: { a: 1 }, operationName: 'Q' });
});

test('does not follow redirects with the token', async () => {
  const location = `${new URL(endpoint).origin}/elsewhere`;
  reply = { status: 307, headers: { location }, body: '' };

  const { code, stdout } = await query([operation, '--token', 'any.token']);

  expect(code).toBe(1);
  expect(stdout).toMatch(/^307 Temporary Redirect\n/);
  expect(received?.request.url).toBe('/graphql');
});

test('prints a refusal with the relevant headers and fails', async () => {
  reply = {
    status: 401,
    headers: {
      'cache-control': 'no-store',
      'content-type': 'application/json',
      'www-authenticate': 'Bearer realm="api"',
      'dpop-nonce': 'nonce',
      'retry-after': '1',
    },
    body: '{"errors":[]}',
  };

  const outcome = await query([operation, '--anonymous']);

  expect(outcome).toEqual({
    code: 1,
    stderr: '',
    stdout: `401 Unauthorized
content-type: application/json
www-authenticate: Bearer realm="api"
retry-after: 1
dpop-nonce: nonce
cache-control: no-store

{
  "errors": []
}
`,
  });
});

test.each([
  ['not JSON', 'Not found: /graphql', 404, 1],
  ['empty', '', 204, 0],
])('prints a response that is %s unchanged', async (_case, body, status, code) => {
  reply = { status, headers: {}, body };

  const outcome = await query([operation, '--anonymous']);

  expect(outcome.code).toBe(code);
  expect(outcome.stdout).toMatch(new RegExp(`^${status} .*\\n\\n${body}\\n$`));
});

test('--help prints how to use it', async () => {
  const { code, stdout } = await query(['--help']);

  expect(stdout).toContain("npm run --silent query -- '{ __typename }' --as manager");
  expect(stdout).toContain('local issuer: manager, administrator, guest\n');
  expect(code).toBe(0);
});

describe('one line on standard error', () => {
  test.each<[string[], number, string]>([
    [[], 2, 'Pass exactly one operation, in quotes. Try --help.'],
    [['{', 'public', '}'], 2, 'Pass exactly one operation, in quotes. Try --help.'],
    [[operation, '--tokne', 'secret-value'], 2, 'Unknown option --tokne. Try --help.'],
    [[operation, '--token'], 2, '--token requires a value. Try --help.'],
    [
      [operation, '--token', 'secret\nvalue'],
      2,
      '--token is empty or has a character that is not allowed in a header.',
    ],
    [
      [operation, '--token', ''],
      2,
      '--token is empty or has a character that is not allowed in a header.',
    ],
    [
      [operation, '--token', 'secret-value', '--scope', 'read:messages'],
      2,
      'Choose one: --token, --anonymous, or --scope, --audience, --as, --lifetime and --dpop.',
    ],
    [
      [operation, '--anonymous', '--as', 'guest'],
      2,
      'Choose one: --token, --anonymous, or --scope, --audience, --as, --lifetime and --dpop.',
    ],
    [
      [operation, '--token', 'secret-value', '--lifetime', '60'],
      2,
      'Choose one: --token, --anonymous, or --scope, --audience, --as, --lifetime and --dpop.',
    ],
    [
      [operation, '--token', 'secret-value', '--token', 'other-value'],
      2,
      '--token is given twice.',
    ],
    [
      [operation, '--variables', '[1]'],
      2,
      `--variables must be a JSON object, such as '{"id": 1}'.`,
    ],
    [
      [operation, '--variables', '{id: 1}'],
      2,
      `--variables must be a JSON object, such as '{"id": 1}'.`,
    ],
    [
      [operation, '--endpoint', 'localhost:4000'],
      2,
      '--endpoint must be an http or https URL without credentials.',
    ],
    [
      [operation, '--token', 'secret-value', '--endpoint', 'http://localhost:1/graphql'],
      2,
      'Cannot reach the API at http://localhost:1/graphql. Start it, or pass --endpoint.',
    ],
    [
      [operation, '--scope', 'fly'],
      1,
      'ISSUER did not issue a token: invalid_scope, the API has no such scope.',
    ],
  ])('for the arguments %j', async (words, code, line) => {
    const outcome = await query(words);

    expect(outcome).toEqual({
      code,
      stdout: '',
      stderr: `${line.replace('ISSUER', issuer.issuer)}\n`,
    });
  });

  test('for an invalid PUBLIC_URL', async () => {
    const outcome = await query([operation, '--anonymous'], { PUBLIC_URL: 'api' });

    expect(outcome).toEqual({
      code: 2,
      stdout: '',
      stderr: 'PUBLIC_URL "api" must be a URL, such as https://api.example.com\n',
    });
  });
});
