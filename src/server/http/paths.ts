/** The path of the GraphQL endpoint, below that of the public URL, which a proxy strips. */
export const graphqlPath = '/graphql';

/** The path of the back-channel logout endpoint. */
export const logoutPath = '/backchannel-logout';

/** The well-known path of protected resource metadata, inserted before the path of a resource (RFC 9728 §3.1). */
export const metadataPath = '/.well-known/oauth-protected-resource';

/** The path of the GraphQL endpoint as clients see it. */
export function publicPath(publicUrl: string): string {
  return new URL(`${publicUrl}${graphqlPath}`).pathname;
}

/** The URL of the metadata of the GraphQL endpoint, which every challenge contains. */
export function metadataUrl(publicUrl: string): string {
  return `${new URL(publicUrl).origin}${metadataPath}${publicPath(publicUrl)}`;
}
