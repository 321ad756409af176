import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { isAbsolute } from 'node:path';
import { loadIssuerKeys, publicHalf } from './key-file.ts';
import { browserClient, type LocalClient, machineClient } from './local-client.ts';
import { LocalIssuerError } from './local-issuer-error.ts';
import { completeUsers, type LocalUser, type LocalUserInput } from './local-user.ts';
import { isLoopbackUrl } from './loopback.ts';
import { createRequestHandler } from './request-handler.ts';
import type { TokenProfile } from './token-profile.ts';
import { userInfoHandler } from './user-info.ts';

/** How to start the local issuer. */
export interface LocalIssuerOptions {
  /** Where to listen; 0 for any free port. */
  readonly port: number;
  /** The address to listen on. Default `127.0.0.1`. The issuer is called localhost all the same. */
  readonly host?: string;
  /**
   * The identifier of the API, an absolute URI without fragment, or several of them. A request that
   * names no `audience` means the first.
   */
  readonly audience: string | readonly string[];
  /** The scopes of the API; those of the users are added to them. */
  readonly scopes: readonly string[];
  /** Whom anyone may sign in as. */
  readonly users: readonly LocalUserInput[];
  /** Browser origins that may call it, beside every origin on loopback. */
  readonly allowedOrigins?: readonly string[];
  /** Default `auth0`. */
  readonly profile?: TokenProfile;
  /** Absolute path of the file that keeps the keys; made when it is not there. */
  readonly keyFile: string;
  /** In seconds. Default an hour. */
  readonly accessTokenLifetime?: number;
  /** The value of NODE_ENV. With `production` it refuses to start. */
  readonly environment: string | undefined;
  /** Told of what should not happen. Default: the console. */
  readonly onError?: (error: unknown) => void;
}

/** A running local issuer. */
export interface LocalIssuer {
  /** The issuer identifier, exactly as in `iss`: with its trailing slash. */
  readonly issuer: string;
  readonly users: readonly LocalUser[];
  readonly clients: readonly LocalClient[];
  /** Stops at once; open connections are cut. */
  close(): Promise<void>;
}

/**
 * Starts an OpenID provider that signs real tokens for anyone who asks: for development and tests.
 *
 * Its keys outlive it, its sessions and refresh tokens do not.
 *
 * @throws LocalIssuerError in production, for a wrong option, an unusable key file, or when it
 *   cannot listen.
 */
export async function startLocalIssuer(options: LocalIssuerOptions): Promise<LocalIssuer> {
  const { port, host = '127.0.0.1', profile = 'auth0', onError } = options;
  const audiences = checkOptions(options);
  const users = completeUsers(options.users);
  const scopes = [...new Set([...options.scopes, ...users.flatMap((user) => user.scopes)])];

  // Loading oidc-provider is most of the start; the keys are read or searched meanwhile.
  const [keys, { createProvider }, { loginHandler }] = await Promise.all([
    loadIssuerKeys(options.keyFile),
    import('./provider.ts'),
    import('./login-handler.ts'),
  ]);

  // The issuer's name holds the port, which is known only now.
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
  });
  const report = onError ?? ((error: unknown) => console.error(error));
  provider.on('server_error', (_context, error) => report(error));
  const signingKey = publicHalf(keys.signingKey);
  server.on(
    'request',
    createRequestHandler({
      issuer,
      login: loginHandler(provider, users),
      userInfo: userInfoHandler({ issuer, signingKey, users, isAllowedOrigin }),
      provider: provider.callback(),
      onError: report,
    }),
  );
  return { issuer, users, clients: [machineClient, browserClient], close: () => close(server) };
}

function checkOptions({
  audience,
  environment,
  keyFile,
  accessTokenLifetime = 1,
}: LocalIssuerOptions): [string, ...string[]] {
  if (environment === 'production') {
    const message =
      'The local issuer gives a token to anyone who asks and does not start with NODE_ENV=production. Configure a real issuer.';
    throw new LocalIssuerError('production', message);
  }
  if (!isAbsolute(keyFile)) throw optionError('keyFile must be an absolute path');
  if (!Number.isSafeInteger(accessTokenLifetime) || accessTokenLifetime < 1) {
    throw optionError('accessTokenLifetime must be a whole number of seconds, 1 or more');
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

function optionError(fault: string): LocalIssuerError {
  return new LocalIssuerError('option', `The local issuer cannot start: ${fault}.`);
}

async function listen(server: Server, port: number, host: string): Promise<number> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : 'unknown reason';
    const reason = code === 'EADDRINUSE' ? 'something else already listens there' : `${code}`;
    const message = `The local issuer cannot listen on port ${port} of ${host}: ${reason}. Stop that, or choose another port.`;
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
