/** The definitions that a library for Apollo Federation adds to a subgraph, with its link. */
export const federationDefinitions = `
  extend schema @link(
    url: "https://specs.apollo.dev/federation/v2.6"
    import: ["@key", "@authenticated", { name: "@requiresScopes", as: "@needs" }]
  )
  directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA
  directive @key(fields: String!) repeatable on OBJECT | INTERFACE
  directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
  directive @needs(scopes: [[federation__Scope!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
  directive @federation__policy(policies: [[federation__Policy!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
  enum link__Purpose { SECURITY EXECUTION }
  scalar link__Import
  scalar federation__Scope
  scalar federation__Policy
`;

/** The fields of Query that such a library adds, and their types. */
export const subgraphDefinitions = (entities: string): string => `
  extend type Query {
    _entities(representations: [_Any!]!): [_Entity]!
    _service: _Service!
  }
  scalar _Any
  type _Service { sdl: String }
  union _Entity = ${entities}
`;
