import type { GraphQLSchema } from 'graphql';
import type { Authenticator } from '../authentication/authenticator.ts';
import { listScopes } from '../authorization/review/access-rules.ts';

/** What is told of a protected resource. */
export interface ResourceMetadataOptions {
  /** The resource's identifier: its URL as clients see it, without query and fragment. */
  readonly resource: string;
  /** The issuers whose tokens are accepted, each exactly as in `iss`. */
  readonly issuers: readonly string[];
  /** The result of `guardSchema`: its rules say which scopes there are. */
  readonly schema: GraphQLSchema;
  /** What it accepts is what is told. */
  readonly authenticator: Pick<Authenticator, 'schemes' | 'dpopAlgorithms'>;
}

/** The metadata of a protected resource (RFC 9728 §2), as it is written in JSON. */
export interface ResourceMetadata {
  readonly resource: string;
  readonly authorization_servers: readonly string[];
  /** Every scope that a rule names, in alphabetical order. Absent where none does. */
  readonly scopes_supported?: readonly string[];
  /** How a Bearer token may be sent; empty where none may be. */
  readonly bearer_methods_supported: readonly string[];
  /** Absent where DPoP proofs are not accepted. */
  readonly dpop_signing_alg_values_supported?: readonly string[];
  /** Whether every token must be bound to a key. */
  readonly dpop_bound_access_tokens_required: boolean;
}

/**
 * The document by which a client finds out how to get a token for a resource, and how to send it.
 * Serve it as JSON at the well-known path of the resource's identifier (RFC 9728 §3.1), and name
 * that URL in `useAuth({ resourceMetadata })`.
 *
 * @throws {TypeError} When the schema is not the result of `guardSchema`.
 */
export function resourceMetadata(options: ResourceMetadataOptions): ResourceMetadata {
  const { resource, issuers, schema, authenticator } = options;
  const { schemes, dpopAlgorithms } = authenticator;
  const scopes = listScopes(schema);
  return {
    resource,
    authorization_servers: issuers,
    ...(scopes.length > 0 ? { scopes_supported: scopes } : {}),
    bearer_methods_supported: schemes.includes('Bearer') ? ['header'] : [],
    ...(dpopAlgorithms.length > 0 ? { dpop_signing_alg_values_supported: dpopAlgorithms } : {}),
    dpop_bound_access_tokens_required: !schemes.includes('Bearer'),
  };
}
