import { type DirectiveDefinitionNode, Kind, parse } from 'graphql';

/**
 * The definitions of `@auth` and `@public`. They must stand in the schema's SDL as they are here;
 * descriptions may differ.
 */
export const authDirectives = `"""
States who may read what it stands on. Every \`@auth\` asks for a verified access token first; its
arguments ask for more. Where several rules meet on one field (of its type, its interfaces, its
return type), all of them apply.
"""
directive @auth(
  "OAuth scopes. One string may hold several, space-delimited: all are needed. Of several strings, any one is enough."
  scope: [String!]
  "Claims the access token must carry."
  claims: [String!]
  "Application policies, by name: all must agree. They see the parent object and the arguments."
  policy: [String!]
  "Authentication context classes, any of which is enough (RFC 9470)."
  acr: [String!]
  "Oldest acceptable user authentication, in seconds (RFC 9470)."
  maxAge: Int
) on SCHEMA | OBJECT | INTERFACE | UNION | FIELD_DEFINITION | ARGUMENT_DEFINITION | SCALAR | ENUM | ENUM_VALUE | INPUT_OBJECT | INPUT_FIELD_DEFINITION

"Lifts the schema-wide rule from one field."
directive @public on FIELD_DEFINITION
`;

/** The same, parsed, by name. */
export const directiveDefinitions: ReadonlyMap<string, DirectiveDefinitionNode> = new Map(
  parse(authDirectives, { noLocation: true }).definitions.flatMap((definition) =>
    definition.kind === Kind.DIRECTIVE_DEFINITION ? [[definition.name.value, definition]] : [],
  ),
);
