/** Where the issuer and the API are. The defaults match `npm start` of the API on this machine. */
export const settings = {
  /** The issuer, exactly as in the `iss` claim of its tokens, including the trailing slash. */
  issuer: import.meta.env.VITE_ISSUER ?? 'http://localhost:4001/',
  /** The client ID of this app: a public client, without a secret. */
  clientId: import.meta.env.VITE_CLIENT_ID ?? 'local-spa',
  /** The identifier of the API, as in the `aud` claim of its tokens. */
  audience: import.meta.env.VITE_AUDIENCE ?? 'https://graphql-resource-server.local',
  /** The GraphQL endpoint. */
  endpoint: import.meta.env.VITE_ENDPOINT ?? 'http://localhost:4000/graphql',
  /** Whether hashes of operations are sent in place of their texts. */
  trustedDocuments: import.meta.env.VITE_TRUSTED_DOCUMENTS ?? 'off',
} as const;
