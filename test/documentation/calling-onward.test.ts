import { createServer, type RequestListener } from 'node:http';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { apiClient } from '../../src/local-issuer/clients-and-users.ts';
import { signInAs } from '../../src/local-issuer/sign-in.ts';
import { createTestIssuer } from '../../src/testing/index.ts';
import {
  createTokenExchange,
  type TokenExchangeErrorCode,
} from '../../src/token-exchange/index.ts';
import { type IssuerFixture, startIssuer } from '../local-issuer/issuer-fixture.ts';
import { createOrdersApi } from './examples/orders-api.ts';
import { createStockApi } from './examples/stock-api.ts';
import { readDocument, sectionOf } from './markdown.ts';

// The servers of docs/calling-onward.md, with the local issuer, on real ports.

const orders = 'https://orders.example.com';
const stock = 'https://stock.example.com';
const client = { clientId: apiClient.clientId, clientSecret: apiClient.clientSecret };

async function listen(listener: RequestListener): Promise<{ url: string; stop(): void }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  return {
    url: `http://localhost:${port}/graphql`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** Starts both servers. */
async function startServers(issuer: string) {
  const logged: string[] = [];
  const reported: unknown[] = [];
  const stockApi = await listen(createStockApi(issuer, (line) => logged.push(line)));
  const report = (error: unknown) => void reported.push(error);
  const stockUrl = stockApi.url;
  const ordersApi = await listen(createOrdersApi({ issuer, client, stockUrl, report }));
  const stop = () => {
    stockApi.stop();
    ordersApi.stop();
  };
  return { ordersUrl: ordersApi.url, stockUrl, logged, reported, stop };
}

async function send(url: string, token: string, query: string) {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${token}`,
      accept: 'application/graphql-response+json',
      'content-type': 'application/json',
    },
    body: JSON.stringify({ query }),
  });
  const { status, headers } = response;
  return { status, challenge: headers.get('www-authenticate') ?? '', body: await response.json() };
}

let issuer: IssuerFixture;
let servers: Awaited<ReturnType<typeof startServers>>;
beforeAll(async () => {
  issuer = await startIssuer({
    audience: [orders, stock],
    scopes: ['read:stock'],
    users: [{ name: 'ada', scopes: ['read:stock'] }],
  });
  servers = await startServers(issuer.issuer);
});
afterAll(async () => {
  servers.stop();
  await issuer.close();
});

/** A token of Ada for the orders API. */
async function signIn(): Promise<string> {
  const scope = 'read:stock';
  const tokens = await signInAs({ issuer: issuer.issuer, user: 'ada', scope, audience: orders });
  return tokens.access_token;
}

describe('docs/calling-onward.md', () => {
  test('the second API sees the person, and the first one as the actor', async () => {
    const { ordersUrl, logged } = servers;
    expect(await send(ordersUrl, await signIn(), '{ order { sku inStock } }')).toMatchObject({
      status: 200,
      body: { data: { order: { sku: 'lamp', inStock: 7 } } },
    });
    expect(logged).toEqual(['ada reads lamp by local-api']);
  });

  test('the second API does not accept the token that was sent to the first', async () => {
    const response = await send(servers.stockUrl, await signIn(), '{ inStock(sku: "lamp") }');
    expect(response.status).toBe(401);
    expect(response.challenge).toContain('error="invalid_token"');
  });

  test('the second API denies a service what people must do themselves', async () => {
    const exchange = createTokenExchange({ issuer: issuer.issuer, client });
    const { accessToken } = await exchange.exchangeToken(
      { token: await signIn() },
      { audience: stock },
    );
    const takeOut = 'mutation { takeOut(sku: "lamp") }';
    expect((await send(servers.stockUrl, accessToken, takeOut)).status).toBe(403);
    const scope = 'read:stock';
    const own = await signInAs({ issuer: issuer.issuer, user: 'ada', scope, audience: stock });
    expect(await send(servers.stockUrl, own.access_token, takeOut)).toMatchObject({
      status: 200,
      body: { data: { takeOut: 7 } },
    });
  });
});

test('docs/calling-onward.md lists every error', () => {
  const statuses: Readonly<Record<TokenExchangeErrorCode, number>> = {
    anonymous: 401,
    other_issuer: 500,
    token_unavailable: 500,
    token_invalid: 500,
    token_expired: 401,
    parameter_invalid: 500,
  };
  const section = sectionOf(readDocument('docs/calling-onward.md'), 'Errors');
  const listed = [...section.matchAll(/^\| `(\w+)` \| (401|500) \|/gm)];
  expect(Object.fromEntries(listed.map(([, code, status]) => [code, Number(status)]))).toEqual(
    statuses,
  );
});

describe('if the issuer does not exchange the token', () => {
  /** An issuer whose token endpoint responds like this, and the response of the orders API. */
  async function sendWith(status: number, headers: Record<string, string>, error: string) {
    let respond: RequestListener = () => {};
    const server = await listen((request, response) => respond(request, response));
    const { origin } = new URL(server.url);
    const kit = createTestIssuer({ issuer: `${origin}/`, audience: orders });
    respond = async ({ method, url }, response) => {
      if (method === 'POST') {
        response.writeHead(status, headers).end(JSON.stringify({ error }));
        return;
      }
      const document = await (await kit.fetch(`${origin}${url}`)).json();
      response.end(JSON.stringify({ ...document, token_endpoint: `${origin}/oauth/token` }));
    };
    const started = await startServers(kit.issuer);
    onTestFinished(() => {
      server.stop();
      started.stop();
    });
    const token = await kit.token({ scopes: ['read:stock'] });
    const { body, ...response } = await send(started.ordersUrl, token, '{ order { sku inStock } }');
    return { response, body, reported: started.reported };
  }

  test('a limit of requests says when to try again', async () => {
    const { response, body, reported } = await sendWith(429, { 'Retry-After': '7' }, 'slow_down');
    expect(response).toEqual({ status: 200, challenge: '' });
    expect(body).toMatchObject({
      data: { order: { sku: 'lamp', inStock: null } },
      errors: [
        {
          message: 'The stock is not known now.',
          path: ['order', 'inStock'],
          extensions: { code: 'TRY_AGAIN_LATER', retryAfter: 7 },
        },
      ],
    });
    expect(reported).toEqual([]);
  });

  test('a refusal is masked, and is not one of the first API', async () => {
    const { response, body, reported } = await sendWith(400, {}, 'invalid_grant');
    expect(response).toEqual({ status: 200, challenge: '' });
    expect(body).toMatchObject({
      data: { order: { sku: 'lamp', inStock: null } },
      errors: [{ message: 'Unexpected error.', extensions: { code: 'INTERNAL_SERVER_ERROR' } }],
    });
    expect(JSON.stringify(body)).not.toContain('invalid_grant');
    expect(reported).toMatchObject([
      { name: 'TokenEndpointError', code: 'invalid_grant', status: 400 },
    ]);
  });
});
