import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createProof, thumbprintOf } from '../test/support/proofs.ts';
import { createTestKey, encodeJws } from '../test/support/tokens.ts';

/** What a request of a benchmark proves itself with. `newTokens`: a Bearer token that was never sent before. */
export type CredentialsKind = 'none' | 'bearer' | 'newTokens' | 'dpop';

/** What is wrong with a token that every server must refuse. */
export const tokenFlaws = ['bad signature', 'expired', 'wrong audience', 'missing scope'] as const;
export type TokenFlaw = (typeof tokenFlaws)[number];

/** An issuer on the loopback interface, and the credentials that its clients send. */
export interface BenchIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** The headers of one request: always a new token and, for DPoP, a new proof for `url`. */
  createHeaders(
    kind: CredentialsKind,
    url: string,
    flaw?: TokenFlaw,
  ): Readonly<Record<string, string>>;
  /** The headers of another request with the same token and, for DPoP, a new proof. */
  renewProof(
    headers: Readonly<Record<string, string>>,
    url: string,
  ): Readonly<Record<string, string>>;
  /** Another token, signed with ES256: for runs with so many that signing RS256 would take minutes. */
  createToken(): string;
  close(): void;
}

const audience = 'https://api.test';
const clock = { seconds: () => Math.floor(Date.now() / 1_000) };

/** Serves discovery and a key set: one RSA key, as Auth0 has, and one for `createToken`. */
export async function startBenchIssuer(): Promise<BenchIssuer> {
  const [key, otherKey] = [createTestKey('RS256'), createTestKey('RS256')];
  const [quickKey, clientKey] = [createTestKey('ES256'), createTestKey('ES256')];
  const jkt = thumbprintOf(clientKey);

  const server = createServer((request, response) => {
    const documents: Readonly<Record<string, object>> = {
      '/.well-known/openid-configuration': { issuer, jwks_uri: `${issuer}.well-known/jwks.json` },
      '/.well-known/jwks.json': { keys: [key.jwk, quickKey.jwk] },
    };
    const document = documents[request.url ?? ''];
    response.writeHead(document ? 200 : 404, { 'Content-Type': 'application/json' });
    response.end(JSON.stringify(document ?? {}));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address ? address.port : 0;
  const issuer = `http://127.0.0.1:${port}/`;

  const sign = (isBound: boolean, flaw?: TokenFlaw, signer = key): string => {
    const now = clock.seconds();
    return encodeJws(
      { alg: signer.algorithm, typ: 'at+jwt', kid: signer.kid },
      {
        iss: issuer,
        sub: 'auth0|65f1c2d3e4a5b6c7d8e9f0a1',
        aud: [flaw === 'wrong audience' ? 'https://other.test' : audience, `${issuer}userinfo`],
        iat: now - (flaw === 'expired' ? 90_000 : 0),
        exp: now + (flaw === 'expired' ? -3_600 : 86_400),
        scope: flaw === 'missing scope' ? 'openid profile' : 'openid profile read:messages',
        client_id: 'bench-client',
        jti: randomUUID(),
        ...(isBound && { cnf: { jkt } }),
      },
      flaw === 'bad signature' ? otherKey : signer,
    );
  };
  const prove = (token: string, url: string) => ({
    Authorization: `DPoP ${token}`,
    DPoP: createProof({ key: clientKey, token, url, clock }),
  });

  return {
    issuer,
    audience,
    createHeaders(kind, url, flaw) {
      if (kind === 'none') return {};
      if (kind === 'dpop') return prove(sign(true, flaw), url);
      return { Authorization: `Bearer ${sign(false, flaw)}` };
    },
    renewProof: ({ Authorization = '' }, url) => prove(Authorization.replace('DPoP ', ''), url),
    createToken: () => sign(false, undefined, quickKey),
    close: () => server.close(),
  };
}
