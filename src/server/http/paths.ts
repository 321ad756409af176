/** The path of the GraphQL endpoint. */
export const graphqlPath = '/graphql';

/** The well-known path of protected resource metadata, inserted before the path of a resource (RFC 9728 §3.1). */
export const metadataPath = '/.well-known/oauth-protected-resource';

/** The URL of the metadata of the GraphQL endpoint, which every challenge contains. */
export function metadataUrl(publicUrl: string): string {
  return `${publicUrl}${metadataPath}${graphqlPath}`;
}
