import fastify, { type FastifyReply, type FastifyRequest } from 'fastify';
import { buildSchema } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findNodeRequest } from '../../src/gate/find-node-request.ts';
import { type AuthContext, authDirectives, guardSchema, useAuth } from '../../src/index.ts';
import { authenticatorFor } from '../support/authentication.ts';
import { send } from '../support/http.ts';
import { boundToken, createProof } from '../support/proofs.ts';
import { createTestIssuer, createTestKey } from '../support/tokens.ts';

const lines = ['Authorization', 'Bearer a', 'Authorization', 'Bearer b'];

describe('where the request of Node is found', () => {
  it.each<[string, unknown]>([
    ['Node', { req: { rawHeaders: lines } }],
    ['Express', { req: { rawHeaders: lines, app: {} }, res: {} }],
    ['Fastify', { req: { raw: { rawHeaders: lines } }, reply: {} }],
    ['Fastify, as its context', { request: { raw: { rawHeaders: lines } } }],
    ['Koa', { req: { rawHeaders: lines }, request: { req: { rawHeaders: lines } } }],
    ['Koa, inside', { ctx: { req: { rawHeaders: lines } } }],
    ['Hapi', { req: { raw: { req: { rawHeaders: lines } } } }],
    ['Hapi, as its context', { request: { raw: { req: { rawHeaders: lines } } } }],
    ['Hono', { c: { req: { raw: {} }, env: { incoming: { rawHeaders: lines } } } }],
    ['Hono, as its context', { env: { incoming: { rawHeaders: lines } } }],
    ['h3', { event: { node: { req: { rawHeaders: lines } } } }],
    ['Next.js', { req: { rawHeaders: lines }, res: {} }],
  ])('%s', (_, context) => {
    expect(findNodeRequest(context)?.rawHeaders).toBe(lines);
  });

  it.each<[string, unknown]>([
    ['no context', undefined],
    ['a text', 'rawHeaders'],
    ['a runtime without Node', { request: { headers: new Headers() }, env: {}, ctx: null }],
    ['a list of other things', { req: { rawHeaders: [1] } }],
  ])('nowhere: %s', (_, context) => {
    expect(findNodeRequest(context)).toBeUndefined();
  });

  it('has its socket', () => {
    const socket = { remoteAddress: '192.0.2.1' };
    const raw = { rawHeaders: lines, socket };
    const found = findNodeRequest({ req: { raw } });
    expect(found).toEqual({ raw, rawHeaders: lines, connection: socket });
  });

  it('ends where objects hold each other', () => {
    const [one, other] = [{ ctx: {} }, { req: {}, ctx: {} }];
    one.ctx = other;
    other.req = one;
    other.ctx = other;
    expect(findNodeRequest(one)).toBeUndefined();
  });
});

describe('under Fastify, as the documentation of Yoga sets it up', () => {
  const issuer = createTestIssuer();
  const key = createTestKey();
  const publicUrl = 'https://api.example.com';
  const app = fastify();
  let endpoint: string;
  beforeAll(async () => {
    const schema = buildSchema(`${authDirectives} type Query { secret: String @auth }`);
    const authenticator = authenticatorFor(issuer, { dpop: 'optional', publicUrl });
    const yoga = createYoga<{ req: FastifyRequest; reply: FastifyReply }, AuthContext>({
      schema: guardSchema(schema),
      plugins: [useAuth({ authenticator })],
    });
    app.addContentTypeParser('application/json', {}, (_request, _payload, done) => done(null));
    app.route({
      url: yoga.graphqlEndpoint,
      method: ['GET', 'POST', 'OPTIONS'],
      handler: (req, reply) => yoga.handleNodeRequestAndResponse(req, reply, { req, reply }),
    });
    endpoint = `${await app.listen({ port: 0, host: 'localhost' })}${yoga.graphqlEndpoint}`;
  });
  afterAll(() => app.close());

  const ask = (headers: readonly string[]) =>
    send(endpoint, {
      method: 'POST',
      headers: ['Content-Type', 'application/json', ...headers],
      body: JSON.stringify({ query: '{ secret }' }),
    });
  const bearer = () => ['Authorization', `Bearer ${issuer.sign()}`];
  const dpop = () => {
    const token = boundToken(issuer, key);
    const proof = createProof({ key, token, url: `${publicUrl}/graphql`, clock: issuer.clock });
    return ['Authorization', `DPoP ${token}`, 'DPoP', proof];
  };

  it.each<[string, () => readonly string[], number]>([
    ['one header', bearer, 200],
    ['one proof', dpop, 200],
    ['two headers', () => [...bearer(), ...bearer()], 400],
    ['a second one of another scheme', () => [...bearer(), 'authorization', 'Basic a'], 400],
    ['a second one that is empty', () => [...bearer(), 'Authorization', ''], 400],
    ['two proofs', () => [...dpop(), 'DPoP', 'a.b.c'], 401],
    ['a second proof that is empty', () => [...dpop(), 'dpop', ''], 401],
  ])('%s: %i', async (_, headers, status) => {
    const answer = await ask(headers());
    expect(answer.status).toBe(status);
    const reason = JSON.parse(answer.text).errors?.[0].extensions.reason;
    const expected = { 200: undefined, 400: 'authorization_repeated', 401: 'proof_repeated' };
    expect(reason).toBe(Reflect.get(expected, status));
  });
});
