import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { isAbsolute } from 'node:path';
import { isLoopbackUrl } from '../shared/loopback.ts';
import {
  browserClient,
  completeUsers,
  type LocalClient,
  type LocalUser,
  type LocalUserInput,
  machineClient,
} from './clients-and-users.ts';
import { loadIssuerKeys, toPublicJwk } from './key-file.ts';
import { LocalIssuerError } from './local-issuer-error.ts';
import { createRequestHandler } from './request-handler.ts';
import type { TokenProfile } from './token-profile.ts';
import { createUserInfoHandler } from './user-info.ts';

/** Options for the local issuer. */
export interface LocalIssuerOptions {
  /** The port to listen on; 0 for any free one. */
  readonly port: number;
  /** The address to listen on. Default `127.0.0.1`. The issuer identifier has `localhost` anyway. */
  readonly host?: string;
  /**
   * The API's identifiers, absolute URIs without fragment. The first is the default for requests
   * without an `audience`.
   */
  readonly audience: string | readonly string[];
  /** The scopes of the API; those of the users are added. */
  readonly scopes: readonly string[];
  /** The test users. Anyone can sign in as them. */
  readonly users: readonly LocalUserInput[];
  /** Origins allowed by CORS, besides every origin on loopback. */
  readonly allowedOrigins?: readonly string[];
  /** Default `auth0`. */
  readonly profile?: TokenProfile;
  /** Absolute path of the file that stores the keys; created if missing. */
  readonly keyFile: string;
  /** In seconds. Default: an hour. */
  readonly accessTokenLifetime?: number;
  /**
   * Where to send a logout token when a user of `local-spa` signs out (OpenID Connect Back-Channel Logout
   * 1.0); http or https. Access tokens then have the claim `sid`. Default: nowhere.
   */
  readonly logoutUrl?: string;
  /** The value of NODE_ENV. The issuer does not start with `production`. */
  readonly environment: string | undefined;
  /** Called with unexpected errors. Default: prints them to the console. */
  readonly onError?: (error: unknown) => void;
}

/** A running local issuer. */
export interface LocalIssuer {
  /** The issuer identifier, exactly as in `iss`, with the trailing slash. */
  readonly issuer: string;
  readonly users: readonly LocalUser[];
  readonly clients: readonly LocalClient[];
  /** Stops immediately and closes open connections. */
  close(): Promise<void>;
}

/**
 * Starts an OpenID provider for development and tests that issues real tokens to anyone.
 *
 * Given test users and scopes, it returns a running issuer; it must not know the API. Keys are kept
 * across restarts; sessions and refresh tokens are not.
 *
 * @throws LocalIssuerError in production, for an invalid option, an unusable key file, or if it
 *   cannot listen.
 * @example
 * const issuer = await startLocalIssuer({
 *   port: 0,
 *   audience: 'https://api.example',
 *   scopes: ['read:messages'],
 *   users: [{ name: 'ann', scopes: ['read:messages'] }],
 *   keyFile: '.local-issuer.json',
 *   environment: process.env.NODE_ENV,
 * });
 */
export async function startLocalIssuer(options: LocalIssuerOptions): Promise<LocalIssuer> {
  const { port, host = '127.0.0.1', profile = 'auth0', onError } = options;
  const audiences = validateOptions(options);
  const users = completeUsers(options.users);
  const scopes = [...new Set([...options.scopes, ...users.flatMap((user) => user.scopes)])];

  // Loading oidc-provider takes most of the startup time; keys are loaded or generated in parallel.
  const [keys, { createProvider }, { createLoginHandler }] = await Promise.all([
    loadIssuerKeys(options.keyFile),
    import('./provider.ts'),
    import('./login-handler.ts'),
  ]);

  // The issuer identifier contains the port, which is known only now.
  const server = createServer();
  const issuer = `http://localhost:${await listen(server, port, host)}/`;
  const isAllowedOrigin = (origin: string) =>
    isLoopbackUrl(origin) || (options.allowedOrigins?.includes(origin) ?? false);
  const provider = createProvider({
    issuer,
    audiences,
    scopes,
    users,
    keys,
    profile,
    accessTokenLifetime: options.accessTokenLifetime ?? 60 * 60,
    isAllowedOrigin,
    logoutUrl: options.logoutUrl,
  });
  const report = onError ?? ((error: unknown) => console.error(error));
  provider.on('server_error', (_context, error) => report(error));
  provider.on('backchannel.error', (_context, error) => report(error));
  const signingKey = toPublicJwk(keys.signingKey);
  server.on(
    'request',
    createRequestHandler({
      issuer,
      login: createLoginHandler(provider, users),
      userInfo: createUserInfoHandler({ issuer, signingKey, users, isAllowedOrigin }),
      provider: provider.callback(),
      onError: report,
    }),
  );
  return { issuer, users, clients: [machineClient, browserClient], close: () => close(server) };
}

function validateOptions({
  audience,
  environment,
  keyFile,
  accessTokenLifetime = 1,
  logoutUrl,
}: LocalIssuerOptions): [string, ...string[]] {
  if (environment === 'production') {
    const message =
      'The local issuer gives tokens to anyone, so it does not start with NODE_ENV=production. Configure a real issuer.';
    throw new LocalIssuerError('production', message);
  }
  if (!isAbsolute(keyFile)) throw optionError('keyFile must be an absolute path');
  if (!Number.isSafeInteger(accessTokenLifetime) || accessTokenLifetime < 1) {
    throw optionError('accessTokenLifetime must be a whole number of seconds, 1 or more');
  }
  if (logoutUrl !== undefined && !(/^https?:/.test(logoutUrl) && URL.canParse(logoutUrl))) {
    throw optionError('logoutUrl must be an http or https URL');
  }
  const [first, ...others] = typeof audience === 'string' ? [audience] : audience;
  if (first === undefined) throw optionError('audience must name at least one API');
  if (![first, ...others].every((each) => URL.canParse(each) && !each.includes('#'))) {
    throw optionError(
      'audience must be an absolute URI without fragment, such as https://api.example',
    );
  }
  return [first, ...others];
}

function optionError(problem: string): LocalIssuerError {
  return new LocalIssuerError('option', `The local issuer cannot start: ${problem}.`);
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : 'unknown reason';
    const isTaken = code === 'EADDRINUSE';
    const reason = isTaken ? 'the port is already in use' : `${code}`;
    const fix = isTaken ? 'Stop the other process, or choose another port' : 'Choose another port';
    const message = `The local issuer cannot listen on port ${port} of ${host}: ${reason}. ${fix}.`;
    throw new LocalIssuerError('listen', message, { cause });
  }
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : port;
}

async function close(server: Server): Promise<void> {
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
