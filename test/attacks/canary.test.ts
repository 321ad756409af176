import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { AnyApiModule } from '../../src/server/api-definition.ts';
import { buildFixtureApi } from '../support/fixture-api.ts';
import { boundToken, createProof } from '../support/proofs.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { createTestIssuer, createTestKey, encodeJws } from '../support/tokens.ts';

/** A text that is nowhere else, and that no pattern of credentials matches. */
const canary = (name: string): string => `Canary${name}q7Zr`;

/** An error as HTTP clients and databases throw it. */
function failure(): Error {
  const cause = Object.assign(new Error('The connection was closed.'), {
    url: `redis://user:${canary('RedisPassword')}@cache.test`,
    parameters: [canary('Parameter')],
  });
  return Object.assign(new Error('The request failed.', { cause }), {
    config: { headers: { authorization: canary('ErrorHeader') } },
    response: { data: canary('ErrorBody') },
    detail: `Key (email)=(${canary('ErrorRow')})`,
  });
}

const module: AnyApiModule = {
  typeDefs: /* GraphQL */ `
    extend type Query {
      echo(text: String): String
      fails(text: String): String
      policed(text: String): String @auth(policy: "broken")
      claimed(text: String): String @auth(claims: ["never"])
    }
  `,
  resolvers: {
    Query: {
      echo: () => 'ok',
      fails: () => {
        throw failure();
      },
      policed: () => 'ok',
      claimed: () => 'ok',
    },
  },
  policies: {
    broken: () => {
      throw failure();
    },
  },
};

describe('what a client, an issuer or an error says', () => {
  let server: TestServer;
  let responses = '';

  beforeAll(async () => {
    server = await startTestServer(
      { LOG_LEVEL: 'trace', LOG_REQUESTS: 'on', LOG_DECISIONS: '1', DPOP: 'optional' },
      undefined,
      buildFixtureApi({ modules: [module] }),
    );
  });
  afterAll(() => server.stop());

  async function send(
    query: string,
    headers: Readonly<Record<string, string>> = {},
    rest: Readonly<Record<string, unknown>> = {},
  ): Promise<void> {
    const response = await fetch(`${server.endpoint}?query=${canary('UrlParameter')}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify({ query, ...rest }),
    });
    responses += JSON.stringify([...response.headers]) + (await response.text());
  }

  const claims = {
    sub: canary('Subject'),
    email: canary('Email'),
    org: { id: canary('NestedClaim') },
    jti: canary('TokenId'),
  };
  const operations = [
    `query { ${canary('Alias')}: echo(text: "${canary('Literal')}") }`,
    `query ($text: String) { ${canary('Alias')}: fails(text: $text) }`,
    `query ($text: String) { ${canary('Alias')}: policed(text: $text) }`,
    `query ($text: String) { ${canary('Alias')}: claimed(text: $text) }`,
    `{ echo(text: "${canary('Literal')}"`,
  ];

  const authorizations: readonly (readonly [string, () => Readonly<Record<string, string>>])[] = [
    ['no token', () => ({})],
    ['a valid token', () => ({ authorization: `Bearer ${server.issuer.sign({ claims })}` })],
    [
      'an expired token',
      () => ({ authorization: `Bearer ${server.issuer.sign({ claims: { ...claims, exp: 1 } })}` }),
    ],
    [
      'a token of another issuer',
      () => ({
        authorization: `Bearer ${server.issuer.sign({ claims: { ...claims, iss: canary('Issuer') } })}`,
      }),
    ],
    [
      'a token with odd headers',
      () => ({
        authorization: `Bearer ${server.issuer.sign({ claims, header: { kid: canary('KeyId'), x: canary('TokenHeader') } })}`,
      }),
    ],
    [
      'a token with another signature',
      () => {
        const [header, payload] = server.issuer.sign({ claims }).split('.');
        const signature = Buffer.from(canary('Signature')).toString('base64url');
        return { authorization: `Bearer ${header}.${payload}.${signature}` };
      },
    ],
    ['something else', () => ({ authorization: `Bearer ${canary('Opaque')}` })],
    ['another scheme', () => ({ authorization: `Basic ${canary('Basic')}` })],
    [
      'a proof',
      () => {
        const key = createTestKey('ES256');
        const token = boundToken(server.issuer, key, claims);
        const { clock } = server.issuer;
        const proof = createProof({
          key,
          token,
          clock,
          url: server.endpoint,
          claims: { jti: canary('ProofId'), extra: canary('ProofClaim') },
        });
        return { authorization: `DPoP ${token}`, dpop: proof };
      },
    ],
    [
      'a wrong proof',
      () => ({
        authorization: `DPoP ${server.issuer.sign({ claims })}`,
        dpop: encodeJws({ typ: canary('ProofType') }, { jti: canary('ProofId') }, () =>
          Buffer.from(canary('ProofSignature')),
        ),
      }),
    ],
  ];

  it.each(authorizations)('is neither in the log nor in a response: with %s', async (_, sign) => {
    for (const query of operations) {
      await send(
        query,
        {
          cookie: canary('Cookie'),
          'x-custom': canary('Header'),
          referer: `https://${canary('Referer')}.test/`,
          'user-agent': canary('UserAgent'),
          tracestate: canary('TraceState'),
          'x-request-id': `${canary('RequestId')} with spaces`,
          ...sign(),
        },
        {
          variables: { text: canary('Variable'), other: canary('UnusedVariable') },
          extensions: { extension: canary('Extension') },
        },
      );
    }
    const log = server.logged.join('');
    expect(log).toContain('"outcome"');
    expect(log).toContain('The request failed.');
    expect(log.match(/Canary\w+/g) ?? []).toEqual([]);
    // Clients get their aliases back, and the place of a syntax error.
    expect(
      (responses.match(/Canary\w+/g) ?? []).filter((text) => text !== canary('Alias')),
    ).toEqual([]);
    // Tokens consist of base64url, which hides the text.
    for (const { authorization = '', dpop = '' } of [sign()]) {
      for (const part of `${authorization}.${dpop}`
        .split(/[ .]/)
        .filter(({ length }) => length > 20)) {
        expect(log).not.toContain(part);
        expect(responses).not.toContain(part);
      }
    }
  });

  it('is not in the log if it is what the issuer responds', async () => {
    const issuer = createTestIssuer();
    issuer.responses.discovery = () =>
      new Response(canary('IssuerBody'), {
        status: 500,
        headers: { 'x-issuer': canary('IssuerHeader') },
      });
    const failing = await startTestServer({ LOG_LEVEL: 'trace', LOG_REQUESTS: 'on' }, issuer);
    try {
      await fetch(failing.endpoint, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          authorization: `Bearer ${failing.issuer.sign({ claims })}`,
        },
        body: JSON.stringify({ query: '{ public { message } }' }),
      });
      expect(failing.logged.join('')).toContain("The issuer's keys could not be fetched.");
      expect(failing.logged.join('')).not.toMatch(/Canary/);
    } finally {
      await failing.stop();
    }
  });
});
