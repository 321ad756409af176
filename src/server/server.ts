import { createAuthenticator } from '../authentication/authenticator.ts';
import type { AuthenticatorOptions } from '../authentication/authenticator-options.ts';
import { IntrospectionError } from '../authentication/introspection/request-introspection.ts';
import { systemClock } from '../shared/clock.ts';
import { createTokenExchange } from '../token-exchange/token-exchange.ts';
import { createApi } from './api.ts';
import type { ContextServices } from './api-definition.ts';
import { authenticatorOptionsOf } from './authenticator-options-of.ts';
import { openGraphiql } from './graphiql/open-graphiql.ts';
import { createHttpServer } from './http-server.ts';
import { createLogoutListener } from './logout-listener.ts';
import { createMetadataDocuments } from './metadata.ts';
import type { ServerMetrics } from './metrics/server-metrics.ts';
import { createObservation } from './observation.ts';
import { openResources, type Resources, type ResourcesOptions } from './open-resources.ts';
import { openTrustedDocuments } from './open-trusted-documents.ts';
import { createPort, type Port } from './port.ts';
import { createReadiness } from './readiness.ts';
import { createRequestLog } from './request-log.ts';
import { createStopServer } from './stop-server.ts';
import type { UserWithScopes } from './test-users.ts';
import { untilReady } from './until-ready.ts';
import { createWebSockets } from './web-sockets.ts';

/** Milliseconds after which an instance that is not ready opens its port, and logs that it is not. */
const maxStartDelayMs = 5_000;

/** Options for `startServer`. */
export interface ServerOptions extends ResourcesOptions {
  /** The test users of the local issuer, if it runs. GraphiQL shows what each is allowed to do. */
  readonly testUsers?: readonly UserWithScopes[] | undefined;
  /** The built page of GraphiQL. Default: where `npm run build` leaves it. */
  readonly graphiqlFolder?: URL | undefined;
  /** How many lines of the log could not be written, for metrics. */
  readonly lostLogLines?: () => number;
  /** Counts what happens. Undefined: nothing does. */
  readonly metrics?: ServerMetrics | undefined;
  /** Where it gets its connections from. Default: the port of the configuration. */
  readonly port?: Port;
  /** Fetches the keys of the issuers. Default: the global `fetch`. */
  readonly fetch?: AuthenticatorOptions['fetch'];
}

/** A server that is listening. */
export interface RunningServer {
  /** Stops accepting requests after the delay, drains those in flight, and releases all resources. */
  stop(): Promise<void>;
}

/**
 * Starts the server. Given the configuration and an API, gives back what stops it. Must not know the
 * environment, signals or the local issuer: those belong to `main.ts`.
 *
 * @throws The error of Node's `listen`, if the port cannot be used.
 * @throws {MigrationError} If the database cannot be migrated.
 */
export async function startServer(options: ServerOptions): Promise<RunningServer> {
  const resources = await openResources(options);
  try {
    return await startWith(resources, options);
  } catch (error) {
    await resources.close();
    throw error;
  }
}

async function startWith(
  { replayStore, revocations, events, rateLimits, database, tracing, close }: Resources,
  options: ServerOptions,
): Promise<RunningServer> {
  const { configuration, log, clock = systemClock } = options;
  const { schema, createContext } = options.api;
  const { publicUrl, dpop } = configuration;
  const port = options.port ?? createPort(configuration);
  const withFetch = options.fetch ? { fetch: options.fetch } : {};
  const authenticator = createAuthenticator({
    ...authenticatorOptionsOf(configuration),
    replayStore,
    ...withFetch,
    ...(revocations ? { revocations } : {}),
    clock,
    onFetchFailure: (issuer, error) =>
      log.logger.warn(
        { issuer, err: error },
        error instanceof IntrospectionError
          ? 'An opaque token could not be introspected.'
          : "The issuer's keys could not be fetched.",
      ),
    onFetchRecovery: (issuer) => log.logger.info({ issuer }, 'The issuer is reachable again.'),
  });
  const { tokenExchange } = configuration;
  const services: ContextServices = {
    ...(tokenExchange
      ? createTokenExchange({ ...tokenExchange, authenticator, clock, ...withFetch })
      : {}),
    ...(database ? { database } : {}),
    events,
  };
  const documents = openTrustedDocuments(schema, configuration);
  const requestLog = createRequestLog(log, configuration.requestLog);
  const { requests, observers } = createObservation([
    ...(requestLog ? [requestLog] : []),
    ...(options.metrics ? [options.metrics.observe(authenticator, clock)] : []),
    ...(tracing ? [tracing.observer] : []),
  ]);
  const { yoga, direct, gate } = createApi({
    ...configuration,
    ...options.api,
    documents,
    documentsMaxAge: configuration.trustedDocuments?.maxAge ?? 0,
    createContext: createContext && ((viewer, request) => createContext(viewer, request, services)),
    authenticator,
    rateLimit: rateLimits?.limiter,
    log,
    observers,
    requests,
    clock,
  });
  const maxCredentialBytes = roomForToken(configuration.acceptedTokens.maxTokenBytes);
  const webSockets = createWebSockets({
    ...configuration,
    maxCredentialBytes,
    api: yoga,
    authenticator,
    documents,
    maxMessageBytes: configuration.maxBodyBytes,
    connections: configuration.streams,
    rateLimit: rateLimits?.limiter,
    log,
    observers,
    requests,
    clock,
  });
  const metadata = createMetadataDocuments({
    publicUrl,
    issuers: configuration.issuer.issuers.map(({ issuer }) => issuer),
    schema,
    authenticator,
  });
  const graphiql = openGraphiql(options, { gate, requests, dpopNonce: authenticator.dpopNonce });
  const readiness = createReadiness({
    authenticator,
    redis: dpop.mode === 'off' || dpop.redisUrl === undefined ? undefined : replayStore,
    revocations,
    database,
    clock,
    log: log.logger,
  });
  const clientIds = configuration.revocation?.logoutClientIds ?? [];
  const logout =
    revocations && clientIds.length > 0
      ? createLogoutListener({
          authenticator,
          clientIds,
          revocations,
          replayStore,
          rateLimit: rateLimits?.logout,
          publicUrl,
          log,
          requests,
        })
      : undefined;
  const { server, connections } = createHttpServer({
    ...configuration,
    maxCredentialBytes,
    graphql: yoga,
    direct,
    webSocket: webSockets.upgrade,
    graphiql,
    readiness,
    requests,
    logout,
    metadata,
    clock,
    reportError: (err, request) =>
      log.logger.error({ request, err }, 'A request could not be served.'),
    reportExcess: (closed) =>
      log.logger.warn(
        { max: configuration.maxConnections, closed },
        'Connections beyond MAX_CONNECTIONS were closed.',
      ),
  });
  // Without a delay, nothing checks whether this instance is ready.
  const startDelayMs = Math.min(configuration.shutdownDelayMs, maxStartDelayMs);
  await untilReady(readiness, startDelayMs);
  // It listens by itself only in tests. With this event, it begins to check its timeouts.
  server.emit('listening');
  try {
    await port.open((socket) => void server.emit('connection', socket));
  } catch (error) {
    connections.closeAll();
    server.close();
    await yoga.dispose();
    throw error;
  }
  readiness.isReady();
  const cancelLog = clock.setTimer(maxStartDelayMs - startDelayMs, () => readiness.logState());
  options.metrics?.watch({
    authenticator,
    readiness,
    replayStore,
    revocations,
    database,
    connections,
    webSockets,
    lostLogLines: options.lostLogLines ?? (() => 0),
  });

  const stop = createStopServer({
    ...configuration,
    server,
    port,
    connections,
    webSockets,
    readiness,
    endStreams: async () => yoga.dispose(),
    close,
    clock,
  });
  return {
    async stop() {
      cancelLog();
      await stop();
    },
  };
}

/** The bytes of what can contain a token: 16 KiB, as in Node, and more if tokens exceed half of it. */
function roomForToken(maxTokenBytes: number): number {
  return 8_192 + Math.max(8_192, maxTokenBytes);
}
