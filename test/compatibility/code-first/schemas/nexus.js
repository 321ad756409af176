import { GraphQLSchema } from 'graphql';
import { authDirective, guardSchema, publicDirective } from 'graphql-resource-server';
import {
  arg,
  enumType,
  idArg,
  inputObjectType,
  interfaceType,
  list,
  makeSchema,
  mutationType,
  nonNull,
  objectType,
  queryType,
  stringArg,
} from 'nexus';

const notes = [
  { id: '1', text: 'Buy milk', owner: 'ada', visibility: 'EVERYONE' },
  { id: '2', text: 'Secret', owner: 'bob', visibility: 'OWNER' },
];

/** Writes `@auth` with these arguments. */
const auth = (args = {}) => ({ directives: { auth: args } });

const Node = interfaceType({
  name: 'Node',
  resolveType: () => 'Note',
  definition(t) {
    t.id('id');
    t.string('owner', { extensions: auth({ scope: 'audit' }) });
  },
});

const Visibility = enumType({
  name: 'Visibility',
  members: [
    { name: 'EVERYONE', value: 'EVERYONE' },
    { name: 'OWNER', value: 'OWNER', extensions: auth({ scope: 'audit' }) },
  ],
});

const Note = objectType({
  name: 'Note',
  extensions: auth({ claims: 'tenant' }),
  definition(t) {
    t.implements('Node');
    t.string('text');
    t.field('visibility', { type: 'Visibility' });
  },
});

const NoteInput = inputObjectType({
  name: 'NoteInput',
  definition(t) {
    t.nonNull.string('text');
    t.boolean('pinned', { extensions: auth({ scope: 'notes:pin' }) });
  },
});

const Query = queryType({
  definition(t) {
    t.string('status', { resolve: () => 'ok' });
    t.string('me', {
      extensions: auth(),
      resolve: (_source, _args, { viewer }) => viewer.subject,
    });
    t.field('notes', {
      type: list('Note'),
      args: { owner: stringArg({ extensions: auth({ scope: 'audit' }) }) },
      extensions: auth({ scope: 'notes:read' }),
      resolve: (_source, { owner }) => notes.filter((note) => !owner || note.owner === owner),
    });
    t.field('node', {
      type: 'Node',
      args: { id: nonNull(idArg()) },
      resolve: (_source, { id }) => notes.find((note) => note.id === id),
    });
    t.string('diary', { extensions: auth({ policy: 'ada' }), resolve: () => 'Dear diary' });
  },
});

const Mutation = mutationType({
  definition(t) {
    t.field('addNote', {
      type: 'Note',
      args: { input: nonNull(arg({ type: 'NoteInput' })) },
      extensions: auth({ scope: 'notes:write' }),
      resolve: (_source, { input }, { viewer }) => ({
        id: '3',
        text: input.text,
        owner: viewer.subject,
        visibility: 'EVERYONE',
      }),
    });
  },
});

const types = [Node, Visibility, Note, NoteInput, Query, Mutation];
const config = makeSchema({ types, shouldGenerateArtifacts: false }).toConfig();

// makeSchema has no option for directives.
export const schema = guardSchema(
  new GraphQLSchema({
    ...config,
    directives: [...config.directives, authDirective, publicDirective],
  }),
  { policies: { ada: ({ viewer }) => viewer.subject === 'ada' } },
);
