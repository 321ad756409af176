// The same schema as the others in this folder, written in SDL: what they are compared with.
import { buildSchema } from 'graphql';
import { authDirectives, guardSchema } from 'graphql-resource-server';

const notes = [
  { __typename: 'Note', id: '1', text: 'Buy milk', owner: 'ada', visibility: 'EVERYONE' },
  { __typename: 'Note', id: '2', text: 'Secret', owner: 'bob', visibility: 'OWNER' },
];

const resolvers = {
  Query: {
    status: () => 'ok',
    me: (_source, _args, { viewer }) => viewer.subject,
    notes: (_source, { owner }) => notes.filter((note) => !owner || note.owner === owner),
    node: (_source, { id }) => notes.find((note) => note.id === id),
    diary: () => 'Dear diary',
  },
  Mutation: {
    addNote: (_source, { input }, { viewer }) => ({
      id: '3',
      text: input.text,
      owner: viewer.subject,
      visibility: 'EVERYONE',
    }),
  },
};

const built = buildSchema(`${authDirectives}
  type Query {
    status: String
    me: String @auth
    notes(owner: String @auth(scope: "audit")): [Note] @auth(scope: "notes:read")
    node(id: ID!): Node
    diary: String @auth(policy: "ada")
  }

  type Mutation {
    addNote(input: NoteInput!): Note @auth(scope: "notes:write")
  }

  interface Node {
    id: ID
    owner: String @auth(scope: "audit")
  }

  type Note implements Node @auth(claims: "tenant") {
    id: ID
    owner: String @auth(scope: "audit")
    text: String
    visibility: Visibility
  }

  enum Visibility {
    EVERYONE
    OWNER @auth(scope: "audit")
  }

  input NoteInput {
    text: String!
    pinned: Boolean @auth(scope: "notes:pin")
  }
`);
for (const [typeName, fields] of Object.entries(resolvers)) {
  for (const [name, resolve] of Object.entries(fields)) {
    built.getType(typeName).getFields()[name].resolve = resolve;
  }
}

export const schema = guardSchema(built, {
  policies: { ada: ({ viewer }) => viewer.subject === 'ada' },
});
