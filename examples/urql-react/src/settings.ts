/** Where everything is. The defaults are what `npm start` of the API runs on this machine. */
export const settings = {
  /** The issuer, exactly as in the `iss` of its tokens: the slash at the end counts. */
  issuer: import.meta.env.VITE_ISSUER ?? 'http://localhost:4001/',
  /** This app, as the issuer knows it: a public client, without a secret. */
  clientId: import.meta.env.VITE_CLIENT_ID ?? 'local-spa',
  /** The API that the tokens are for, as in their `aud`. */
  audience: import.meta.env.VITE_AUDIENCE ?? 'https://graphql-resource-server.local',
  /** Where the API answers. */
  endpoint: import.meta.env.VITE_ENDPOINT ?? 'http://localhost:4000/graphql',
} as const;
