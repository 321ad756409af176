/** Below this is what the page is made of. */
export const assetPath = '/graphiql/';

/** Where the issuer leads back to after a sign-in: a redirect URI, so it is registered there. */
export const callbackPath = `${assetPath}callback`;
