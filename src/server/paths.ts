/** Where the API answers GraphQL. */
export const graphqlPath = '/graphql';

/** Where the metadata of a protected resource is, relative to its origin and before its path (RFC 9728 §3.1). */
export const metadataPath = '/.well-known/oauth-protected-resource';

/** The URL of the API's metadata, which every challenge names. */
export function metadataUrl(publicUrl: string): string {
  return `${publicUrl}${metadataPath}${graphqlPath}`;
}
