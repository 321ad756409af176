/** A program that may ask the local issuer for tokens. */
export interface LocalClient {
  readonly clientId: string;
  /** Public knowledge, as everything of the local issuer. None for a public client. */
  readonly clientSecret?: string;
  /** How it comes by tokens, for people to read. */
  readonly grant: 'client credentials' | 'authorization code with PKCE';
}

/** The client without a person: client credentials, any of the API's scopes. */
export const machineClient = {
  clientId: 'local-machine',
  clientSecret: 'local-machine-secret',
  grant: 'client credentials',
} as const satisfies LocalClient;

/** The public client with a person: redirects to any path and port on loopback. */
export const browserClient = {
  clientId: 'local-spa',
  grant: 'authorization code with PKCE',
} as const satisfies LocalClient;

/** The longest lifetime that a token request can choose: a day, in seconds. */
export const longestLifetime = 24 * 60 * 60;
