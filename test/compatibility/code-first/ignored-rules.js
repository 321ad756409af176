// Prints what guardSchema says of rules that are where a library does not read them, as JSON.
import SchemaBuilder from '@pothos/core';
import { GraphQLSchema } from 'graphql';
import { SchemaComposer } from 'graphql-compose';
import {
  authDirective,
  guardSchema,
  publicDirective,
  SchemaRuleError,
} from 'graphql-resource-server';
import {
  arg,
  enumType,
  extendType,
  makeSchema,
  nonNull,
  objectType,
  queryType,
  scalarType,
  stringArg,
  unionType,
} from 'nexus';

const directives = [authDirective, publicDirective];
const rule = { directives: { auth: { scope: 'a' } } };

function buildPothosWithoutPlugin() {
  const builder = new SchemaBuilder({});
  const Level = builder.enumType('Level', { values: { LOW: {}, HIGH: { ...rule } } });
  builder.queryType({
    fields: (t) => ({
      read: t.string({ extensions: rule, resolve: () => '' }),
      field: t.string({ ...rule, resolve: () => '' }),
      argument: t.string({ args: { a: t.arg.string({ ...rule }) }, resolve: () => '' }),
      both: t.string({ ...rule, extensions: { directives: { cost: {} } }, resolve: () => '' }),
      level: t.field({ type: Level, resolve: () => 'HIGH' }),
    }),
  });
  return builder.toSchema({ directives });
}

function buildNexusWithDirectives() {
  const Note = objectType({ name: 'Note', ...rule, definition: (t) => t.string('text') });
  const Level = enumType({
    name: 'Level',
    ...rule,
    members: ['LOW', { name: 'HIGH', value: 'HIGH', ...rule }],
  });
  const Time = scalarType({ name: 'Time', ...rule, serialize: String });
  const Found = unionType({
    name: 'Found',
    ...rule,
    resolveType: () => 'Note',
    definition: (t) => t.members('Note'),
  });
  const Query = queryType({
    definition(t) {
      t.string('read', { extensions: rule });
      t.string('field', { ...rule });
      t.field('note', { type: 'Note' });
      t.field('found', { type: 'Found' });
      t.field('time', { type: Time });
      t.string('argument', {
        args: { a: nonNull(stringArg({ ...rule })), level: arg({ type: Level }) },
      });
    },
  });
  const Extended = extendType({
    type: 'Note',
    extensions: rule,
    definition: (t) => t.string('title'),
  });
  const types = [Query, { Note, nested: [Found, Extended] }];
  const config = makeSchema({ types, shouldGenerateArtifacts: false }).toConfig();
  return new GraphQLSchema({ ...config, directives: [...config.directives, ...directives] });
}

function buildNexusWithoutDefinitions() {
  const Query = queryType({ definition: (t) => t.string('field', { extensions: rule }) });
  return makeSchema({ types: [Query], shouldGenerateArtifacts: false });
}

function buildComposeWithTwoRules() {
  const composer = new SchemaComposer();
  for (const directive of directives) composer.addDirective(directive);
  composer.Query.addFields({
    same: {
      type: 'String',
      directives: [{ name: 'auth', args: { scope: 'a' } }],
      extensions: rule,
    },
    field: {
      type: 'String',
      directives: [{ name: 'auth', args: { scope: 'b' } }],
      extensions: rule,
    },
  });
  return composer.buildSchema();
}

const problems = {};
for (const build of [
  buildPothosWithoutPlugin,
  buildNexusWithDirectives,
  buildNexusWithoutDefinitions,
  buildComposeWithTwoRules,
]) {
  try {
    guardSchema(build());
    problems[build.name] = [];
  } catch (error) {
    if (!(error instanceof SchemaRuleError)) throw error;
    problems[build.name] = error.problems.map(
      ({ coordinate, message }) => `${coordinate}: ${message}`,
    );
  }
}
console.log(JSON.stringify(problems));
