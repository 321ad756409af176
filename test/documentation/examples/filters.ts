import { makeExecutableSchema } from '@graphql-tools/schema';
import { createYoga } from 'graphql-yoga';
import {
  type AuthContext,
  type UseAuthOptions,
  useAuth,
} from '../../../src/adapters/yoga/index.ts';
import {
  authDirectives,
  defineFilterPolicy,
  type Filters,
  guardSchema,
} from '../../../src/index.ts';

const typeDefs = /* GraphQL */ `
  ${authDirectives}
  type Query {
    notes: [Note] @auth(policy: "ownOrPublic")
    countNotes: Int @auth(policy: "ownOrPublic")
    note(id: ID!): Note @auth
  }
  type Note @auth(policy: "ownOrPublic") {
    id: ID!
    text: String!
  }
`;

interface Note {
  readonly id: string;
  readonly authorId: string;
  readonly isPublic: boolean;
  readonly text: string;
}
type NoteFilter = Pick<Note, 'authorId'>;

const isVisible = (note: Note, { authorId }: NoteFilter): boolean =>
  note.isPublic || note.authorId === authorId;

export function createNotes(authenticator: UseAuthOptions['authenticator'], notes: Note[]) {
  const policies = {
    ownOrPublic: defineFilterPolicy({
      refusedAs: 'null',
      // Asked once for an operation. `true` would let everything through, and `false` nothing.
      filter: ({ viewer }): NoteFilter | true =>
        viewer.scopes.has('read:all-notes') || { authorId: viewer.id },
      matches: (filter, object) => notes.some((note) => note === object && isVisible(note, filter)),
    }),
  };
  type Context = AuthContext & Filters<typeof policies>;

  // In a database, a WHERE clause. Undefined where the policy returned true.
  const find = (filter: NoteFilter | undefined) =>
    filter ? notes.filter((note) => isVisible(note, filter)) : notes;
  const resolvers = {
    Query: {
      notes: (_source: unknown, _args: unknown, context: Context) =>
        find(context.filter('ownOrPublic')),
      countNotes: (_source: unknown, _args: unknown, context: Context) =>
        find(context.filter('ownOrPublic')).length,
      // Its rule has no filter: the policy of the type looks at the note.
      note: (_source: unknown, { id }: { id: string }) => notes.find((note) => note.id === id),
    },
  };
  const schema = guardSchema(makeExecutableSchema<Context>({ typeDefs, resolvers }), { policies });
  return createYoga<object, AuthContext>({ schema, plugins: [useAuth({ authenticator })] });
}
