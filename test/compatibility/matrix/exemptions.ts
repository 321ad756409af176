/** A cell of the matrix that cannot hold. Its test fails as soon as it does hold. */
export interface Exemption {
  readonly server: string;
  readonly case: string;
  /** One sentence, which is a footnote of the matrix. */
  readonly reason: string;
}

export const exemptions: readonly Exemption[] = [
  {
    server: 'yoga-next',
    case: '4. two Authorization headers',
    reason: 'Next.js drops all Authorization headers but the first, and has no raw headers.',
  },
  ...['apollo-server', 'apollo-express', 'apollo-graphql-ws', 'nestjs-apollo'].map((server) => ({
    server,
    case: 'subscription (SSE)',
    reason: 'Apollo Server executes no subscriptions over HTTP.',
  })),
  // graphql 17 is tested with graphql-http.
  ...['graphql-http', 'graphql-17'].flatMap((server) => [
    {
      server,
      case: 'batch: verified once',
      reason: 'graphql-http has no batches.',
    },
    {
      server,
      case: 'subscription (SSE)',
      reason: 'graphql-http has no subscriptions: they are served over WebSocket.',
    },
  ]),
  {
    server: 'mercurius',
    case: 'content type by Accept',
    reason: 'Mercurius sends application/json, whatever a client accepts.',
  },
  {
    server: 'mercurius',
    case: 'subscription (SSE)',
    reason: 'Mercurius has no subscriptions over HTTP: they are served over WebSocket.',
  },
  {
    server: 'deno',
    case: '19. malformed proof, bad key or signature',
    reason:
      'Deno imports a key whose point is not on its curve, so the reason is the signature, which does not verify.',
  },
];
