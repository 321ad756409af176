import { SchemaComposer } from 'graphql-compose';
import { authDirective, guardSchema, publicDirective } from 'graphql-resource-server';

const notes = [
  { id: '1', text: 'Buy milk', owner: 'ada', visibility: 'EVERYONE' },
  { id: '2', text: 'Secret', owner: 'bob', visibility: 'OWNER' },
];

/** Writes `@auth` with these arguments. */
const auth = (args = {}) => [{ name: 'auth', args }];

const composer = new SchemaComposer();
composer.addDirective(authDirective);
composer.addDirective(publicDirective);

composer.createInterfaceTC({
  name: 'Node',
  resolveType: () => 'Note',
  fields: {
    id: 'ID',
    owner: { type: 'String', directives: auth({ scope: ['audit'] }) },
  },
});

composer.createEnumTC({
  name: 'Visibility',
  values: {
    EVERYONE: {},
    OWNER: { directives: auth({ scope: ['audit'] }) },
  },
});

composer.createObjectTC({
  name: 'Note',
  interfaces: ['Node'],
  directives: auth({ claims: ['tenant'] }),
  fields: {
    id: 'ID',
    owner: { type: 'String', directives: auth({ scope: ['audit'] }) },
    text: 'String',
    visibility: 'Visibility',
  },
});

composer.createInputTC({
  name: 'NoteInput',
  fields: {
    text: 'String!',
    pinned: { type: 'Boolean', directives: auth({ scope: ['notes:pin'] }) },
  },
});

composer.Query.addFields({
  status: { type: 'String', resolve: () => 'ok' },
  me: {
    type: 'String',
    directives: auth(),
    resolve: (_source, _args, { viewer }) => viewer.subject,
  },
  notes: {
    type: '[Note]',
    args: { owner: { type: 'String', directives: auth({ scope: ['audit'] }) } },
    directives: auth({ scope: ['notes:read'] }),
    resolve: (_source, { owner }) => notes.filter((note) => !owner || note.owner === owner),
  },
  node: {
    type: 'Node',
    args: { id: 'ID!' },
    resolve: (_source, { id }) => notes.find((note) => note.id === id),
  },
  diary: { type: 'String', directives: auth({ policy: ['ada'] }), resolve: () => 'Dear diary' },
});

composer.Mutation.addFields({
  addNote: {
    type: 'Note',
    args: { input: 'NoteInput!' },
    directives: auth({ scope: ['notes:write'] }),
    resolve: (_source, { input }, { viewer }) => ({
      id: '3',
      text: input.text,
      owner: viewer.subject,
      visibility: 'EVERYONE',
    }),
  },
});

export const schema = guardSchema(composer.buildSchema(), {
  policies: { ada: ({ viewer }) => viewer.subject === 'ada' },
});
