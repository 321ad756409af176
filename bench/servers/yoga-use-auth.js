// GraphQL Yoga with `useAuth`, as the README sets it up; or, with AUTHENTICATOR=fast-jwt, the same
// server with fast-jwt in the place of the authenticator.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { makeExecutableSchema } from '@graphql-tools/schema';
import {
  AuthError,
  createAuthenticator,
  guardSchema,
  useAuth,
  viewerId,
} from 'graphql-resource-server';
import { createYoga } from 'graphql-yoga';
import { resolvers } from '../peers/servers/schema.js';
import { audience, fetchPublicKey, host, issuer, port } from '../peers/servers/settings.js';

const typeDefs = readFileSync(new URL('schema.graphql', import.meta.url), 'utf8');

async function createFastJwtAuthenticator() {
  const { createVerifier } = createRequire(import.meta.resolve('../peers/package.json'))(
    'fast-jwt',
  );
  const verify = createVerifier({
    key: await fetchPublicKey(),
    algorithms: ['RS256'],
    allowedIss: issuer,
    allowedAud: audience,
  });
  return {
    async authenticate({ headers }) {
      const [, token] = /^Bearer (.+)$/.exec(headers.get('authorization') ?? '') ?? [];
      if (token === undefined) return { kind: 'anonymous' };
      try {
        const claims = verify(token);
        return {
          kind: 'authenticated',
          id: viewerId({ issuer, subject: claims.sub }),
          subject: claims.sub,
          issuer,
          scopes: new Set(claims.scope.split(' ')),
          claims,
          expiresAt: new Date(claims.exp * 1_000),
        };
      } catch {
        throw new AuthError('token_signature');
      }
    },
  };
}

const authenticator =
  process.env.AUTHENTICATOR === 'fast-jwt'
    ? await createFastJwtAuthenticator()
    : createAuthenticator({ issuer, audience });

const yoga = createYoga({
  schema: guardSchema(makeExecutableSchema({ typeDefs, resolvers })),
  plugins: [useAuth({ authenticator })],
});
createServer(yoga).listen(port, host);
