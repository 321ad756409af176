import SchemaBuilder from '@pothos/core';
import DirectivesPlugin from '@pothos/plugin-directives';
import { authDirective, guardSchema, publicDirective, type Viewer } from 'graphql-resource-server';

interface Note {
  id: string;
  text: string;
  owner: string;
  visibility: 'EVERYONE' | 'OWNER';
}

const notes: Note[] = [
  { id: '1', text: 'Buy milk', owner: 'ada', visibility: 'EVERYONE' },
  { id: '2', text: 'Secret', owner: 'bob', visibility: 'OWNER' },
];

const builder = new SchemaBuilder<{
  Context: { viewer: Viewer };
  DefaultFieldNullability: true;
  Directives: {
    auth: {
      locations:
        | 'SCHEMA'
        | 'OBJECT'
        | 'INTERFACE'
        | 'UNION'
        | 'FIELD_DEFINITION'
        | 'ARGUMENT_DEFINITION'
        | 'SCALAR'
        | 'ENUM'
        | 'ENUM_VALUE'
        | 'INPUT_OBJECT'
        | 'INPUT_FIELD_DEFINITION';
      args: {
        scope?: string | string[];
        claims?: string | string[];
        policy?: string | string[];
        acr?: string | string[];
        maxAge?: number;
      };
    };
    public: { locations: 'FIELD_DEFINITION'; args: Record<string, never> };
  };
}>({ plugins: [DirectivesPlugin] });

const Node = builder.interfaceRef<Note>('Node').implement({
  resolveType: () => 'Note',
  fields: (t) => ({
    id: t.exposeID('id'),
    owner: t.exposeString('owner', { directives: { auth: { scope: 'audit' } } }),
  }),
});

const Visibility = builder.enumType('Visibility', {
  values: {
    EVERYONE: {},
    OWNER: { directives: { auth: { scope: 'audit' } } },
  },
});

const NoteType = builder.objectRef<Note>('Note').implement({
  interfaces: [Node],
  directives: { auth: { claims: 'tenant' } },
  fields: (t) => ({
    text: t.exposeString('text'),
    visibility: t.expose('visibility', { type: Visibility }),
  }),
});

const NoteInput = builder.inputType('NoteInput', {
  fields: (t) => ({
    text: t.string({ required: true }),
    pinned: t.boolean({ directives: { auth: { scope: 'notes:pin' } } }),
  }),
});

builder.queryType({
  fields: (t) => ({
    status: t.string({ resolve: () => 'ok' }),
    me: t.string({
      directives: { auth: {} },
      resolve: (_source, _args, { viewer }) =>
        viewer.kind === 'authenticated' ? viewer.subject : null,
    }),
    notes: t.field({
      type: [NoteType],
      nullable: { list: true, items: true },
      args: { owner: t.arg.string({ directives: { auth: { scope: 'audit' } } }) },
      directives: { auth: { scope: 'notes:read' } },
      resolve: (_source, { owner }) => notes.filter((note) => !owner || note.owner === owner),
    }),
    node: t.field({
      type: Node,
      args: { id: t.arg.id({ required: true }) },
      resolve: (_source, { id }) => notes.find((note) => note.id === String(id)),
    }),
    diary: t.string({
      directives: { auth: { policy: 'ada' } },
      resolve: () => 'Dear diary',
    }),
  }),
});

builder.mutationType({
  fields: (t) => ({
    addNote: t.field({
      type: NoteType,
      args: { input: t.arg({ type: NoteInput, required: true }) },
      directives: { auth: { scope: 'notes:write' } },
      resolve: (_source, { input }, { viewer }): Note => ({
        id: '3',
        text: input.text,
        owner: viewer.kind === 'authenticated' ? viewer.subject : '',
        visibility: 'EVERYONE',
      }),
    }),
  }),
});

export const schema = guardSchema(
  builder.toSchema({ directives: [authDirective, publicDirective] }),
  { policies: { ada: ({ viewer }) => viewer.subject === 'ada' } },
);
