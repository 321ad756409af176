import type { Server } from 'node:http';
import { createAuthenticator } from '../authentication/authenticator.ts';
import type { AuthenticatorOptions } from '../authentication/authenticator-options.ts';
import { IntrospectionError } from '../authentication/introspection/request-introspection.ts';
import type { RevocationList } from '../authentication/revocation/revocation-list.ts';
import type { Database } from '../database/database.ts';
import { type Clock, systemClock } from '../shared/clock.ts';
import { createTokenExchange } from '../token-exchange/token-exchange.ts';
import { createApi } from './api.ts';
import type { ContextServices } from './api-definition.ts';
import { authenticatorOptionsOf } from './authenticator-options-of.ts';
import type { Api } from './build-api.ts';
import type { Configuration } from './configuration/configuration.ts';
import { type Events, type OpenEvents, openEvents } from './events.ts';
import { describeSignIn } from './graphiql/describe-sign-in.ts';
import { createGraphiqlListener } from './graphiql/listener.ts';
import { createHttpServer } from './http-server.ts';
import type { ServerLogger } from './logger.ts';
import { createLogoutListener } from './logout-listener.ts';
import { createMetadataDocuments } from './metadata.ts';
import type { ServerMetrics } from './metrics/server-metrics.ts';
import { createObservation } from './observation.ts';
import { openServerDatabase } from './open-server-database.ts';
import { openTrustedDocuments } from './open-trusted-documents.ts';
import { openRateLimits, type RateLimits } from './rate-limits/rate-limits.ts';
import { createReadiness } from './readiness.ts';
import { openReplayStore, type ServerReplayStore } from './replay-store.ts';
import { createRequestLog } from './request-log.ts';
import { openRevocations } from './revocations.ts';
import { sampleTabs } from './sample-tabs.ts';
import { createStopServer } from './stop-server.ts';
import type { UserWithScopes } from './test-users.ts';
import { openTracing, type Tracing } from './tracing/open-tracing.ts';
import { untilReady } from './until-ready.ts';
import { createWebSockets } from './web-sockets.ts';

/** Milliseconds after which an instance that is not ready opens its port. */
const maxStartDelayMs = 5_000;

/** Options for `startServer`. */
export interface ServerOptions {
  readonly configuration: Configuration;
  /** The result of `buildApi`. */
  readonly api: Api;
  /** The test users of the local issuer, if it runs. GraphiQL shows what each is allowed to do. */
  readonly testUsers?: readonly UserWithScopes[] | undefined;
  readonly log: ServerLogger;
  /** How many lines of the log could not be written, for metrics. */
  readonly lostLogLines?: () => number;
  /** Counts what happens. Undefined: nothing does. */
  readonly metrics?: ServerMetrics | undefined;
  /** Fetches the keys of the issuers. Default: the global `fetch`. */
  readonly fetch?: AuthenticatorOptions['fetch'];
  /** The clock for tokens, streams and timeouts. Default: the system's. */
  readonly clock?: Clock;
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
  const { dpop, publicUrl } = options.configuration;
  const { redisUrl } = dpop;
  const database = openServerDatabase(options);
  const replayStore = await openReplayStore({
    redisUrl,
    clock: options.clock ?? systemClock,
    log: options.log.logger,
  });
  let revocations: RevocationList | undefined;
  let events: OpenEvents | undefined;
  let tracing: Tracing | undefined;
  let rateLimits: RateLimits | undefined;
  const close = async (): Promise<void> => {
    events?.close();
    rateLimits?.close();
    revocations?.close();
    replayStore.close();
    await database?.close();
    await tracing?.stop();
  };
  try {
    tracing = await openTracing(options);
    await database?.start();
    revocations = await openRevocations({
      revocation: options.configuration.revocation,
      redisUrl,
      clock: options.clock ?? systemClock,
      log: options.log.logger,
    });
    events = await openEvents({ redisUrl, publicUrl, log: options.log.logger });
    rateLimits = await openRateLimits({
      rateLimits: options.configuration.rateLimits,
      redisUrl,
      clock: options.clock ?? systemClock,
      log: options.log.logger,
    });
    const stores = { replayStore, revocations, events, rateLimits, database, tracing, close };
    return await startWithStores(stores, options);
  } catch (error) {
    await close();
    throw error;
  }
}

/** What the server shares with other instances, if there is a Redis. */
interface Stores {
  readonly replayStore: ServerReplayStore;
  /** Undefined: tokens are not revoked. */
  readonly revocations: RevocationList | undefined;
  readonly events: Events;
  /** Undefined: requests are not counted. */
  readonly rateLimits: RateLimits | undefined;
  /** Undefined: the API has no data. */
  readonly database: Database | undefined;
  /** Undefined: there are no traces. */
  readonly tracing: Tracing | undefined;
  readonly close: () => Promise<void>;
}

async function startWithStores(
  { replayStore, revocations, events, rateLimits, database, tracing, close }: Stores,
  options: ServerOptions,
): Promise<RunningServer> {
  const { configuration, log, clock = systemClock } = options;
  const { schema, sampleOperations, createContext } = options.api;
  const { port, host, publicUrl, dpop } = configuration;
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
  const requestLog = createRequestLog(log.logger, configuration.requestLog);
  const { requests, observers } = createObservation([
    ...(requestLog ? [requestLog] : []),
    ...(options.metrics ? [options.metrics.observe(authenticator, clock)] : []),
    ...(tracing ? [tracing.observer] : []),
  ]);
  const { yoga, direct } = createApi({
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
  const graphiql = configuration.graphiql
    ? createGraphiqlListener(
        describeSignIn({ ...options, schema }),
        () => sampleTabs(schema, sampleOperations, options.testUsers ?? []),
        (error) => log.logger.error({ err: error }, 'GraphiQL could not be loaded.'),
      )
    : undefined;
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
          publicUrl,
          log,
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
    reportError: (err) => log.logger.error({ err }, 'A request could not be served.'),
    reportExcess: (closed) =>
      log.logger.warn(
        { max: configuration.maxConnections, closed },
        'Connections beyond MAX_CONNECTIONS were closed.',
      ),
  });
  // Without a delay, nothing checks whether this instance is ready.
  await untilReady(readiness, Math.min(configuration.shutdownDelayMs, maxStartDelayMs));
  try {
    await listen(server, port, host);
  } catch (error) {
    connections.closeAll();
    await yoga.dispose();
    throw error;
  }
  readiness.isReady();
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

  return {
    stop: createStopServer({
      ...configuration,
      server,
      connections,
      webSockets,
      readiness,
      endStreams: async () => yoga.dispose(),
      close,
      clock,
    }),
  };
}

/** The bytes of what can contain a token: 16 KiB, as in Node, and more if tokens exceed half of it. */
function roomForToken(maxTokenBytes: number): number {
  return 8_192 + Math.max(8_192, maxTokenBytes);
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
