import { sha256 } from '../shared/sha256.ts';

/** An unauthenticated request: it has no credentials. */
export interface AnonymousViewer {
  readonly kind: 'anonymous';
}

/** A party that acts for the subject of an access token, such as a service that exchanged it. */
export interface Actor {
  /**
   * The claim `sub` of the actor: for most issuers, the ID of a client. Undefined if the issuer
   * identifies the actor by other claims.
   */
  readonly subject?: string;
  /** The claim `iss` of the actor. Usually undefined: it is the issuer of the token. */
  readonly issuer?: string;
  /** All claims about the actor. Earlier actors are in its `act`. */
  readonly claims: Readonly<Record<string, unknown>>;
}

/**
 * The subject of a verified access token. Those of `createAuthenticator` are immutable, claims and scopes
 * included, because all requests with the same token share one.
 */
export interface AuthenticatedViewer {
  readonly kind: 'authenticated';
  /**
   * Identifies the subject across issuers and tokens: `viewerId({ issuer, subject })`. Store and compare
   * this one, for example as the owner of a record. With `machineTokens: 'accept'`, a client whose token
   * has no subject is `viewerId({ issuer, clientId })`, which is not the `id` of any subject.
   */
  readonly id: string;
  /**
   * The claim `sub`. Unique within `issuer` only (OpenID Connect Core §8): do not compare it alone.
   * `client:` and the client ID if `machineTokens` accepted a token without subject.
   */
  readonly subject: string;
  /** The claim `iss`, equal to one of the configured issuers. */
  readonly issuer: string;
  /**
   * The client that the token was issued to: the first of the claims `client_id` (RFC 9068 §2.2),
   * `azp`, `cid` and `appid` that is a string. Unique within `issuer` only.
   */
  readonly clientId?: string;
  /**
   * Who acts for the subject (the claim `act`, RFC 8693 §4.1): at most 10. The first one sent the
   * request; decide by that one only. The others acted before it. Undefined if the subject acts
   * itself.
   */
  readonly actors?: readonly Actor[];
  /**
   * The union of the claims `scope` and `scp` (each space-delimited or an array) and `permissions` (an
   * array), or what the option `scopes` reads instead. Case-sensitive.
   */
  readonly scopes: ReadonlySet<string>;
  /** All claims of the access token. */
  readonly claims: Readonly<Record<string, unknown>>;
  /** The claim `exp`. From `createAuthenticator`, a new `Date` each time it is read. */
  readonly expiresAt: Date;
}

/**
 * Who sent a request.
 *
 * @example
 * ```ts
 * if (viewer.kind === 'authenticated') console.info(viewer.scopes.has('read:messages'));
 * ```
 */
export type Viewer = AnonymousViewer | AuthenticatedViewer;

/**
 * The context of a resolver whose field has `@auth`: its viewer is authenticated. GraphQL Code Generator
 * writes it into the types of resolvers with
 * `directiveContextTypes: ['auth#graphql-resource-server#AuthenticatedContext']`.
 */
export type AuthenticatedContext<Context> = Context & { readonly viewer: AuthenticatedViewer };

/** The viewer of a request without credentials. */
export const anonymous: AnonymousViewer = Object.freeze({ kind: 'anonymous' });

/**
 * Computes the `id` of a viewer: the SHA-256 of the JSON text `["ISSUER","SUBJECT"]`, or of
 * `["ISSUER",{"client":"CLIENT_ID"}]` for a client without subject, in base64url. 43 characters, the same
 * in every release. For viewers that do not come from an authenticator, and to
 * migrate records that have issuer and subject.
 *
 * @example
 * ```ts
 * const author = viewerId({ issuer: 'https://login.example.com/', subject: 'auth0|ada' });
 * ```
 */
export function viewerId(
  identity:
    | Pick<AuthenticatedViewer, 'issuer' | 'subject'>
    | { readonly issuer: string; readonly clientId: string; readonly subject?: never },
): string {
  const { issuer, subject } = identity;
  const named = subject === undefined ? { client: identity.clientId } : subject;
  // JSON is unambiguous, and escapes unpaired surrogates, which UTF-8 would merge.
  return sha256(JSON.stringify([issuer, named]));
}
