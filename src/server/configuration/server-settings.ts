import {
  browserOrigin,
  databaseUrl,
  listeningHost,
  publicApiUrl,
  redisUrl,
} from './address-parsers.ts';
import { setting } from './setting.ts';
import { clientCredential, listOf, oneOf, wholeNumber } from './setting-parsers.ts';

/** The levels of pino, the logger. */
export type LogLevel = 'trace' | 'debug' | 'info' | 'warn' | 'error' | 'fatal' | 'silent';

/** Where the API is served, its limits, and what else it offers. */
export const serverSettings = {
  PUBLIC_URL: setting<string | undefined>({
    description:
      'URL of the API as its clients see it, without /graphql: https in production. See docs/dpop.md.',
    default: 'http://localhost:PORT',
    fallback: undefined,
    example: 'https://api.example.com',
    usedBy: 'server',
    parse: publicApiUrl,
  }),
  REDIS_URL: setting<string | undefined>({
    description:
      'Redis in which all workers and instances record the DPoP proofs that have been used, and revocations, and through which they share events.',
    default: 'in memory',
    fallback: undefined,
    example: 'redis://localhost:6379',
    usedBy: 'server',
    parse: redisUrl,
  }),
  DATABASE_URL: setting<string | undefined>({
    description:
      'Where the data is: file:PATH for SQLite, of one process, or a postgres:// URL. See docs/production.md.',
    default: 'file:.data/api.sqlite in development, required in production',
    fallback: undefined,
    example: 'postgres://USER:PASSWORD@db.example.com:5432/api',
    usedBy: 'server',
    parse: databaseUrl,
  }),
  DATABASE_POOL_SIZE: setting<number>({
    description: 'Maximum connections of each process to Postgres, from 1 to 500.',
    default: '10',
    fallback: 10,
    example: '20',
    usedBy: 'server',
    parse: wholeNumber({ from: 1, to: 500 }),
  }),
  REVOCATION: setting<'on' | 'off' | undefined>({
    description:
      'Whether tokens can be revoked: on or off. With REDIS_URL, on all workers and instances. See docs/revocation.md.',
    default: 'on with LOGOUT_CLIENT_ID, otherwise off',
    fallback: undefined,
    example: 'on',
    usedBy: 'server',
    parse: oneOf('on', 'off'),
  }),
  LOGOUT_CLIENT_ID: setting<readonly string[]>({
    description:
      'Client whose users are signed out here when they sign out at the issuer (/backchannel-logout), or several, comma-separated.',
    default: 'none',
    fallback: [],
    example: 'YOUR_CLIENT_ID',
    usedBy: 'server',
    parse: listOf(clientCredential),
  }),
  MAX_TOKEN_LIFETIME: setting<number>({
    description:
      'With REVOCATION=on, the longest lifetime of a token, in seconds, from 60 to 2592000 (30 days).',
    default: '86400',
    fallback: 86_400,
    example: '3600',
    usedBy: 'server',
    parse: wholeNumber({ from: 60, to: 2_592_000, of: 'seconds' }),
  }),
  ALLOWED_ORIGINS: setting<readonly string[] | undefined>({
    description: 'Origins of web pages that can call the API, comma-separated.',
    default: 'local ones in development, none in production',
    fallback: undefined,
    example: 'https://app.example.com,https://admin.example.com',
    usedBy: 'server',
    parse: listOf(browserOrigin),
  }),
  PORT: setting<number>({
    description: 'Port to listen on. The local issuer uses the next one.',
    default: '4000',
    fallback: 4000,
    example: '8080',
    usedBy: 'server',
    parse: wholeNumber({ from: 1, to: 65_535 }),
  }),
  HOST: setting<string>({
    description: 'IP address or host name to listen on; 0.0.0.0 for all interfaces.',
    default: '127.0.0.1',
    fallback: '127.0.0.1',
    example: '0.0.0.0',
    usedBy: 'server',
    parse: listeningHost,
  }),
  WORKERS: setting<number>({
    description:
      'Number of processes that serve the API, from 1 to 64. Limits of streams and connections apply to each.',
    default: '1',
    fallback: 1,
    example: '2',
    usedBy: 'server',
    parse: wholeNumber({ from: 1, to: 64 }),
  }),
  GRAPHIQL: setting<'on' | 'off' | undefined>({
    description: 'GraphiQL, the page to try operations: on or off.',
    default: 'on in development, off in production',
    fallback: undefined,
    example: 'off',
    usedBy: 'server',
    parse: oneOf('on', 'off'),
  }),
  GRAPHIQL_CLIENT_ID: setting<string | undefined>({
    description: 'Client ID of the single-page application for signing in from GraphiQL.',
    default: 'a client of the local issuer',
    fallback: undefined,
    example: 'YOUR_CLIENT_ID',
    usedBy: 'server',
    parse: clientCredential,
  }),
  INTROSPECTION: setting<'on' | 'viewer' | 'off' | undefined>({
    description: 'Introspection: on, viewer (only what the viewer can access) or off.',
    default: 'on in development, off in production',
    fallback: undefined,
    example: 'off',
    usedBy: 'server',
    parse: oneOf('on', 'viewer', 'off'),
  }),
  REFUSE: setting<'selection' | 'operation'>({
    description:
      'How much of a query is refused: selection (what the viewer is not allowed) or operation (all of it).',
    default: 'selection',
    fallback: 'selection',
    example: 'operation',
    usedBy: 'server',
    parse: oneOf('selection', 'operation'),
  }),
  ON_ERROR: setting<'propagate' | 'request'>({
    description:
      'What a field error does where the type is non-null: propagate (null the nearest nullable parent) or request (what `onError` of the request says, NULL or PROPAGATE).',
    default: 'propagate',
    fallback: 'propagate',
    example: 'request',
    usedBy: 'server',
    parse: oneOf('propagate', 'request'),
  }),
  MAX_BODY_BYTES: setting<number>({
    description: 'Maximum request body, in bytes, from 1024 (1 KiB) to 10485760 (10 MiB).',
    default: '102400',
    fallback: 102_400,
    example: '1048576',
    usedBy: 'server',
    parse: wholeNumber({ from: 1024, to: 10_485_760, of: 'bytes' }),
  }),
  MAX_STREAMS_PER_VIEWER: setting<number>({
    description:
      'Maximum concurrent subscriptions and WebSocket connections per viewer, from 1 to 100000.',
    default: '100',
    fallback: 100,
    example: '20',
    usedBy: 'server',
    parse: wholeNumber({ from: 1, to: 100_000 }),
  }),
  MAX_STREAMS: setting<number>({
    description:
      'Maximum concurrent subscriptions and WebSocket connections in total, from 1 to 100000.',
    default: '10000',
    fallback: 10_000,
    example: '2000',
    usedBy: 'server',
    parse: wholeNumber({ from: 1, to: 100_000 }),
  }),
  MAX_CONNECTIONS: setting<number | undefined>({
    description:
      'Maximum open connections of any kind, from 1 to 1000000. More are closed immediately.',
    default: '2000 more than MAX_STREAMS',
    fallback: undefined,
    example: '5000',
    usedBy: 'server',
    parse: wholeNumber({ from: 1, to: 1_000_000 }),
  }),
  INCREMENTAL_DELIVERY: setting<'on' | 'off'>({
    description: 'Whether operations can use @defer and @stream: on or off.',
    default: 'off',
    fallback: 'off',
    example: 'on',
    usedBy: 'server',
    parse: oneOf('on', 'off'),
  }),
  LOG_LEVEL: setting<LogLevel>({
    description: 'Minimum level to log: trace, debug, info, warn, error, fatal or silent.',
    default: 'info',
    fallback: 'info',
    example: 'debug',
    usedBy: 'server',
    parse: oneOf('trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'),
  }),
  NODE_ENV: setting<'development' | 'production' | 'test'>({
    description:
      'development, production or test. Production has no local issuer and safe defaults.',
    default: 'development',
    fallback: 'development',
    example: 'production',
    usedBy: 'server',
    parse: oneOf('development', 'production', 'test'),
  }),
  AUTH0_CLIENT_ID: setting<string | undefined>({
    description: 'Client that npm run token uses at the issuer. The server does not read it.',
    default: 'a client of the local issuer',
    fallback: undefined,
    example: 'YOUR_CLIENT_ID',
    usedBy: 'command line',
    parse: clientCredential,
  }),
  AUTH0_CLIENT_SECRET: setting<string | undefined>({
    description: 'Secret of this client. The server does not read it.',
    default: 'a client of the local issuer',
    fallback: undefined,
    example: 'YOUR_CLIENT_SECRET',
    usedBy: 'command line',
    parse: clientCredential,
  }),
} as const;
