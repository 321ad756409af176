import { createAuthenticator } from '../src/authentication/authenticator.ts';
import { createTestIssuer } from '../test/support/tokens.ts';
import type { Figure } from './figure.ts';

/** What verification asks of the issuers. */
export async function measureVerification(): Promise<Figure[]> {
  const issuer = createTestIssuer();
  const authenticator = createAuthenticator({
    issuer: issuer.issuer,
    audience: issuer.audience,
    fetch: issuer.fetch,
    clock: issuer.clock,
  });
  const authenticate = (token: string) =>
    authenticator.authenticate({
      method: 'POST',
      url: '/graphql',
      headers: new Headers({ authorization: `Bearer ${token}` }),
    });

  const tokens = Array.from({ length: 200 }, () => issuer.sign());
  await Promise.all(tokens.map(authenticate));
  const { discovery, keys } = issuer.requests;

  for (const token of tokens) await authenticate(token);
  const later = issuer.requests.discovery + issuer.requests.keys - discovery - keys;

  return [
    { name: 'discoveries for 200 first requests at once', value: discovery, unit: '', limit: 1 },
    { name: 'key fetches for 200 first requests at once', value: keys, unit: '', limit: 1 },
    { name: 'fetches for 200 tokens of a known key', value: later, unit: '', limit: 0 },
  ];
}
