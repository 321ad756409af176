import type { DpopAlgorithm } from '../../authentication/dpop/proof-key.ts';
import type { TokenLocation } from '../../authentication/token-location.ts';
import type { OperationLimits } from '../../limits/operation-limits.ts';
import { findNearestWord } from '../../shared/edit-distance.ts';
import type { ConcurrencyLimits } from '../../streams/concurrency-limiter.ts';
import type { ConnectionTimeouts } from '../http/connections.ts';
import { type AcceptedTokensConfiguration, readAcceptedTokens } from './accepted-tokens.ts';
import { isPlainHttp } from './address-parsers.ts';
import { ConfigurationError } from './configuration-error.ts';
import { type DatabaseConfiguration, readDatabase } from './database.ts';
import { type GraphiqlConfiguration, readGraphiql } from './graphiql.ts';
import { type IssuerConfiguration, readIssuers } from './issuer-configuration.ts';
import { readOperationLimits } from './limit-settings.ts';
import { type LogConfiguration, readLog } from './log-settings.ts';
import { type MetricsConfiguration, readMetrics } from './metrics-settings.ts';
import { type RateLimitConfiguration, readRateLimits } from './rate-limits.ts';
import { type RevocationConfiguration, readRevocation } from './revocation.ts';
import type { LogLevel } from './server-settings.ts';
import { type Environment, SettingReader } from './setting-reader.ts';
import { settings } from './settings.ts';
import { readShutdownDelay } from './shutdown-settings.ts';
import { readTimeouts } from './timeout-settings.ts';
import { readTokenExchange, type TokenExchangeConfiguration } from './token-exchange.ts';
import { readTokenLocations } from './token-locations.ts';
import { readTracing, type TracingConfiguration } from './tracing.ts';
import { readTrustedDocuments, type TrustedDocumentsConfiguration } from './trusted-documents.ts';

/** All settings, validated together, with every default filled in. */
export interface Configuration extends GraphiqlConfiguration {
  /** `test` has the defaults of `development`. */
  readonly environment: 'development' | 'production' | 'test';
  readonly issuer: IssuerConfiguration;
  /** How tokens are exchanged for those of other APIs; undefined: they are not. */
  readonly tokenExchange: TokenExchangeConfiguration | undefined;
  readonly acceptedTokens: AcceptedTokensConfiguration;
  /** Where the access token of a request is read. */
  readonly tokenFrom: readonly TokenLocation[];
  readonly dpop: DpopConfiguration;
  /** How tokens are revoked; undefined: they are not. */
  readonly revocation: RevocationConfiguration | undefined;
  /** Where the data is; undefined: the API has none. */
  readonly database: DatabaseConfiguration | undefined;
  /** The API's URL as its clients see it, without a trailing slash and `/graphql`. */
  readonly publicUrl: string;
  /** Browser origins that can call the API, exactly; `loopback`: any port of this machine. */
  readonly allowedOrigins: 'loopback' | readonly string[];
  readonly port: number;
  readonly host: string;
  /** How many processes serve the API; 1: only this one. */
  readonly workers: number;
  readonly introspection: 'on' | 'viewer' | 'off';
  readonly logLevel: LogLevel;
  /** What the log has of requests. */
  readonly requestLog: LogConfiguration;
  /** How much of a query is refused. */
  readonly refuse: 'selection' | 'operation';
  /** Whether requests can have an `onError`. */
  readonly onError: 'propagate' | 'request';
  /** Limits of operations. */
  readonly limits: OperationLimits;
  /** Maximum size of a request body. */
  readonly maxBodyBytes: number;
  /** Maximum number of concurrent subscriptions, and of WebSocket connections. */
  readonly streams: ConcurrencyLimits;
  /** Maximum number of open connections, WebSockets included. */
  readonly maxConnections: number;
  /** How long clients can take. */
  readonly timeouts: ConnectionTimeouts;
  /** Undefined: requests are not counted. */
  readonly rateLimits: RateLimitConfiguration | undefined;
  /** Whether operations can use `@defer` and `@stream`. */
  readonly incrementalDelivery: boolean;
  /** Milliseconds for which requests are still served after a signal to stop. */
  readonly shutdownDelayMs: number;
  /** The documents that clients run by their hash; undefined: there are none. */
  readonly trustedDocuments: TrustedDocumentsConfiguration | undefined;
  /** How traces are exported; undefined: there are none. */
  readonly tracing: TracingConfiguration | undefined;
  /** Where metrics are served; undefined: they are not collected. */
  readonly metrics: MetricsConfiguration | undefined;
}

/** Settings of DPoP. */
interface DpopConfiguration {
  readonly mode: 'off' | 'optional' | 'required';
  /** The accepted algorithms of proofs. */
  readonly algorithms: readonly DpopAlgorithm[];
  readonly nonce: 'off' | 'required';
  /** The secret that nonces are derived from; undefined: each instance generates its own. */
  readonly nonceSecret: string | undefined;
  /** Where used proofs are recorded; undefined: in the memory of this process. */
  readonly redisUrl: string | undefined;
}

/** What of an API decides which settings it requires. */
export interface ConfiguredApi {
  /** Whether it uses a database. Default: false. */
  readonly hasMigrations?: boolean;
}

/**
 * Reads the whole configuration from environment variables and the file that `ISSUERS` names, and
 * nothing else: whether the issuer responds or the port is free shows when the server starts.
 *
 * @throws {ConfigurationError} With every problem, each with its variable and how to fix it.
 */
export function readConfiguration(
  environment: Environment,
  { hasMigrations = false }: ConfiguredApi = {},
): Configuration {
  const reader = new SettingReader(environment);
  rejectMisspelledSettings(reader, environment);

  const nodeEnvironment = reader.read('NODE_ENV');
  const isProduction = nodeEnvironment === 'production';
  const port = reader.read('PORT');
  const workers = reader.read('WORKERS');
  const maxStreams = reader.read('MAX_STREAMS');
  const allowedOrigins = reader.read('ALLOWED_ORIGINS') ?? (isProduction ? [] : 'loopback');
  const developmentDefault = isProduction ? 'off' : 'on';
  const acceptedTokens = readAcceptedTokens(reader);
  const issuer = readIssuers(reader, { port, isProduction, acceptedTokens });
  const revocation = readRevocation(reader, workers);
  const trustedDocuments = readTrustedDocuments(reader, { isProduction });
  const configuration: Configuration = {
    environment: nodeEnvironment,
    issuer,
    tokenExchange: readTokenExchange(reader, issuer),
    acceptedTokens,
    tokenFrom: readTokenLocations(reader, { isProduction, allowedOrigins }),
    dpop: readDpop(reader, workers),
    revocation,
    database: readDatabase(reader, { hasMigrations, isProduction, workers }),
    publicUrl: readPublicUrl(reader, { port, isProduction }),
    allowedOrigins,
    port,
    host: reader.read('HOST'),
    workers,
    ...readGraphiql(reader, { isProduction, trustedDocuments, issuer }),
    introspection: reader.read('INTROSPECTION') ?? developmentDefault,
    logLevel: reader.read('LOG_LEVEL'),
    requestLog: readLog(reader),
    refuse: reader.read('REFUSE'),
    onError: reader.read('ON_ERROR'),
    limits: readOperationLimits(reader),
    maxBodyBytes: reader.read('MAX_BODY_BYTES'),
    streams: {
      perViewer: reader.read('MAX_STREAMS_PER_VIEWER'),
      total: maxStreams,
    },
    // Leaves room for requests when all streams are in use.
    maxConnections: reader.read('MAX_CONNECTIONS') ?? maxStreams + 2_000,
    timeouts: readTimeouts(reader),
    rateLimits: readRateLimits(reader, revocation),
    incrementalDelivery: reader.read('INCREMENTAL_DELIVERY') === 'on',
    shutdownDelayMs: readShutdownDelay(reader, { isProduction }),
    trustedDocuments,
    tracing: readTracing(reader),
    metrics: readMetrics(reader, port),
  };

  if (reader.problems.length > 0) throw new ConfigurationError(reader.problems);
  return configuration;
}

/**
 * Reports variables that are one character, or the case, away from a setting: `REQUIRED_CLAIM=org_id`
 * would otherwise be a check that never happens. Short names are skipped, because other programs in
 * the same environment have short names of their own.
 */
function rejectMisspelledSettings(reader: SettingReader, environment: Environment): void {
  const names = Object.keys(settings);
  const confusable = names.filter((name) => name.includes('_') || name.length > 10);
  for (const variable of Object.keys(environment)) {
    if (reader.text(variable) === undefined || names.includes(variable)) continue;
    const meant = findNearestWord(variable, confusable, 1);
    if (meant !== undefined) {
      reader.addProblem(variable, `is not a setting: did you mean ${meant}?`);
    }
  }
}

function readPublicUrl(
  reader: SettingReader,
  api: { readonly port: number; readonly isProduction: boolean },
): string {
  const publicUrl = reader.read('PUBLIC_URL');
  if (api.isProduction && publicUrl !== undefined && isPlainHttp(new URL(publicUrl))) {
    reader.addProblem(
      'PUBLIC_URL',
      `"${publicUrl}" must begin with https in production: over http, access tokens can be read in transit`,
    );
  }
  // An origin leaves out the default port of its scheme.
  return publicUrl ?? new URL(`http://localhost:${api.port}`).origin;
}

function readDpop(reader: SettingReader, workers: number): DpopConfiguration {
  const configuration: DpopConfiguration = {
    // A proof belongs to a token in the Authorization header, which is then not read.
    mode: reader.isSet('TOKEN_HEADER') && !reader.isSet('DPOP') ? 'off' : reader.read('DPOP'),
    algorithms: reader.read('DPOP_ALGORITHMS'),
    nonce: reader.read('DPOP_NONCE'),
    nonceSecret: reader.read('DPOP_NONCE_SECRET'),
    redisUrl: reader.read('REDIS_URL'),
  };
  const { mode, nonce } = configuration;
  if (nonce === 'required' && mode === 'off') {
    reader.addProblem(
      'DPOP_NONCE',
      'requires DPoP: set DPOP to optional or required, or remove DPOP_NONCE',
    );
  }
  if (reader.isSet('DPOP_ALGORITHMS') && mode === 'off') {
    reader.addProblem(
      'DPOP_ALGORITHMS',
      'requires DPoP: set DPOP to optional or required, or remove DPOP_ALGORITHMS',
    );
  }
  const hasWorkers = workers > 1 && mode !== 'off';
  if (hasWorkers && !reader.isSet('REDIS_URL')) {
    reader.addProblem(
      'REDIS_URL',
      `is missing: with WORKERS=${workers}, DPoP proofs must be recorded where all workers see them, such as redis://localhost:6379. Set it, or set DPOP=off`,
    );
  }
  const isShared = hasWorkers || reader.isSet('REDIS_URL');
  if (nonce === 'required' && isShared && !reader.isSet('DPOP_NONCE_SECRET')) {
    reader.addProblem(
      'DPOP_NONCE_SECRET',
      'is missing: workers and instances that share REDIS_URL must share the secret of their nonces, such as the output of openssl rand -hex 32',
    );
  }
  return configuration;
}
