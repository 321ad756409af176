// Prints the access tables of schemas that are closed by default, as JSON.
import SchemaBuilder from '@pothos/core';
import { GraphQLSchema } from 'graphql';
import { SchemaComposer } from 'graphql-compose';
import { accessRules, authDirective, publicDirective } from 'graphql-resource-server';
import { makeSchema, queryType } from 'nexus';
import { guardClosed } from './guard-closed.js';

const directives = [authDirective, publicDirective];
const open = { directives: { public: true } };

function buildPothos() {
  const builder = new SchemaBuilder({});
  builder.queryType({
    fields: (t) => ({
      closed: t.string({ resolve: () => '' }),
      open: t.string({ extensions: open, resolve: () => '' }),
    }),
  });
  return builder.toSchema({ directives });
}

function buildNexus() {
  const Query = queryType({
    definition(t) {
      t.string('closed');
      t.string('open', { extensions: open });
    },
  });
  const config = makeSchema({ types: [Query], shouldGenerateArtifacts: false }).toConfig();
  return new GraphQLSchema({ ...config, directives: [...config.directives, ...directives] });
}

function buildCompose() {
  const composer = new SchemaComposer();
  for (const directive of directives) composer.addDirective(directive);
  composer.Query.addFields({
    closed: 'String',
    open: { type: 'String', directives: [{ name: 'public', args: {} }] },
  });
  return composer.buildSchema();
}

const tables = [buildPothos, buildNexus, buildCompose].map((build) => [
  build.name,
  accessRules(guardClosed(build())).map(({ coordinate, access }) => `${coordinate} ${access}`),
]);
console.log(JSON.stringify(Object.fromEntries(tables)));
