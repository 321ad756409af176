import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { repeatCommand } from '../../src/server/graphiql/browser/wire/repeat-command.ts';

type Exchange = Parameters<typeof repeatCommand>[0];

const endpoint = 'http://localhost:4000/graphql';
const settings = {
  endpoint,
  commandPort: null,
  testUsers: [{ name: 'manager', displayName: 'Manager', scopes: ['read:messages'] }],
};
const anonymous: Exchange = {
  request: { query: '{ public }', variables: undefined, operationName: undefined },
  credentials: 'none',
  account: undefined,
  isStream: false,
};
const manager = {
  name: 'Manager',
  subject: 'manager',
  token: undefined,
  scopes: ['read:messages'],
  expiresAt: undefined,
  scheme: 'Bearer',
} as const;
const signedIn: Exchange = { ...anonymous, credentials: 'session', account: manager };

/** The arguments that a shell passes to `curl` and `npm`, which are functions here. */
function run(command: string): readonly string[] {
  const script = `npm() { printf 'TOKEN'; printf '[%s]' "$@"; }
    curl() { printf '%s\\0' "$@"; }
    ${command.replace(/^npm /, 'curl npm ')}`;
  const { stdout, stderr } = spawnSync('sh', ['-c', script], {
    encoding: 'utf8',
    env: { TOKEN: 'typed', HOME: '/home/expanded' },
  });
  expect(stderr).toBe('');
  return stdout.split('\0').slice(0, -1);
}

const body = (args: readonly string[]): unknown => JSON.parse(args.at(-1) ?? '');

describe('every text arrives unchanged', () => {
  test.each([
    ['quotes', `{ a(b: "it's", c: '"') }`],
    ['a quote at either end', "'{ a }'"],
    ['lines', '# One\n{\r\n\ta\n}\n'],
    ['what expands', '{ a(b: "$HOME $(echo no) `echo no` $((1+1)) !! ~ *") }'],
    ['backslashes', '{ a(b: "\\" \\\\ \\n \\\n") }'],
    ['Unicode', '{ a(b: "café 日本 👩‍👩‍👧 \u2028 \u00a0") }'],
    ['what ends a command', '{ a }; echo no & echo no | cat > /dev/null # no'],
  ])('%s', (_case, query) => {
    const variables = { text: query };
    const request = { query, variables, operationName: 'Name' };
    const expected = { query, variables, operationName: 'Name' };
    expect(body(run(repeatCommand({ ...anonymous, request }, settings)))).toEqual(expected);
    expect(body(run(repeatCommand({ ...signedIn, request }, settings)))).toEqual(expected);

    const bound: Exchange = { ...signedIn, request, account: { ...manager, scheme: 'DPoP' } };
    const args = run(repeatCommand(bound, settings));
    expect(args.slice(0, 5)).toEqual(['npm', 'run', '--silent', 'query', '--']);
    expect(args[5]).toBe(query);
    expect(JSON.parse(args[args.indexOf('--variables') + 1] ?? '')).toEqual(variables);
  });

  test('the names of accounts and scopes', () => {
    const account = { ...manager, subject: "it's $HOME", scopes: ['"a"', "b'c", '`d`'] };
    const [user] = settings.testUsers;
    const args = run(
      repeatCommand(
        { ...signedIn, account },
        { ...settings, testUsers: user ? [{ ...user, name: account.subject }] : [] },
      ),
    );
    expect(args[2]).toBe(
      `Authorization: Bearer TOKEN[run][--silent][token][--][--as][it's $HOME][--scope]["a" b'c \`d\`]`,
    );
  });
});

test('the port by which a command finds the local issuer, unless it is the default', () => {
  const bound: Exchange = { ...signedIn, account: { ...manager, scheme: 'DPoP' } };
  const other = { ...settings, commandPort: 4001 };
  expect(repeatCommand(signedIn, other)).toContain('$(PORT=4001 npm run --silent token -- ');
  expect(repeatCommand(bound, other)).toMatch(/^PORT=4001 npm run --silent query -- /);
  expect(repeatCommand(bound, settings)).not.toContain('PORT');
});

describe('the credentials', () => {
  const headers = (exchange: Exchange): readonly string[] => {
    const args = run(repeatCommand(exchange, settings));
    return args.filter((_, index) => args[index - 1] === '-H');
  };
  const json = 'Content-Type: application/json';

  test.each<[string, Exchange, readonly string[]]>([
    ['none', anonymous, [json]],
    [
      'those of a test user, with the scopes of the token',
      signedIn,
      [
        'Authorization: Bearer TOKEN[run][--silent][token][--][--as][manager][--scope][read:messages]',
        json,
      ],
    ],
    [
      'those of another account are a machine’s',
      { ...signedIn, account: { ...manager, subject: 'auth0|1' } },
      ['Authorization: Bearer TOKEN[run][--silent][token][--][--scope][read:messages]', json],
    ],
    [
      'those of a token without scopes',
      { ...signedIn, account: { ...manager, scopes: [] } },
      ['Authorization: Bearer TOKEN[run][--silent][token][--][--as][manager]', json],
    ],
    [
      'typed ones are a variable',
      { ...anonymous, credentials: 'header' },
      ['Authorization: Bearer typed', json],
    ],
    ['a stream', { ...anonymous, isStream: true }, [json, 'Accept: text/event-stream']],
  ])('%s', (_case, exchange, expected) => {
    expect(headers(exchange)).toEqual(expected);
  });

  test('a proof is made by npm run query', () => {
    const exchange: Exchange = { ...signedIn, account: { ...manager, scheme: 'DPoP' } };
    expect(run(repeatCommand(exchange, settings))).toEqual(
      `npm run --silent query -- |{ public }|--as|manager|--scope|read:messages|--dpop|--endpoint|${endpoint}`
        .split('|')
        .flatMap((words, index) => (index === 0 ? words.trim().split(' ') : [words])),
    );
  });
});
