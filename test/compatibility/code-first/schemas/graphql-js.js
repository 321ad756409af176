import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLID,
  GraphQLInputObjectType,
  GraphQLInterfaceType,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  specifiedDirectives,
} from 'graphql';
import { authDirective, guardSchema, publicDirective } from 'graphql-resource-server';

const notes = [
  { id: '1', text: 'Buy milk', owner: 'ada', visibility: 'EVERYONE' },
  { id: '2', text: 'Secret', owner: 'bob', visibility: 'OWNER' },
];

/** Writes `@auth` with these arguments. */
const auth = (args = {}) => ({ directives: { auth: args } });

const Node = new GraphQLInterfaceType({
  name: 'Node',
  resolveType: () => 'Note',
  fields: {
    id: { type: GraphQLID },
    owner: { type: GraphQLString, extensions: auth({ scope: 'audit' }) },
  },
});

const Visibility = new GraphQLEnumType({
  name: 'Visibility',
  values: {
    EVERYONE: {},
    OWNER: { extensions: auth({ scope: 'audit' }) },
  },
});

const Note = new GraphQLObjectType({
  name: 'Note',
  interfaces: [Node],
  extensions: auth({ claims: 'tenant' }),
  fields: {
    id: { type: GraphQLID },
    owner: { type: GraphQLString, extensions: auth({ scope: 'audit' }) },
    text: { type: GraphQLString },
    visibility: { type: Visibility },
  },
});

const NoteInput = new GraphQLInputObjectType({
  name: 'NoteInput',
  fields: {
    text: { type: new GraphQLNonNull(GraphQLString) },
    pinned: { type: GraphQLBoolean, extensions: auth({ scope: 'notes:pin' }) },
  },
});

const Query = new GraphQLObjectType({
  name: 'Query',
  fields: {
    status: { type: GraphQLString, resolve: () => 'ok' },
    me: {
      type: GraphQLString,
      extensions: auth(),
      resolve: (_source, _args, { viewer }) => viewer.subject,
    },
    notes: {
      type: new GraphQLList(Note),
      args: { owner: { type: GraphQLString, extensions: auth({ scope: 'audit' }) } },
      extensions: auth({ scope: 'notes:read' }),
      resolve: (_source, { owner }) => notes.filter((note) => !owner || note.owner === owner),
    },
    node: {
      type: Node,
      args: { id: { type: new GraphQLNonNull(GraphQLID) } },
      resolve: (_source, { id }) => notes.find((note) => note.id === id),
    },
    diary: {
      type: GraphQLString,
      extensions: auth({ policy: 'ada' }),
      resolve: () => 'Dear diary',
    },
  },
});

const Mutation = new GraphQLObjectType({
  name: 'Mutation',
  fields: {
    addNote: {
      type: Note,
      args: { input: { type: new GraphQLNonNull(NoteInput) } },
      extensions: auth({ scope: 'notes:write' }),
      resolve: (_source, { input }, { viewer }) => ({
        id: '3',
        text: input.text,
        owner: viewer.subject,
        visibility: 'EVERYONE',
      }),
    },
  },
});

export const schema = guardSchema(
  new GraphQLSchema({
    query: Query,
    mutation: Mutation,
    directives: [...specifiedDirectives, authDirective, publicDirective],
  }),
  { policies: { ada: ({ viewer }) => viewer.subject === 'ada' } },
);
