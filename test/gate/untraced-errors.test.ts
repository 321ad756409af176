import { makeExecutableSchema } from '@graphql-tools/schema';
import { GraphQLError, Kind } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { describe, expect, it } from 'vitest';
import {
  AuthError,
  anonymous,
  authDirectives,
  createGate,
  guardSchema,
  useAuth,
} from '../../src/index.ts';

const typeDefs = /* GraphQL */ `
  ${authDirectives}
  type Query {
    open: Int
    secret: Int @auth(scope: "read")
    hidden: Hidden
    items: [Item]
    found: [Found]
    roles: [Role]
  }
  type Mutation {
    change: Int @auth
  }
  type Hidden implements Found @auth {
    id: Int
  }
  type Item {
    secret: Int @auth
  }
  interface Found {
    id: Int
  }
  type Plain implements Found {
    id: Int
  }
  enum Role {
    USER
    ADMINISTRATOR @auth
  }
`;

const schema = guardSchema(
  makeExecutableSchema({
    typeDefs,
    resolvers: {
      Query: {
        open: () => 1,
        hidden: () => ({ id: 1 }),
        items: () => [{ secret: 1 }],
        found: () => [{ __typename: 'Hidden', id: 1 }],
        roles: () => ['ADMINISTRATOR'],
      },
    },
  }),
);

/** Sends an operation without a token, and returns its errors as other plugins get them. */
async function errorsOf(query: string): Promise<readonly GraphQLError[]> {
  let errors: readonly GraphQLError[] = [];
  const keepErrors: Plugin = {
    onExecute: () => ({
      onExecuteDone({ result }) {
        if ('errors' in result) errors = result.errors ?? [];
      },
    }),
  };
  const yoga = createYoga({
    schema,
    logging: false,
    plugins: [
      useAuth({
        authenticator: { authenticate: async () => anonymous },
        execution: 'compiled',
      }),
      keepErrors,
    ],
  });
  await yoga.fetch('http://api.test/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return errors;
}

const signIn =
  'Authentication required: sign in and send an access token in the Authorization header.';
const unauthenticated = { code: 'UNAUTHENTICATED' };

const refusals: readonly (readonly [name: string, query: string, shown: object])[] = [
  [
    'a query',
    '{ secret }',
    { path: ['secret'], extensions: { code: 'UNAUTHENTICATED', scope: 'read' } },
  ],
  ['a mutation', 'mutation { change }', { path: ['change'] }],
  [
    'a field beside data',
    '{ open secret }',
    { path: ['secret'], extensions: { code: 'UNAUTHENTICATED', scope: 'read' } },
  ],
  ['a field in a list', '{ items { secret } }', { path: ['items', 0, 'secret'] }],
  ['an object', '{ open hidden { id } }', { path: ['hidden'] }],
  ['an object in a list', '{ found { id } }', { path: ['found', 0] }],
  ['a value of an enum', '{ roles }', { path: ['roles', 0] }],
];

describe('a refused operation has errors that cost no stack trace', () => {
  for (const [name, query, shown] of refusals) {
    it(name, async () => {
      const [error, ...others] = await errorsOf(query);

      expect(others).toEqual([]);
      expect(error).toBeInstanceOf(GraphQLError);
      expect(error?.stack).toBe(`GraphQLError: ${signIn}`);
      expect(error?.toJSON()).toEqual({ message: signIn, extensions: unauthenticated, ...shown });
      expect(`${error}`).toBe(signIn);
    });
  }

  it('the number of those that are not reported', async () => {
    const query = `{ ${Array.from({ length: 102 }, (_, at) => `a${at}: secret`).join(' ')} }`;

    const last = (await errorsOf(query)).at(-1);

    expect(last).toBeInstanceOf(GraphQLError);
    expect(last?.stack).toBe('GraphQLError: 2 more selections were denied.');
  });
});

describe('refused credentials', () => {
  const error = new AuthError('token_claim', { claim: 'tenant', cause: new Error('why') });

  it('have a response without a stack trace', async () => {
    const authenticate = async (): Promise<never> => {
      throw error;
    };
    const gate = createGate({ authenticator: { authenticate } });

    const outcome = await gate.authenticate({ method: 'GET', url: '/', headers: new Headers() });

    const [shown] = outcome.kind === 'refused' ? outcome.errors : [];
    expect(shown).toBeInstanceOf(GraphQLError);
    expect(shown?.stack).toBe(`GraphQLError: ${error.message}`);
    expect(shown?.toJSON()).toEqual({
      message: 'The access token is missing the required claim tenant.',
      extensions: { code: 'UNAUTHENTICATED', reason: 'token_claim' },
    });
  });

  it('are an Error like others, but for its stack trace', () => {
    expect(error).toBeInstanceOf(Error);
    expect(error.stack).toBe(`AuthError: ${error.message}`);
    expect(error.cause).toEqual(new Error('why'));
    expect('cause' in new AuthError('token_expired')).toBe(false);
    expect(Object.keys(error)).not.toContain('message');
    expect(`${error}`).toBe(error.stack);
  });
});

describe('an error without a stack trace', () => {
  it('accepts one, as tools that trace promises assign it', async () => {
    const [error] = await errorsOf('{ secret }');
    const auth = new AuthError('token_expired');

    for (const one of [error, auth]) {
      if (one === undefined) continue;
      one.stack = 'traced';
      expect(one.stack).toBe('traced');
      expect(Object.keys(one)).not.toContain('stack');
    }
  });

  it('is located by no executor: that would scan the document for each refusal', async () => {
    const [error] = await errorsOf('{ secret }');

    expect(error?.locations).toBeUndefined();
    expect(error?.nodes).toEqual([
      { kind: Kind.FIELD, name: { kind: Kind.NAME, value: 'refused' } },
    ]);
  });
});
