import { ApolloServer, type ApolloServerOptionsWithSchema } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import {
  type ApolloAuthContext,
  type ApolloAuthOptions,
  createApolloAuth,
} from '../../../src/adapters/apollo-server/index.ts';
import { authDirectives, guardSchema } from '../../../src/layer.ts';
import { authenticatorFor } from '../../support/authentication.ts';
import { createTestIssuer } from '../../support/tokens.ts';

const typeDefs = /* GraphQL */ `
  ${authDirectives}
  directive @cacheControl(maxAge: Int) on FIELD_DEFINITION
  type Query {
    open: String @cacheControl(maxAge: 60)
    private: String @auth @cacheControl(maxAge: 60)
    scoped: String @auth(scope: "read:messages")
    owned: String @auth(policy: "owner")
    throwing: String @auth(policy: "throwing")
    failing: String
    items: [Item]!
    runs: Int!
  }
  interface Item { name: String }
  type Plain implements Item { name: String }
  type Hidden implements Item @auth(scope: "things") { name: String }
  type Mutation {
    openly: Int
    add: Int @auth(scope: "write:messages")
    addOwn: Int @auth(policy: "owner")
  }
`;

/** A schema, and how often its mutations have run and its policy has been evaluated. */
function createSchema() {
  const counts = { runs: 0, policies: 0 };
  const run = () => {
    counts.runs += 1;
    return counts.runs;
  };
  const resolvers = {
    Query: {
      open: () => 'open',
      private: (_source: unknown, _args: object, { viewer }: ApolloAuthContext) =>
        viewer.kind === 'authenticated' ? `of ${viewer.subject}` : 'of no one',
      scoped: () => 'scoped',
      owned: () => 'owned',
      throwing: () => 'throwing',
      failing: () => {
        throw new Error('connection refused at 10.0.0.1');
      },
      items: () => [
        { __typename: 'Plain', name: 'lamp' },
        { __typename: 'Hidden', name: 'key' },
      ],
      runs: () => counts.runs,
    },
    Mutation: { openly: run, add: run, addOwn: run },
  };
  const schema = guardSchema(makeExecutableSchema({ typeDefs, resolvers }), {
    policies: {
      owner: ({ viewer }) => {
        counts.policies += 1;
        return viewer.subject === 'owner';
      },
      throwing: () => {
        throw new Error('no database');
      },
    },
  });
  return { schema, counts };
}

interface StartOptions {
  /** In place of the one of createApolloAuth. */
  readonly context?: () => Promise<ApolloAuthContext>;
  readonly schema?: GraphQLSchema;
  readonly auth?: Partial<ApolloAuthOptions>;
  readonly authenticator?: Parameters<typeof authenticatorFor>[1];
  readonly apollo?: Omit<ApolloServerOptionsWithSchema<ApolloAuthContext>, 'schema'>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: unknown;
}

/** Starts Apollo's own server in front of a guarded schema. */
export async function startApollo({ auth, authenticator, apollo, ...options }: StartOptions = {}) {
  const { schema, counts } = options.schema
    ? { schema: options.schema, counts: { runs: 0, policies: 0 } }
    : createSchema();
  const issuer = createTestIssuer();
  const logged: string[] = [];
  const log = (message: unknown) => void logged.push(String(message));
  const { plugin, context } = createApolloAuth({
    authenticator: authenticatorFor(issuer, authenticator),
    ...auth,
  });
  const server = new ApolloServer<ApolloAuthContext>({
    logger: { debug: log, info: log, warn: log, error: log },
    stopOnTerminationSignals: false,
    ...apollo,
    schema,
    plugins: [...(apollo?.plugins ?? []), plugin],
  });
  const { url } = await startStandaloneServer(server, {
    context: options.context ?? context,
    listen: { port: 0, host: '127.0.0.1' },
  });

  async function send(body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, headers: response.headers, body: await response.json() };
  }
  const bearer = (claims: Readonly<Record<string, unknown>> = {}) => ({
    authorization: `Bearer ${issuer.sign({ claims })}`,
  });
  return { url, server, issuer, logged, counts, send, bearer, stop: () => server.stop() };
}
