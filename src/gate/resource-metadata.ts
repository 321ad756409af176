import type { GraphQLSchema } from 'graphql';
import type { Authenticator } from '../authentication/authenticator.ts';
import { isIssuerUrl } from '../authentication/issuer/issuer-problems.ts';
import { listScopes } from '../authorization/review/access-rules.ts';

/** Options for `resourceMetadata`. */
export interface ResourceMetadataOptions {
  /** The resource's identifier: its URL as clients see it, without query and fragment. */
  readonly resource: string;
  /**
   * The issuers whose tokens are accepted, each exactly as in `iss`. One that is not an `https` URL, or
   * `http` on a loopback host, is left out of the document: clients could not use it.
   */
  readonly issuers: readonly string[];
  /** The result of `guardSchema`. Its rules name the scopes. */
  readonly schema: GraphQLSchema;
  /** The authenticator of the resource, for the schemes that it accepts. */
  readonly authenticator: Pick<Authenticator, 'schemes' | 'dpopAlgorithms'> &
    Partial<Pick<Authenticator, 'bearerMethods'>>;
}

/** The metadata of a protected resource (RFC 9728 §2), to serve as JSON. */
export interface ResourceMetadata {
  readonly resource: string;
  /** Absent if there are none. */
  readonly authorization_servers?: readonly string[];
  /** Every scope that a rule names or that implies one of them, in alphabetical order. Absent if there are none. */
  readonly scopes_supported?: readonly string[];
  /** How Bearer tokens can be sent; empty if they are not accepted in the Authorization header. */
  readonly bearer_methods_supported: readonly string[];
  /** Absent if DPoP proofs are not accepted. */
  readonly dpop_signing_alg_values_supported?: readonly string[];
  /** Whether every token must be bound to a key. */
  readonly dpop_bound_access_tokens_required: boolean;
}

/**
 * Creates the document from which clients learn how to get a token for a resource, and how to send
 * it. Serve it as JSON at the well-known path of the resource (RFC 9728 §3.1), and pass that URL to
 * `useAuth({ resourceMetadata })`.
 *
 * @throws {TypeError} If the schema is not the result of `guardSchema`.
 *
 * @example
 * ```ts
 * const metadata = resourceMetadata({
 *   resource: 'https://api.example.com/graphql',
 *   issuers: ['https://login.example.com/'],
 *   schema,
 *   authenticator,
 * });
 * // Serve it at https://api.example.com/.well-known/oauth-protected-resource/graphql
 * ```
 */
export function resourceMetadata(options: ResourceMetadataOptions): ResourceMetadata {
  const { resource, issuers, schema, authenticator } = options;
  const { schemes, dpopAlgorithms } = authenticator;
  const { bearerMethods = schemes.includes('Bearer') ? ['header'] : [] } = authenticator;
  const servers = issuers.filter(isIssuerUrl);
  const scopes = listScopes(schema);
  return {
    resource,
    ...(servers.length > 0 ? { authorization_servers: servers } : {}),
    ...(scopes.length > 0 ? { scopes_supported: scopes } : {}),
    bearer_methods_supported: bearerMethods,
    ...(dpopAlgorithms.length > 0 ? { dpop_signing_alg_values_supported: dpopAlgorithms } : {}),
    dpop_bound_access_tokens_required: !schemes.includes('Bearer'),
  };
}
