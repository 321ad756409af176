import { type DirectiveDefinitionNode, Kind, parse } from 'graphql';

/**
 * The definitions of `@auth` and `@public`. They must stand in the schema's SDL as they are here;
 * descriptions may differ.
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

/** The same, parsed, by name. */
export const directiveDefinitions: ReadonlyMap<string, DirectiveDefinitionNode> = new Map(
  parse(authDirectives, { noLocation: true }).definitions.flatMap((definition) =>
    definition.kind === Kind.DIRECTIVE_DEFINITION ? [[definition.name.value, definition]] : [],
  ),
);
