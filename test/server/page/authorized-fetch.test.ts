import { expect, test } from 'vitest';
import { createAuthorizedFetch } from '../../../src/server/graphiql/browser/authorized-fetch.ts';

/** Sends a request as a session whose token can be renewed, and counts the requests. */
async function send(errors: readonly object[]) {
  let requests = 0;
  const authorizedFetch = createAuthorizedFetch({
    fetch: async () => {
      requests += 1;
      return Response.json({ errors });
    },
    tokens: { authorize: async () => true, renew: async () => true, rememberNonce() {} },
  });
  const { problem } = await authorizedFetch(new Request('https://api.test/graphql'));
  return { requests, problem };
}

test.each<[string, object, number, string | undefined]>([
  ['an expired token', { extensions: { reason: 'token_expired' } }, 2, 'credentials'],
  ['a missing nonce', { extensions: { reason: 'nonce_needed' } }, 2, 'credentials'],
  ['a revoked token', { extensions: { reason: 'token_revoked' } }, 1, 'credentials'],
  ['a field with a reason', { path: ['a'], extensions: { reason: 'token_expired' } }, 1, undefined],
  ['a field that is refused', { path: ['a'], extensions: { code: 'FORBIDDEN' } }, 1, 'denied'],
])('%s: what was executed is not sent again', async (_case, error, requests, kind) => {
  const sent = await send([error]);

  expect([sent.requests, sent.problem?.kind]).toEqual([requests, kind]);
});
