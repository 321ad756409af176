import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as client from 'openid-client';
import { browserClient, machineClient } from '../../src/local-issuer/clients-and-users.ts';
import { loadIssuerKeys } from '../../src/local-issuer/key-file.ts';
import {
  type LocalIssuer,
  type LocalIssuerOptions,
  startLocalIssuer,
} from '../../src/local-issuer/local-issuer.ts';
import { resolveTestUsers } from '../../src/server/test-users.ts';
import { testUsers } from '../fixture/index.ts';

/** The API's identifier in these tests. */
export const audience = 'https://api.example';

/** A local issuer on a free port, with its keys in its own folder. */
export interface IssuerFixture extends LocalIssuer {
  readonly folder: string;
  readonly keyFile: string;
}

/** The API's scopes in these tests, and the test users. */
export function knownScopes(
  scopes: readonly string[] = ['read:messages', 'write:messages', 'admin:write'],
): Pick<LocalIssuerOptions, 'scopes' | 'users'> {
  return { scopes, users: resolveTestUsers(testUsers, scopes) };
}

/** A new empty folder for one test file. */
export function temporaryFolder(): Promise<string> {
  return mkdtemp(join(tmpdir(), 'local-issuer-'));
}

/** The text of a key file. RSA keys take long to generate, so fixtures share one. */
let sharedKeys: Promise<string> | undefined;

async function generateKeyFile(): Promise<string> {
  const folder = await temporaryFolder();
  const keyFile = join(folder, 'keys.json');
  await loadIssuerKeys(keyFile);
  const text = await readFile(keyFile, 'utf8');
  await rm(folder, { recursive: true });
  return text;
}

/** Starts one; closing it removes its folder. */
export async function startIssuer(
  options: Partial<LocalIssuerOptions> = {},
): Promise<IssuerFixture> {
  const folder = await temporaryFolder();
  const keyFile = join(folder, 'keys.json');
  sharedKeys ??= generateKeyFile();
  await writeFile(keyFile, await sharedKeys, { mode: 0o600 });
  const running = await startLocalIssuer({
    port: 0,
    audience,
    keyFile,
    environment: 'test',
    ...knownScopes(),
    ...options,
  });
  return {
    ...running,
    folder,
    keyFile,
    close: async () => {
      await running.close();
      await rm(folder, { recursive: true });
    },
  };
}

const overHttp = { execute: [client.allowInsecureRequests] };

/** openid-client as the machine client. */
export function asMachine(
  issuer: string,
  {
    secret = machineClient.clientSecret,
    authentication = client.ClientSecretPost,
  }: { secret?: string; authentication?: (secret: string) => client.ClientAuth } = {},
): Promise<client.Configuration> {
  const url = new URL(issuer);
  return client.discovery(url, machineClient.clientId, secret, authentication(secret), overHttp);
}

/** openid-client as the public client. */
export function asBrowser(issuer: string): Promise<client.Configuration> {
  const url = new URL(issuer);
  return client.discovery(url, browserClient.clientId, undefined, client.None(), overHttp);
}

/** An authorization request as `local-spa` sends it; `null` leaves a parameter out. */
export function authorizationUrl(
  issuer: string,
  changes: Readonly<Record<string, string | null>> = {},
): URL {
  const url = new URL('authorize', issuer);
  const parameters = {
    response_type: 'code',
    client_id: browserClient.clientId,
    redirect_uri: 'http://localhost:5173/callback',
    scope: 'openid',
    state: 'the-state',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    code_challenge_method: 'S256',
    ...changes,
  };
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null) url.searchParams.set(name, value);
  }
  return url;
}
