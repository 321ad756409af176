// The tests set more than the docs show: lines of a server file that end with the comment `matrix`, and
// what follows a comma and has that comment, are not in the docs.

/** Limits of operations, each of which a short operation exceeds. */
export const limits = { cost: 25, depth: 2, aliases: 2, rootFields: 3, directives: 2 };

/** What the tests set besides issuer and audience: options of `createAuthenticator`. */
export function matrixOptions(environment = process.env) {
  const { OIDC_ISSUER, DOWN_ISSUER, DPOP, DPOP_NONCE, PUBLIC_URL } = environment;
  const { REQUIRED_CLAIMS, REPLAY_STORE, CLOCK } = environment;
  return {
    ...(DOWN_ISSUER ? { issuer: [OIDC_ISSUER, DOWN_ISSUER] } : {}),
    ...(DPOP ? { dpop: DPOP } : {}),
    ...(DPOP_NONCE ? { dpopNonce: DPOP_NONCE } : {}),
    ...(PUBLIC_URL ? { publicUrl: PUBLIC_URL } : {}),
    ...(REQUIRED_CLAIMS ? { requiredClaims: REQUIRED_CLAIMS.split(' ') } : {}),
    ...(REPLAY_STORE ? { replayStore: createHttpReplayStore(REPLAY_STORE) } : {}),
    ...(CLOCK ? { clock: { now: () => new Date(CLOCK) } } : {}),
  };
}

/** A replay store that the tests can make fail. */
function createHttpReplayStore(url) {
  return {
    async isFirstUse(id) {
      const response = await fetch(`${url}/${id}`, { method: 'POST' });
      if (!response.ok) throw new Error(`The replay store responded with ${response.status}.`);
      return response.json();
    },
  };
}
