import { createServer } from 'node:http';
import type { DestinationStream } from 'pino';
import type { Api } from '../../src/server/build-api.ts';
import {
  type Configuration,
  readConfiguration,
} from '../../src/server/configuration/configuration.ts';
import { createLog } from '../../src/server/log.ts';
import { startServer } from '../../src/server/server.ts';
import { buildFixtureApi } from './fixture-api.ts';
import { createTestIssuer, type TestIssuer } from './tokens.ts';

/** The API on a port of its own, with tokens of a test issuer. */
export interface TestServer {
  /** `http://localhost:PORT` */
  readonly origin: string;
  readonly endpoint: string;
  readonly issuer: TestIssuer;
  readonly configuration: Configuration;
  /** What has been logged, line by line. */
  readonly logged: readonly string[];
  stop(): Promise<void>;
}

/** A port that nobody listens on at the moment. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** Two free ports, one after the other: the first of them. */
export async function freePorts(): Promise<number> {
  const port = await freePort();
  const other = createServer();
  return new Promise((resolve) => {
    other.once('error', () => resolve(freePorts()));
    other.listen(port + 1, '127.0.0.1', () => other.close(() => resolve(port)));
  });
}

/** Starts the whole server, as main.ts does, with a clock and an issuer that the test controls. */
export async function startTestServer(
  environment: Readonly<Record<string, string>> = {},
  issuer: TestIssuer = createTestIssuer(),
  issuers: readonly string[] = [issuer.issuer],
  api: Api = buildFixtureApi(),
): Promise<TestServer> {
  const port = await freePort();
  const configuration = readConfiguration({
    OIDC_ISSUER: issuer.issuer,
    OIDC_AUDIENCE: issuer.audience,
    NODE_ENV: 'test',
    ...environment,
    PORT: String(port),
  });
  const logged: string[] = [];
  const destination: DestinationStream = { write: (line) => void logged.push(line) };
  const server = await startServer({
    configuration,
    issuers,
    audiences: [issuer.audience],
    api,
    log: createLog(configuration.logLevel, destination),
    fetch: issuer.fetch,
    now: issuer.clock.now,
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
