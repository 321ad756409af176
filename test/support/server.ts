import type { DestinationStream } from 'pino';
import type { Api } from '../../src/server/build-api.ts';
import {
  type Configuration,
  readConfiguration,
} from '../../src/server/configuration/configuration.ts';
import { createLogger } from '../../src/server/logger.ts';
import { type ServerOptions, startServer } from '../../src/server/server.ts';
import { withSystemTimers } from './clock.ts';
import { buildFixtureApi } from './fixture-api.ts';
import { freePort } from './free-ports.ts';
import { createTestIssuer, type TestIssuer } from './tokens.ts';

/** The API on its own port, accepting tokens of a test issuer. */
export interface TestServer {
  /** `http://localhost:PORT` */
  readonly origin: string;
  readonly endpoint: string;
  readonly issuer: TestIssuer;
  readonly configuration: Configuration;
  /** The lines of the log. */
  readonly logged: readonly string[];
  stop(): Promise<void>;
}

/** In place of the built page of GraphiQL, which takes long to build. */
export const pageFixture = new URL('page/', import.meta.url);

/** Starts the server like main.ts, with a clock and an issuer that the test controls. */
export async function startTestServer(
  environment: Readonly<Record<string, string>> = {},
  issuer: TestIssuer = createTestIssuer(),
  api: Api = buildFixtureApi(),
  others: Pick<ServerOptions, 'metrics' | 'graphiqlFolder' | 'testUsers' | 'clock'> = {},
): Promise<TestServer> {
  const port = await freePort();
  const variables = {
    OIDC_ISSUER: issuer.issuer,
    OIDC_AUDIENCE: issuer.audience,
    NODE_ENV: 'test',
    LOG_REQUESTS: 'off',
    ...environment,
    PORT: String(port),
  };
  const hasMigrations = api.migrations !== undefined;
  const configuration = readConfiguration(variables, { hasMigrations });
  const logged: string[] = [];
  const destination: DestinationStream = { write: (line) => void logged.push(line) };
  const server = await startServer({
    graphiqlFolder: pageFixture,
    configuration,
    api,
    log: createLogger(configuration.logLevel, destination),
    fetch: issuer.fetch,
    clock: withSystemTimers(issuer.clock),
    ...others,
  });
  return {
    origin: `http://localhost:${port}`,
    endpoint: `http://localhost:${port}/graphql`,
    issuer,
    configuration,
    logged,
    stop: server.stop,
  };
}
