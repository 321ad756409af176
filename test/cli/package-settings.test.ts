import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Command } from '../../src/cli/command.ts';
import { doctorCommand } from '../../src/cli/doctor-command.ts';
import { readPackageSettings } from '../../src/cli/package-settings.ts';
import { queryCommand } from '../../src/cli/query-command.ts';
import { tokenCommand } from '../../src/cli/token-command.ts';
import { runInProcess } from './run-in-process.ts';

const directory = mkdtempSync(join(tmpdir(), 'package-settings-'));
afterAll(() => rmSync(directory, { recursive: true }));

const client = { OIDC_AUDIENCE: 'api', AUTH0_CLIENT_ID: 'a', AUTH0_CLIENT_SECRET: 'b' };

it.each([
  [{}, 'http://localhost:4000/graphql'],
  [{ PORT: '5000' }, 'http://localhost:5000/graphql'],
  [{ PUBLIC_URL: 'https://example.com/v1' }, 'https://example.com/v1/graphql'],
  [{ PUBLIC_URL: 'https://api.example.com', PORT: '5000' }, 'https://api.example.com/graphql'],
])('finds the API with %o', (environment, endpoint) => {
  expect(readPackageSettings(environment, 'missing').endpoint).toBe(endpoint);
});

it.each([
  [{ ...client, OIDC_ISSUER: 'https://issuer.test/' }, 'https://issuer.test/'],
  [{ ...client, AUTH0_DOMAIN: 'tenant.test' }, 'https://tenant.test/'],
])('finds the issuer with %o', (environment, issuer) => {
  expect(readPackageSettings(environment, 'missing').tokenSource().issuer).toBe(issuer);
});

it.each([
  [{ PUBLIC_URL: 'api.example.com' }, /^PUBLIC_URL must be an http or https URL/],
  [{ PORT: 'http' }, /PORT a number/],
  [{}, /^To request tokens, set OIDC_ISSUER/],
  [{ PUBLIC_URL: 'ftp://api.example.com' }, /^PUBLIC_URL must be an http or https URL/],
  [{ ...client, OIDC_ISSUER: 'issuer' }, /^OIDC_ISSUER must be an https URL/],
])('says what is wrong with %o', (environment, message) => {
  expect(() => readPackageSettings(environment, 'missing').tokenSource()).toThrow(message);
});

const password = 'hunter2';
const withPassword: [string, Command, string[], Record<string, string>][] = [
  ['query', queryCommand, ['{ a }'], { PUBLIC_URL: `http://ada:${password}@127.0.0.1:9` }],
  ['doctor', doctorCommand, [], { PUBLIC_URL: `http://ada:${password}@127.0.0.1:9` }],
  ...[
    { OIDC_ISSUER: `http://ada:${password}@127.0.0.1:9/` },
    { OIDC_ISSUER: `http://127.0.0.1:9/?secret=${password}` },
    { AUTH0_DOMAIN: `ada:${password}@127.0.0.1:9` },
  ].flatMap((issuer): typeof withPassword => [
    ['token', tokenCommand, [], issuer],
    ['query', queryCommand, ['{ a }', '--scope', 'a'], issuer],
    ['doctor', doctorCommand, [], issuer],
  ]),
];

it.each(withPassword)('%s prints no password of a URL: %#', async (name, command, words, set) => {
  const issuer = { OIDC_ISSUER: 'http://127.0.0.1:9/' };
  const { code, stdout, stderr } = await runInProcess(command, {
    folder: directory,
    settings: 'package',
    variables: { ...client, ...('AUTH0_DOMAIN' in set ? {} : issuer), ...set },
    arguments: words,
  });

  expect(stdout + stderr).toMatch(/(?:PUBLIC_URL|OIDC_ISSUER|issuer) must be /);
  expect(stdout + stderr).not.toContain(password);
  expect(code).toBe(name === 'doctor' ? 1 : 2);
});

it('reads .env like the server, and reports lines that it cannot read', () => {
  const file = join(directory, '.env');
  writeFileSync(
    file,
    'export PUBLIC_URL="https://api.test" # the API\n# PORT=1\nPORT=5000 # spare\n',
  );
  expect(readPackageSettings({}, file).endpoint).toBe('https://api.test/graphql');
  expect(readPackageSettings({ PUBLIC_URL: 'https://other.test' }, file).endpoint).toBe(
    'https://other.test/graphql',
  );
  writeFileSync(file, "PORT=5000\nAUTH0_CLIENT_SECRET='hidden\nPUBLIC_URL=https://a.test/#b\n");
  expect(() => readPackageSettings({}, file)).toThrow(
    /\.env: line 2 has a quote that does not end the value: close it on this line; line 3 has a #/,
  );
});
