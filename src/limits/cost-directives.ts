import { buildSchema, type GraphQLDirective } from 'graphql';

/**
 * The SDL that defines `@cost` and `@listSize`, as the draft GraphQL Cost Directives Specification of IBM
 * does. Add it to the type definitions of a schema to say what its fields cost; `limits` of the gate and
 * of each adapter reads them. A schema that is written in code takes `costDirective` and
 * `listSizeDirective` instead.
 *
 * - `@cost` is the weight of a field, an argument, an input field, or of every value of a type. Default: 1
 *   for objects and input objects, 0 for scalars and enums.
 * - `@listSize` says how many items a list has at most: `assumedSize`, or what the client passes to the
 *   `slicingArguments`, each a number or a list with an item for each. With `sizedFields`, the lists are those
 *   fields of the object that is returned, as the `edges` of a connection.
 *
 * A definition with `weight: Int!`, as Apollo Federation has it, is read too.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { costDirectives } from 'graphql-resource-server';
 * import { buildSchema } from 'graphql';
 *
 * const types = readFileSync('types.graphql', 'utf8');
 * const schema = buildSchema(`${costDirectives}\n${types}`);
 * ```
 */
export const costDirectives = `"What a value, a field or an argument costs, in place of the default weight: a number as a string."
directive @cost(
  "A number from 0, such as \\"2.5\\"."
  weight: String!
) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR

"How many items a list has at most, for the cost of operations."
directive @listSize(
  "The number of items, if no slicing argument says it."
  assumedSize: Int
  "Arguments of the field with the number of items. The largest counts."
  slicingArguments: [String!]
  "Fields of the returned object that the size is for, in place of the field itself."
  sizedFields: [String!]
  "Whether exactly one of the slicing arguments must be given, unless one has a default."
  requireOneSlicingArgument: Boolean = true
) on FIELD_DEFINITION
`;

const definitions = buildSchema(costDirectives, { noLocation: true, assumeValidSDL: true });

function definitionOf(name: string): GraphQLDirective {
  const definition = definitions.getDirective(name);
  if (!definition) throw new Error(`costDirectives has no definition of @${name}.`);
  return definition;
}

/**
 * The definition of `@cost` for schemas that are written in code: add it to the `directives` of the schema.
 * Weights go into `extensions.directives`.
 *
 * @example
 * ```ts
 * import { costDirective } from 'graphql-resource-server';
 * import { GraphQLObjectType, GraphQLSchema, GraphQLString, specifiedDirectives } from 'graphql';
 *
 * const query = new GraphQLObjectType({
 *   name: 'Query',
 *   fields: {
 *     report: { type: GraphQLString, extensions: { directives: { cost: { weight: '50' } } } },
 *   },
 * });
 * const schema = new GraphQLSchema({ query, directives: [...specifiedDirectives, costDirective] });
 * ```
 */
export const costDirective: GraphQLDirective = definitionOf('cost');

/**
 * The definition of `@listSize` for schemas that are written in code, beside `costDirective`. On a field:
 * `extensions: { directives: { listSize: { assumedSize: 10 } } }`.
 *
 * @example
 * ```ts
 * import { costDirective, listSizeDirective } from 'graphql-resource-server';
 * import { specifiedDirectives } from 'graphql';
 *
 * const directives = [...specifiedDirectives, costDirective, listSizeDirective];
 * ```
 */
export const listSizeDirective: GraphQLDirective = definitionOf('listSize');
