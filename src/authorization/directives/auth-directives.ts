import { buildSchema, type GraphQLDirective } from 'graphql';

/**
 * The SDL that defines `@auth` and `@public`. Add it to the type definitions of a schema, unchanged:
 * `guardSchema` rejects a schema whose definitions differ. Only descriptions may. A schema that is
 * written in code takes `authDirective` and `publicDirective` instead.
 *
 * - `@auth` requires a verified access token. Its arguments require more: `scope`, `claims`,
 *   `policy`, `acr`, `maxAge` (seconds). All of them must be met, and if several rules apply to a
 *   field (of its type, its interfaces or its return type), all of those too.
 * - `@public` exempts a field from the `@auth` on the schema itself, and from nothing else.
 *
 * @example
 * ```ts
 * import { readFileSync } from 'node:fs';
 * import { authDirectives, guardSchema } from 'graphql-resource-server';
 * import { buildSchema } from 'graphql';
 *
 * const types = readFileSync('types.graphql', 'utf8');
 * const schema = guardSchema(buildSchema(`${authDirectives}\n${types}`));
 * ```
 */
export const authDirectives = `"""
Restricts access to the annotated element. Every \`@auth\` requires a verified access token; arguments
add requirements. If several rules apply to a field (its own, and those of its type, interfaces and
return type), all of them must be met.
"""
directive @auth(
  "OAuth scopes. All scopes in a space-separated string are required; of several strings, one is sufficient."
  scope: [String!]
  "Claims that the access token must contain."
  claims: [String!]
  "Names of application policies, all of which must allow access. A policy sees the parent object and the arguments."
  policy: [String!]
  "Authentication context classes, one of which is sufficient (RFC 9470)."
  acr: [String!]
  "Maximum age of the user's authentication, in seconds (RFC 9470)."
  maxAge: Int
) on SCHEMA | OBJECT | INTERFACE | UNION | FIELD_DEFINITION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION

"Exempts a field from the schema-wide rule."
directive @public on FIELD_DEFINITION
`;

const definitions = buildSchema(authDirectives, { noLocation: true, assumeValidSDL: true });

function definitionOf(name: string): GraphQLDirective {
  const definition = definitions.getDirective(name);
  if (!definition) throw new Error(`authDirectives has no definition of @${name}.`);
  return definition;
}

/**
 * The definition of `@auth` for schemas that are written in code: add it to the `directives` of the
 * schema. It is what `authDirectives` defines. The rules themselves go into `extensions.directives` of
 * fields, types, arguments, input fields and enum values, or where a library writes directives.
 *
 * @example
 * ```ts
 * import { authDirective, guardSchema, publicDirective } from 'graphql-resource-server';
 * import { GraphQLObjectType, GraphQLSchema, GraphQLString, specifiedDirectives } from 'graphql';
 *
 * const query = new GraphQLObjectType({
 *   name: 'Query',
 *   fields: {
 *     report: {
 *       type: GraphQLString,
 *       extensions: { directives: { auth: { scope: ['read:reports'] } } },
 *     },
 *   },
 * });
 * const schema = guardSchema(
 *   new GraphQLSchema({ query, directives: [...specifiedDirectives, authDirective, publicDirective] }),
 * );
 * ```
 */
export const authDirective: GraphQLDirective = definitionOf('auth');

/**
 * The definition of `@public` for schemas that are written in code, beside `authDirective`. On a field:
 * `extensions: { directives: { public: true } }`.
 *
 * @example
 * ```ts
 * import { authDirective, publicDirective } from 'graphql-resource-server';
 * import { specifiedDirectives } from 'graphql';
 *
 * const directives = [...specifiedDirectives, authDirective, publicDirective];
 * ```
 */
export const publicDirective: GraphQLDirective = definitionOf('public');

/** Whether a directive states a rule. */
export function isAuthDirective(name: string): name is 'auth' | 'public' {
  return name === 'auth' || name === 'public';
}
