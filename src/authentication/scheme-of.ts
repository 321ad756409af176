import type { AuthScheme } from './auth-error-reasons.ts';
import type { Viewer } from './viewer.ts';

/** The scheme of the viewer's token: one that is bound to a key was sent with a DPoP proof. */
export function schemeOf(viewer: Viewer): AuthScheme {
  const isBound =
    viewer.kind === 'authenticated' &&
    Object.hasOwn(viewer.claims, 'cnf') &&
    viewer.claims['cnf'] !== null;
  return isBound ? 'DPoP' : 'Bearer';
}
