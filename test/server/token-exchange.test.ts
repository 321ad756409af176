import { expect, it, onTestFinished } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import type {
  ContextOf,
  ContextServices,
  Resolvers,
  Viewer,
} from '../../src/server/api-definition.ts';
import { buildApi } from '../../src/server/build-api.ts';
import { operate } from '../support/http.ts';
import { startTestServer } from '../support/server.ts';
import { createTestIssuer, jsonResponse } from '../support/tokens.ts';

const tokenUrl = 'https://issuer.test/oauth/token';

const createContext = (viewer: Viewer, _request: Request, { exchangeToken }: ContextServices) => ({
  stockToken: async () =>
    (await exchangeToken?.(viewer, { audience: 'https://stock.test' }))?.accessToken,
});

const resolvers: Resolvers<ContextOf<typeof createContext>> = {
  Query: { stockToken: (_source, _args, { stockToken }) => stockToken() },
};

/** Starts the API, and sends an operation that exchanges the token of its viewer. */
async function exchange(environment: Readonly<Record<string, string>>) {
  const issuer = createTestIssuer();
  issuer.responses.discovery = () =>
    jsonResponse({
      issuer: issuer.issuer,
      jwks_uri: 'https://issuer.test/.well-known/jwks.json',
      token_endpoint: tokenUrl,
    });
  const requests: { readonly authorization: string | null; readonly form: URLSearchParams }[] = [];
  const fetch: typeof issuer.fetch = async (url, init) => {
    if (url !== tokenUrl) return issuer.fetch(url, init);
    const authorization = new Headers(init.headers).get('authorization');
    requests.push({ authorization, form: new URLSearchParams(String(init.body)) });
    return jsonResponse({ access_token: 'for-stock', token_type: 'Bearer', expires_in: 60 });
  };
  const typeDefs = `${authDirectives} type Query { stockToken: String @auth }`;
  const api = buildApi({ typeDefs, resolvers, createContext });
  const server = await startTestServer(environment, { ...issuer, fetch }, api);
  onTestFinished(() => server.stop());
  const token = issuer.sign();
  const send = () => operate(server.endpoint, '{ stockToken }', { token });
  // By Yoga, then by the direct listener.
  return { responses: [await send(), await send()], requests, token };
}

it('createContext gets exchangeToken, which shares tokens among operations', async () => {
  const { responses, requests, token } = await exchange({
    TOKEN_EXCHANGE_CLIENT_ID: 'api',
    TOKEN_EXCHANGE_CLIENT_SECRET: 'secret',
  });
  for (const { body } of responses) expect(body).toEqual({ data: { stockToken: 'for-stock' } });
  expect(requests).toHaveLength(1);
  expect(requests[0]?.authorization).toBe(`Basic ${btoa('api:secret')}`);
  expect(requests[0]?.form.get('subject_token')).toBe(token);
});

it('createContext gets no exchangeToken without a client', async () => {
  const { responses, requests } = await exchange({});
  for (const { body } of responses) expect(body).toEqual({ data: { stockToken: null } });
  expect(requests).toEqual([]);
});
