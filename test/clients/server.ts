import type { DestinationStream } from 'pino';
import { readConfiguration } from '../../src/server/configuration/configuration.ts';
import { createLogger } from '../../src/server/logger.ts';
import { startServer } from '../../src/server/server.ts';
import { withSystemTimers } from '../support/clock.ts';
import { buildFixtureApi } from '../support/fixture-api.ts';
import { freePort } from '../support/free-ports.ts';
import { createTestIssuer, type TestIssuer } from '../support/tokens.ts';
import { createRunningClock } from './running-clock.ts';

/** This API with a mutation beside its fields, on a port of its own. */
export interface ClientServer {
  readonly endpoint: string;
  readonly issuer: TestIssuer;
  /** What the mutation was asked to write. */
  readonly written: readonly string[];
  stop(): Promise<void>;
}

const mutation = `
  type Mutation {
    write(text: String!): String @auth(scope: "write:messages")
  }
`;

export async function startClientServer(
  environment: Readonly<Record<string, string>> = {},
): Promise<ClientServer> {
  const issuer = createTestIssuer({ clock: createRunningClock() });
  const configuration = readConfiguration({
    OIDC_ISSUER: issuer.issuer,
    OIDC_AUDIENCE: issuer.audience,
    NODE_ENV: 'test',
    ...environment,
    PORT: String(await freePort()),
  });
  const written: string[] = [];
  const write = (_source: unknown, { text }: { text: string }) => {
    written.push(text);
    return text;
  };
  const unread: DestinationStream = { write: () => undefined };
  const server = await startServer({
    configuration,
    api: buildFixtureApi({ typeDefs: mutation, resolvers: { Mutation: { write } } }),
    log: createLogger('silent', unread),
    fetch: issuer.fetch,
    clock: withSystemTimers(issuer.clock),
  });
  return {
    endpoint: `${configuration.publicUrl}/graphql`,
    issuer,
    written,
    stop: server.stop,
  };
}
