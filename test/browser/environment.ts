import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalIssuer } from '../../src/local-issuer/local-issuer.ts';
import type { Api } from '../../src/server/build-api.ts';
import { readConfiguration } from '../../src/server/configuration/configuration.ts';
import { localAudience } from '../../src/server/configuration/issuer-configuration.ts';
import { createLogger } from '../../src/server/logger.ts';
import { startServer } from '../../src/server/server.ts';
import { withSystemTimers } from '../support/clock.ts';
import { buildFixtureApi } from '../support/fixture-api.ts';
import { freePort } from '../support/free-ports.ts';

/** The API and the local issuer, each on a free port, as `npm start` runs them. */
export interface TestEnvironment {
  readonly endpoint: string;
  readonly origin: string;
  readonly issuer: string;
  /** What has been logged, line by line. */
  readonly logged: readonly string[];
  /** Stops the issuer alone. */
  stopIssuer(): Promise<void>;
  close(): Promise<void>;
}

export interface TestEnvironmentOptions {
  readonly environment?: Readonly<Record<string, string>>;
  /** Default: the fixture. */
  readonly api?: Api;
  /** In seconds. */
  readonly accessTokenLifetime?: number;
  /** The API's identifiers. Default: the audience of the local issuer's tokens. */
  readonly audiences?: readonly string[];
  /** The API's time. Default: the system's. */
  readonly now?: () => Date;
}

export async function startEnvironment({
  environment = {},
  api = buildFixtureApi(),
  accessTokenLifetime,
  audiences = [localAudience],
  now,
}: TestEnvironmentOptions = {}): Promise<TestEnvironment> {
  const folder = await mkdtemp(join(tmpdir(), 'browser-'));
  const issuer = await startLocalIssuer({
    port: 0,
    audience: localAudience,
    keyFile: join(folder, 'keys.json'),
    environment: 'test',
    scopes: api.scopes,
    users: api.testUsers,
    ...(accessTokenLifetime === undefined ? {} : { accessTokenLifetime }),
  });
  const port = await freePort();
  const settings = readConfiguration(
    { DATABASE_URL: `file:${join(folder, 'api.sqlite')}`, ...environment, PORT: String(port) },
    { hasMigrations: api.migrations !== undefined },
  );
  const issuers = [{ issuer: issuer.issuer, audience: audiences }];
  const configuration = { ...settings, issuer: { ...settings.issuer, issuers } };
  const logged: string[] = [];
  const server = await startServer({
    configuration,
    api,
    testUsers: issuer.users,
    log: createLogger('info', { write: (line) => void logged.push(line) }),
    ...(now ? { clock: withSystemTimers({ now }) } : {}),
  });
  let isIssuerUp = true;
  const stopIssuer = async (): Promise<void> => {
    if (isIssuerUp) await issuer.close();
    isIssuerUp = false;
  };
  return {
    endpoint: `${configuration.publicUrl}/graphql`,
    origin: configuration.publicUrl,
    issuer: issuer.issuer,
    logged,
    stopIssuer,
    async close() {
      await server.stop();
      await stopIssuer();
      await rm(folder, { recursive: true });
    },
  };
}
