import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { queryCommand } from '../../src/cli/query-command.ts';
import { runInProcess } from '../cli/run-in-process.ts';
import { type IssuerFixture, startIssuer } from '../local-issuer/issuer-fixture.ts';
import { type LocalServer, startLocalServer } from '../support/local-server.ts';

let issuer: IssuerFixture;
const servers = new Map<string, LocalServer>();
beforeAll(async () => {
  issuer = await startIssuer();
  for (const [name, environment] of Object.entries({
    optional: {},
    required: { DPOP: 'required' },
    nonces: { DPOP: 'required', DPOP_NONCE: 'required' },
  })) {
    servers.set(name, await startLocalServer(issuer, environment));
  }
});
afterAll(async () => {
  for (const server of servers.values()) await server.stop();
  await issuer.close();
});

function query(server: string, ...words: string[]) {
  return runInProcess(queryCommand, {
    folder: issuer.folder,
    // The local issuer is expected at the next port.
    variables: { PORT: String(Number(new URL(issuer.issuer).port) - 1) },
    arguments: [...words, '--endpoint', servers.get(server)?.endpoint ?? ''],
  });
}

describe('npm run query -- --dpop', () => {
  it.each([
    ['optional', []],
    ['required', []],
    ['nonces', []],
    ['optional', ['--as', 'manager', '--scope', 'read:messages']],
    ['nonces', ['--as', 'manager', '--scope', 'read:messages']],
  ])('is served where DPoP is %s, with %j', async (server, words) => {
    const outcome = await query(server, '{ private { message } }', '--dpop', ...words);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toMatch(/^200 OK\n/);
    // The response has the nonce for the next proof.
    expect(outcome.stdout.includes('\ndpop-nonce: ')).toBe(server === 'nonces');
  });

  it('sends a query string, which is not part of htu', async () => {
    const { endpoint } = servers.get('required') ?? { endpoint: '' };
    const outcome = await query('required', '{ private { message } }', '--dpop');
    const withQuery = await runInProcess(queryCommand, {
      folder: issuer.folder,
      variables: { PORT: String(Number(new URL(issuer.issuer).port) - 1) },
      arguments: ['{ private { message } }', '--dpop', '--endpoint', `${endpoint}?a=b#c`],
    });
    expect(withQuery.stdout).toBe(outcome.stdout);
  });

  it('is denied without the scope, with a challenge for the scheme that was used', async () => {
    const outcome = await query('optional', '{ admin { message } }', '--dpop');
    expect(outcome.code).toBe(1);
    expect(outcome.stdout).toMatch(/^403 .*\nwww-authenticate: DPoP realm=/s);
  });

  it.each([[['--dpop', '--anonymous']], [['--dpop', '--token', 'a.b.c']]])(
    'cannot be combined: %j',
    async (words) => {
      const outcome = await query('optional', '{ public { message } }', ...words);
      expect(outcome).toMatchObject({ code: 2, stdout: '' });
    },
  );
});

it('without --dpop, Bearer is rejected if DPoP is required', async () => {
  const outcome = await query('required', '{ private { message } }', '--scope', 'read:messages');
  expect(outcome.code).toBe(1);
  expect(outcome.stdout).toMatch(/^401 .*\nwww-authenticate: DPoP realm="graphql", algs=/s);
});
