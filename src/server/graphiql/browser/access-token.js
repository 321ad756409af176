/**
 * The scopes of an access token, as the API reads them: from `scope`, `scp` and `permissions`.
 * Nothing else of a token is looked at here, and nothing is verified.
 *
 * @param {string} token
 * @returns {readonly string[] | undefined} In alphabetical order; undefined where the token cannot
 *   be read, as opaque ones cannot.
 */
export function scopesOf(token) {
  try {
    const [, payload = ''] = token.split('.');
    const bytes = Uint8Array.from(
      atob(payload.replaceAll('-', '+').replaceAll('_', '/')),
      (character) => character.charCodeAt(0),
    );
    const { scope, scp, permissions } = JSON.parse(new TextDecoder().decode(bytes));
    return [...new Set([scope, scp, permissions].flatMap(words))].sort();
  } catch {
    return undefined;
  }
}

/**
 * @param {unknown} claim
 * @returns {string[]}
 */
function words(claim) {
  if (typeof claim === 'string') return claim.split(' ').filter(Boolean);
  return Array.isArray(claim) ? claim.filter((word) => typeof word === 'string') : [];
}
