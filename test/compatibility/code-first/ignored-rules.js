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
import { makeSchema, objectType, queryType } from 'nexus';

const directives = [authDirective, publicDirective];
const rule = { directives: { auth: { scope: 'a' } } };

function buildPothosWithoutPlugin() {
  const builder = new SchemaBuilder({});
  builder.queryType({
    fields: (t) => ({
      read: t.string({ extensions: rule, resolve: () => '' }),
      field: t.string({ ...rule, resolve: () => '' }),
      argument: t.string({ args: { a: t.arg.string({ ...rule }) }, resolve: () => '' }),
    }),
  });
  return builder.toSchema({ directives });
}

function buildNexusWithDirectives() {
  const Note = objectType({ name: 'Note', ...rule, definition: (t) => t.string('text') });
  const Query = queryType({
    definition(t) {
      t.string('read', { extensions: rule });
      t.string('field', { ...rule });
      t.field('note', { type: 'Note' });
    },
  });
  const config = makeSchema({ types: [Query, Note], shouldGenerateArtifacts: false }).toConfig();
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
