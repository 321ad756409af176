// Mercurius with mercurius-auth, fast-jwt and the just-in-time compiler.
import { createVerifier } from 'fast-jwt';
import Fastify from 'fastify';
import mercurius from 'mercurius';
import mercuriusAuth from 'mercurius-auth';
import { resolvers, typesWith } from './schema.js';
import { audience, fetchPublicKey, host, issuer, port } from './settings.js';

const verify = createVerifier({
  key: await fetchPublicKey(),
  algorithms: ['RS256'],
  allowedIss: issuer,
  allowedAud: audience,
  cache: process.env.TOKEN_CACHE !== 'off',
});

const app = Fastify();
app.register(mercurius, {
  schema: `directive @auth(scope: String!) on FIELD_DEFINITION\n${typesWith('@auth(scope: "read:messages")')}`,
  resolvers,
  jit: 1,
});
app.register(mercuriusAuth, {
  authDirective: 'auth',
  authContext({ reply }) {
    const [, token] = /^Bearer (.+)$/.exec(reply.request.headers.authorization ?? '') ?? [];
    if (token === undefined) return { scopes: [] };
    try {
      return { scopes: verify(token).scope.split(' ') };
    } catch {
      throw new mercurius.ErrorWithProps('Invalid token', { code: 'UNAUTHENTICATED' }, 401);
    }
  },
  async applyPolicy(directive, _parent, _args, { auth }) {
    return auth.scopes.includes(directive.arguments[0].value.value);
  },
});
await app.listen({ port, host });
