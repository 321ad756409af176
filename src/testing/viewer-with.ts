import { type AuthenticatedViewer, viewerId } from '../authentication/viewer.ts';

/** What a viewer of a test has. Everything may be left out. */
export interface ViewerTraits {
  readonly scopes?: Iterable<string>;
  /** Beside `sub` and `iss`; times are in seconds since the epoch, as in tokens. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Default `somebody`. */
  readonly subject?: string;
  /** Default `https://issuer.test/`. */
  readonly issuer?: string;
  /** Default: an hour from now. */
  readonly expiresAt?: Date;
}

/**
 * An authenticated viewer for tests that execute operations, as if a token with these scopes and
 * claims had been verified: for `{ viewer }` contexts, `findRefusals` and `expectAccess`. Its `id` is
 * made of `issuer` and `subject`, as in a request.
 */
export function viewerWith({
  scopes = [],
  claims = {},
  subject = 'somebody',
  issuer = 'https://issuer.test/',
  expiresAt = new Date(Date.now() + 60 * 60 * 1000),
}: ViewerTraits = {}): AuthenticatedViewer {
  return {
    kind: 'authenticated',
    id: viewerId({ issuer, subject }),
    subject,
    issuer,
    scopes: new Set(scopes),
    claims: { sub: subject, iss: issuer, ...claims },
    expiresAt,
  };
}
