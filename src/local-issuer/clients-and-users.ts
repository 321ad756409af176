import { LocalIssuerError } from './local-issuer-error.ts';

/** A client that is registered with the local issuer. */
export interface LocalClient {
  readonly clientId: string;
  /** Not a secret: it is the same in every installation. None for a public client. */
  readonly clientSecret?: string;
  /** How it gets tokens, for display. */
  readonly grant: 'client credentials' | 'authorization code with PKCE';
}

/** The client without a user: client credentials, any of the API's scopes. */
export const machineClient = {
  clientId: 'local-machine',
  clientSecret: 'local-machine-secret',
  grant: 'client credentials',
} as const satisfies LocalClient;

/** The public client for users: redirects to any path and port on loopback. */
export const browserClient = {
  clientId: 'local-spa',
  grant: 'authorization code with PKCE',
} as const satisfies LocalClient;

/** The API itself, as a client: introspects opaque tokens, and exchanges tokens. */
export const apiClient = {
  clientId: 'local-api',
  clientSecret: 'local-api-secret',
} as const;

/** The longest token lifetime that a client can request: a day, in seconds. */
export const maxTokenLifetime = 24 * 60 * 60;

/** A test user. Anyone can sign in as one: there are no passwords. */
export interface LocalUser {
  /** The login name, and the claim `sub`. */
  readonly name: string;
  /** The name on the login page. */
  readonly displayName: string;
  readonly email: string;
  /** Every scope that the user can be granted, whatever is requested. */
  readonly scopes: readonly string[];
}

/** A test user as it is configured; defaults derive from the name. */
export type LocalUserInput = Pick<LocalUser, 'name' | 'scopes'> & Partial<LocalUser>;

/**
 * Fills in the defaults of test users.
 *
 * @throws LocalIssuerError for a name that is empty or used twice.
 */
export function completeUsers(inputs: readonly LocalUserInput[]): readonly LocalUser[] {
  const names = new Set<string>();
  return inputs.map(({ name, scopes, displayName, email }) => {
    if (name === '' || names.has(name)) {
      const problem = name === '' ? 'one name is empty' : `${JSON.stringify(name)} is used twice`;
      const message = `The local issuer cannot start: each test user needs a unique name, but ${problem}.`;
      throw new LocalIssuerError('option', message);
    }
    names.add(name);
    return {
      name,
      displayName: displayName ?? name.charAt(0).toUpperCase() + name.slice(1),
      email: email ?? `${name}@localhost`,
      scopes: [...new Set(scopes)],
    };
  });
}

/** The claims that each scope requests (OpenID Connect Core §5.4). */
export const claimsByScope: Readonly<Record<string, readonly string[]>> = {
  openid: ['sub'],
  profile: ['name', 'nickname', 'preferred_username'],
  email: ['email', 'email_verified'],
};

/** The claims about a user that the granted scopes include; `sub` always. */
export function userClaims(
  user: LocalUser,
  scopes: readonly string[],
): { sub: string; [claim: string]: string | boolean } {
  const claims = {
    name: user.displayName,
    nickname: user.name,
    preferred_username: user.name,
    email: user.email,
    email_verified: true,
  };
  const granted = new Set(scopes.flatMap((scope) => claimsByScope[scope] ?? []));
  return {
    sub: user.name,
    ...Object.fromEntries(Object.entries(claims).filter(([claim]) => granted.has(claim))),
  };
}
