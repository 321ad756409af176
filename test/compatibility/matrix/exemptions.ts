/** A cell of the matrix that cannot hold. Its test fails as soon as it does hold. */
export interface Exemption {
  readonly server: string;
  readonly case: string;
  /** One sentence, which is a footnote of the matrix. */
  readonly reason: string;
}

export const exemptions: readonly Exemption[] = [
  ...['apollo-server', 'apollo-express'].map((server) => ({
    server,
    case: 'subscription (SSE)',
    reason: 'Apollo Server executes no subscriptions over HTTP.',
  })),
];
