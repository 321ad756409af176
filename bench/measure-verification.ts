import { pathToFileURL } from 'node:url';
import { createAuthenticator } from '../src/authentication/authenticator.ts';
import { createTestIssuer, createTestKey } from '../test/support/tokens.ts';
import { type Figure, median } from './figure.ts';

/** What verification costs. The CPU of DPoP proofs is in measure-dpop.ts. */
export async function measureVerification(): Promise<Figure[]> {
  return [...(await fetchesOfTokens()), ...(await cpuOfTokens())];
}

async function fetchesOfTokens(): Promise<Figure[]> {
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

const requests = 500;

/** One request after the other, at the median of five runs. */
async function cpuOfTokens(): Promise<Figure[]> {
  const issuer = createTestIssuer({ key: createTestKey('RS256') });
  const { authenticate } = createAuthenticator({
    issuer: issuer.issuer,
    audience: issuer.audience,
    fetch: issuer.fetch,
    clock: issuer.clock,
  });
  const known = issuer.sign();
  const cpuOf = async (tokenOf: () => string): Promise<number> => {
    const runs: number[] = [];
    // The first run warms up, and fetches the keys.
    for (let run = 0; run < 6; run += 1) {
      const prepared = Array.from({ length: requests }, () => ({
        method: 'POST',
        url: '/graphql',
        headers: new Headers({ authorization: `Bearer ${tokenOf()}` }),
      }));
      const before = process.cpuUsage();
      for (const request of prepared) await authenticate(request);
      const { user, system } = process.cpuUsage(before);
      if (run > 0) runs.push((user + system) / requests);
    }
    return median(runs);
  };
  const unknown = await cpuOf(() => issuer.sign());
  return [
    {
      name: 'CPU of a token seen for the first time (RS256)',
      value: unknown,
      unit: 'µs',
      limit: 600,
    },
    { name: 'CPU of a known token', value: await cpuOf(() => known), unit: 'µs', limit: 100 },
  ];
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  for (const { name, value, unit, limit } of await measureVerification()) {
    console.log(`${name}: ${value.toFixed(1)} ${unit}, at most ${limit} ${unit}`);
  }
}
