import { makeExecutableSchema } from '@graphql-tools/schema';
import { createYoga } from 'graphql-yoga';
import { expect, test } from 'vitest';
import {
  type AuthContext,
  authDirectives,
  guardSchema,
  type Policy,
  useAuth,
  type Viewer,
  viewerWith,
} from '../../../src/index.ts';

interface AppContext extends AuthContext {
  readonly greeting: string;
}

const nameOf = (viewer: Viewer): string =>
  viewer.kind === 'authenticated' ? viewer.subject : 'stranger';

/** A policy of the application's own context, and a context that is made of the viewer. */
const isGreeted: Policy<AppContext> = ({ context }) => context.greeting.startsWith('Hello');
const greet = ({ viewer }: AuthContext): AppContext => ({
  viewer: viewerWith({ subject: 'an impostor' }),
  greeting: `Hello, ${nameOf(viewer)}.`,
});

test('a context factory finds the viewer and cannot replace it; policies and resolvers find both', async () => {
  const schema = guardSchema(
    makeExecutableSchema<AppContext>({
      typeDefs: `${authDirectives} type Query { mine: String @auth(policy: "is greeted") }`,
      resolvers: {
        Query: {
          mine: (_source, _args, { greeting, viewer }) => `${greeting} You are ${nameOf(viewer)}.`,
        },
      },
    }),
    { policies: { 'is greeted': isGreeted } },
  );
  const yoga = createYoga<AuthContext, AppContext>({
    schema,
    logging: false,
    plugins: [
      useAuth({ authenticator: { authenticate: async () => viewerWith({ subject: 'Ann' }) } }),
    ],
    context: greet,
  });
  const response = await yoga.fetch('http://api.test/graphql?query={mine}');
  expect(await response.json()).toEqual({ data: { mine: 'Hello, Ann. You are Ann.' } });
});
