// Apollo Server on Express with express-oauth2-jwt-bearer, and a schema transform for @auth as in the
// documentation of GraphQL Tools.
import { ApolloServer } from '@apollo/server';
import { expressMiddleware } from '@as-integrations/express5';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { getDirective, MapperKind, mapSchema } from '@graphql-tools/utils';
import express from 'express';
import { auth } from 'express-oauth2-jwt-bearer';
import { defaultFieldResolver, GraphQLError } from 'graphql';
import { resolvers, typesWith } from './schema.js';
import { audience, host, issuer, port } from './settings.js';

const types = `directive @auth(scope: String!) on FIELD_DEFINITION\n${typesWith('@auth(scope: "read:messages")')}`;

const schema = mapSchema(makeExecutableSchema({ typeDefs: types, resolvers }), {
  [MapperKind.OBJECT_FIELD](field, _name, _type, schema) {
    const [directive] = getDirective(schema, field, 'auth') ?? [];
    if (directive === undefined) return undefined;
    const { resolve = defaultFieldResolver } = field;
    return {
      ...field,
      resolve(source, args, context, info) {
        if (!context.scopes.includes(directive.scope)) {
          throw new GraphQLError('Not authorized', { extensions: { code: 'FORBIDDEN' } });
        }
        return resolve(source, args, context, info);
      },
    };
  },
});

const server = new ApolloServer({ schema });
await server.start();

const app = express();
app.use(
  '/graphql',
  auth({
    issuerBaseURL: issuer,
    audience,
    tokenSigningAlg: 'RS256',
    dpop: process.env.DPOP === 'required' ? { enabled: true, required: true } : { enabled: false },
  }),
  express.json(),
  expressMiddleware(server, {
    context: async ({ req }) => ({ scopes: (req.auth?.payload.scope ?? '').split(' ') }),
  }),
);
app.listen(port, host);
