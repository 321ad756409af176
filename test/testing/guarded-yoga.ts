import { makeExecutableSchema } from '@graphql-tools/schema';
import { createYoga } from 'graphql-yoga';
import {
  type AuthenticatorOptions,
  authDirectives,
  createAuthenticator,
  guardSchema,
  type TestIssuer,
  useAuth,
} from '../../src/index.ts';

const schema = guardSchema(
  makeExecutableSchema({
    typeDefs: `${authDirectives}
      type Query {
        open: String
        owner: String @auth
        notes: String @auth(scope: "read:messages profile")
        recent: String @auth(maxAge: 60)
        broken: String
        echo(text: String): String
      }
    `,
    resolvers: {
      Query: {
        open: () => 'open',
        owner: (_source, _args, { viewer }) => viewer.subject,
        notes: () => 'notes',
        broken: () => Promise.reject(new Error('broken')),
        echo: (_source, { text }) => text,
      },
    },
  }),
);

/** A server that accepts the tokens of a test issuer. */
export function createGuardedYoga(issuer: TestIssuer, options: Partial<AuthenticatorOptions> = {}) {
  return createYoga({
    schema,
    logging: false,
    plugins: [
      useAuth({
        authenticator: createAuthenticator({ ...issuer.authenticatorOptions, ...options }),
      }),
    ],
  });
}
