import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalIssuer } from '../../src/local-issuer/local-issuer.ts';
import { readConfiguration } from '../../src/server/configuration/configuration.ts';
import { localAudience } from '../../src/server/configuration/issuer-configuration.ts';
import { createLogger } from '../../src/server/logger.ts';
import { startServer } from '../../src/server/server.ts';
import { buildFixtureWithModules } from '../api/fixture-with-modules.ts';
import { withSystemTimers } from '../support/clock.ts';
import { freePort } from '../support/free-ports.ts';

/** The audience of another API that the local issuer issues tokens for. */
export const otherAudience = 'https://other.example';

/** A server that can be stopped, and started again at the same URL. */
interface RestartableServer {
  readonly url: string;
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** The API and the local issuer, as `npm start` runs them, each on a free port. */
export interface Environment {
  readonly api: RestartableServer;
  /** Stopping it ends all its sessions. */
  readonly issuer: RestartableServer;
  /** Sets the API's clock this many seconds ahead. */
  setApiAhead(seconds: number): void;
  close(): Promise<void>;
}

/** Starts both, the API with these variables in addition to those that it needs. */
export async function startEnvironment(
  variables: Readonly<Record<string, string>> = {},
): Promise<Environment> {
  const folder = await mkdtemp(join(tmpdir(), 'examples-'));
  const [issuerPort, apiPort] = [await freePort(), await freePort()];
  const settings = readConfiguration(
    {
      PORT: String(apiPort),
      DATABASE_URL: `file:${join(folder, 'api.sqlite')}`,
      ...variables,
    },
    { hasMigrations: true },
  );
  const issuerUrl = `http://localhost:${issuerPort}/`;
  const issuers = [{ issuer: issuerUrl, audience: localAudience }];
  const configuration = { ...settings, issuer: { ...settings.issuer, issuers } };
  const definition = buildFixtureWithModules();
  let ahead = 0;

  const issuer = restartable(issuerUrl, async () => {
    const { close } = await startLocalIssuer({
      port: issuerPort,
      audience: [localAudience, otherAudience],
      keyFile: join(folder, 'keys.json'),
      environment: 'test',
      scopes: definition.scopes,
      users: definition.testUsers,
    });
    return close;
  });
  const api = restartable(`${configuration.publicUrl}/graphql`, async () => {
    const server = await startServer({
      configuration,
      api: definition,
      log: createLogger('silent', { write: () => undefined }),
      clock: withSystemTimers({ now: () => new Date(Date.now() + ahead * 1000) }),
    });
    return server.stop;
  });
  await issuer.start();
  await api.start();

  return {
    api,
    issuer,
    setApiAhead(seconds) {
      ahead = seconds;
    },
    async close() {
      await Promise.all([api.stop(), issuer.stop()]);
      await rm(folder, { recursive: true });
    },
  };
}

function restartable(url: string, run: () => Promise<() => Promise<void>>): RestartableServer {
  let close: (() => Promise<void>) | undefined;
  return {
    url,
    async start() {
      close ??= await run();
    },
    async stop() {
      await close?.();
      close = undefined;
    },
  };
}
