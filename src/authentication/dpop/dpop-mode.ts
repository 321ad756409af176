/**
 * What is made of DPoP (RFC 9449).
 *
 * - `off`: the scheme is one that is not known here, and a DPoP header means nothing.
 * - `optional`: a token that is bound to a key needs a proof, one that is not comes as Bearer.
 * - `required`: Bearer is not accepted.
 *
 * A token that is bound to a key is never accepted as Bearer, with `off` neither.
 */
export type DpopMode = 'off' | 'optional' | 'required';

/** Every mode, for checking options. */
export const dpopModes: ReadonlySet<string> = new Set<DpopMode>(['off', 'optional', 'required']);
