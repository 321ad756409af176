import { readActors } from '../authentication/token/actors.ts';
import { type AuthenticatedViewer, viewerId } from '../authentication/viewer.ts';

/** Options for `viewerWith`. */
export interface ViewerTraits {
  /** Default: none. */
  readonly scopes?: Iterable<string>;
  /** Claims in addition to `sub` and `iss`. Times are in seconds since the epoch, as in tokens. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Default `test-user`. */
  readonly subject?: string;
  /** Default `https://issuer.test/`. */
  readonly issuer?: string;
  /** Default: in an hour. */
  readonly expiresAt?: Date;
}

/**
 * Creates an authenticated viewer for tests, as if a token with these scopes and claims had been
 * verified. Pass it as `{ viewer }` in the context of an execution, or to `findRefusals` and
 * `expectAccess`. Its `id` is derived from `issuer` and `subject`, as for real requests.
 *
 * @example
 * ```ts
 * const viewer = viewerWith({ scopes: ['read:messages'], claims: { email: 'ada@example.com' } });
 * const result = await execute({ schema, document, contextValue: { viewer } });
 * ```
 */
export function viewerWith({
  scopes = [],
  claims = {},
  subject = 'test-user',
  issuer = 'https://issuer.test/',
  expiresAt = new Date(Date.now() + 60 * 60 * 1000),
}: ViewerTraits = {}): AuthenticatedViewer {
  const actors = readActors(claims);
  return {
    kind: 'authenticated',
    id: viewerId({ issuer, subject }),
    subject,
    issuer,
    ...(actors === undefined ? {} : { actors }),
    scopes: new Set(scopes),
    claims: { sub: subject, iss: issuer, ...claims },
    expiresAt,
  };
}
