import type { DestinationStream } from 'pino';
import { readConfiguration } from '../../src/server/configuration/configuration.ts';
import { createLogger } from '../../src/server/logger.ts';
import { startServer } from '../../src/server/server.ts';
import { audience, type IssuerFixture } from '../local-issuer/issuer-fixture.ts';
import { buildFixtureApi } from './fixture-api.ts';
import { freePort } from './free-ports.ts';

/** The API on its own port, with tokens of the local issuer and the real clock. */
export interface LocalServer {
  readonly origin: string;
  readonly endpoint: string;
  /** The lines of the log. */
  readonly logged: readonly string[];
  stop(): Promise<void>;
}

/** Starts the server like main.ts, for an issuer that is already running. */
export async function startLocalServer(
  issuer: IssuerFixture,
  environment: Readonly<Record<string, string>> = {},
): Promise<LocalServer> {
  const port = await freePort();
  const configuration = readConfiguration({
    OIDC_ISSUER: issuer.issuer,
    OIDC_AUDIENCE: audience,
    NODE_ENV: 'test',
    ...environment,
    PORT: String(port),
  });
  const logged: string[] = [];
  const destination: DestinationStream = { write: (line) => void logged.push(line) };
  const server = await startServer({
    configuration,
    api: buildFixtureApi(),
    log: createLogger(configuration.logLevel, destination),
  });
  const origin = configuration.publicUrl;
  return { origin, endpoint: `${origin}/graphql`, logged, stop: server.stop };
}
