import type { ConcurrencyLimits } from '../../streams/concurrency-limiter.ts';
import { type DpopConfiguration, readDpop } from './configuration-dpop.ts';
import { ConfigurationError } from './configuration-error.ts';
import { type IssuerConfiguration, readIssuer } from './configuration-issuer.ts';
import { misspeltSettings } from './setting-misspelt.ts';
import { type Environment, SettingReader } from './setting-reader.ts';
import { isPlainHttp } from './setting-url.ts';
import type { LogLevel } from './settings.ts';

/** Everything that can be set, checked as a whole and complete. */
export interface Configuration {
  /** `test` has the defaults of `development`. */
  readonly environment: 'development' | 'production' | 'test';
  readonly issuer: IssuerConfiguration;
  /** Claims that every access token must carry. */
  readonly requiredClaims: readonly string[];
  readonly accessTokenProfile: 'jwt' | 'rfc9068';
  readonly dpop: DpopConfiguration;
  /** The API's origin as its clients see it, without a trailing slash. */
  readonly publicUrl: string;
  /** Browser origins that may call the API, exact; `loopback`: any port of this machine. */
  readonly allowedOrigins: 'loopback' | readonly string[];
  readonly port: number;
  readonly host: string;
  readonly graphiql: boolean;
  /** The client as which people sign in from GraphiQL; undefined for the local issuer's own, if any. */
  readonly graphiqlClientId: string | undefined;
  readonly introspection: 'on' | 'viewer' | 'off';
  readonly logLevel: LogLevel;
  /** Largest request body. */
  readonly maxBodyBytes: number;
  /** How many subscriptions there may be at once; and how many WebSocket connections. */
  readonly streams: ConcurrencyLimits;
  /** How many connections there may be at once, WebSockets included. */
  readonly maxConnections: number;
  /** Whether operations may say `@defer` and `@stream`. */
  readonly incrementalDelivery: boolean;
}

/**
 * Reads the configuration from the variables of the environment. Nothing else is looked at: whether
 * the issuer answers or the port is free shows when the server starts.
 *
 * @throws ConfigurationError that lists every fault, each with its variable and the mend.
 */
export function readConfiguration(environment: Environment): Configuration {
  const reader = new SettingReader(environment);
  refuseMisspelt(reader, environment);

  const nodeEnvironment = reader.read('NODE_ENV');
  const isProduction = nodeEnvironment === 'production';
  const port = reader.read('PORT');
  const maxStreams = reader.read('MAX_STREAMS');
  const developmentAid = isProduction ? 'off' : 'on';
  const configuration: Configuration = {
    environment: nodeEnvironment,
    issuer: readIssuer(reader, { port, isProduction }),
    requiredClaims: reader.read('REQUIRED_CLAIMS'),
    accessTokenProfile: reader.read('ACCESS_TOKEN_PROFILE'),
    dpop: readDpop(reader),
    publicUrl: readPublicUrl(reader, { port, isProduction }),
    allowedOrigins: reader.read('ALLOWED_ORIGINS') ?? (isProduction ? [] : 'loopback'),
    port,
    host: reader.read('HOST'),
    graphiql: (reader.read('GRAPHIQL') ?? developmentAid) === 'on',
    graphiqlClientId: reader.read('GRAPHIQL_CLIENT_ID'),
    introspection: reader.read('INTROSPECTION') ?? developmentAid,
    logLevel: reader.read('LOG_LEVEL'),
    maxBodyBytes: reader.read('MAX_BODY_BYTES'),
    streams: {
      perViewer: reader.read('MAX_STREAMS_PER_VIEWER'),
      total: maxStreams,
    },
    // Room for requests beside as many streams as there may be.
    maxConnections: reader.read('MAX_CONNECTIONS') ?? maxStreams + 2_000,
    incrementalDelivery: reader.read('INCREMENTAL_DELIVERY') === 'on',
  };

  if (reader.faults.length > 0) throw new ConfigurationError(reader.faults);
  return configuration;
}

function refuseMisspelt(reader: SettingReader, environment: Environment): void {
  const variables = Object.keys(environment).filter((name) => reader.text(name) !== undefined);
  for (const { variable, meant } of misspeltSettings(variables)) {
    reader.fault(variable, `is not a setting: did you mean ${meant}?`);
  }
}

function readPublicUrl(
  reader: SettingReader,
  api: { readonly port: number; readonly isProduction: boolean },
): string {
  const publicUrl = reader.read('PUBLIC_URL');
  if (api.isProduction && publicUrl !== undefined && isPlainHttp(new URL(publicUrl))) {
    reader.fault(
      'PUBLIC_URL',
      `"${publicUrl}" must begin with https in production: over http, access tokens can be read on the way`,
    );
  }
  // An origin does not name its scheme's own port.
  return publicUrl ?? new URL(`http://localhost:${api.port}`).origin;
}
