import { describe } from 'vitest';
import { createViewer, now } from '../support/rules-api.ts';
import { testCases } from '../support/rules-table.ts';

const query = (rest: string): string => `type Query { open: String ${rest} }`;

/** Every argument of @auth, a viewer who lacks what it asks, and one who does not. */
const demands = [
  { rule: '@auth', enough: createViewer(), others: [] },
  {
    rule: '@auth(scope: "a")',
    enough: createViewer('a'),
    others: [[createViewer('A aa b'), 'FORBIDDEN scope=a']],
  },
  {
    rule: '@auth(scope: "a b")',
    enough: createViewer('b a'),
    others: [[createViewer('a'), 'FORBIDDEN scope=a b']],
  },
  {
    rule: '@auth(scope: ["a b", "c"])',
    enough: createViewer('c'),
    others: [[createViewer('d'), 'FORBIDDEN scope=c']],
  },
  {
    rule: '@auth(claims: "team")',
    enough: createViewer('', { team: false }),
    others: [
      [createViewer('', { Team: 1 }), 'FORBIDDEN claims=team'],
      [createViewer('', { team: null }), 'FORBIDDEN claims=team'],
      [createViewer('', Object.create({ team: 1 })), 'FORBIDDEN claims=team'],
    ],
  },
  {
    rule: '@auth(acr: ["gold", "silver"])',
    enough: createViewer('', { acr: 'silver' }),
    others: [
      [createViewer(), 'UNAUTHENTICATED acr=gold,silver'],
      [createViewer('', { acr: ['gold'] }), 'UNAUTHENTICATED acr=gold,silver'],
    ],
  },
  {
    rule: '@auth(maxAge: 60)',
    enough: createViewer('', { auth_time: now - 60 }),
    others: [
      [createViewer('', { auth_time: now - 61 }), 'UNAUTHENTICATED maxAge=60'],
      [createViewer(), 'UNAUTHENTICATED maxAge=60'],
      [createViewer('', { auth_time: String(now) }), 'UNAUTHENTICATED maxAge=60'],
      [createViewer('', { auth_time: now + 6 }), 'UNAUTHENTICATED maxAge=60'],
      [createViewer('', { auth_time: 4e9 }), 'UNAUTHENTICATED maxAge=60'],
      [createViewer('', { auth_time: now + 9, iat: now + 8 }), 'UNAUTHENTICATED maxAge=60'],
    ],
  },
  {
    rule: '@auth(policy: "agrees")',
    enough: createViewer('', { agrees: true }),
    others: [[createViewer(), 'FORBIDDEN']],
  },
] as const;

const policies = {
  agrees: ({ viewer }: { viewer: { claims: Readonly<Record<string, unknown>> } }) =>
    viewer.claims['agrees'] === true,
};

/** The schema with a rule in it, and an operation that meets the rule at `x`. */
interface Location {
  readonly location: string;
  readonly schema: (rule: string) => string;
  readonly operation: string;
  readonly value: unknown;
  readonly policyAt?: string;
}

const locations: readonly Location[] = [
  {
    location: 'FIELD_DEFINITION',
    schema: (rule: string) => query(`x: String ${rule}`),
    operation: '{ open x }',
    value: 'secret',
  },
  {
    location: 'OBJECT, as a return type',
    schema: (rule: string) => `${query('x: T')} type T ${rule} { s: String }`,
    operation: '{ open x { s } }',
    value: { s: 'secret' },
  },
  {
    location: 'OBJECT, by an extension',
    schema: (rule: string) => `${query('x: T')} type T { s: String } extend type T ${rule}`,
    operation: '{ open x { __typename s } }',
    value: { __typename: 'T', s: 'secret' },
  },
  {
    location: 'OBJECT, in a list',
    schema: (rule: string) => `${query('x: [[T!]!]')} type T ${rule} { s: String }`,
    operation: '{ open x { s } }',
    value: [[{ s: 'secret' }]],
    // A policy on a type is asked about each object.
    policyAt: 'x.0.0',
  },
  {
    location: 'INTERFACE, as a return type',
    schema: (rule: string) =>
      `${query('x: I')} interface I ${rule} { s: String } type T implements I { s: String }`,
    operation: '{ open x { __typename s } }',
    value: { __typename: 'T', s: 'secret' },
  },
  {
    location: 'INTERFACE, of a type that implements it',
    schema: (rule: string) =>
      `${query('x: T')} interface I ${rule} { s: String } type T implements I { s: String }`,
    operation: '{ open x { s } }',
    value: { s: 'secret' },
  },
  {
    location: 'INTERFACE, of an interface that implements it',
    schema: (rule: string) =>
      `${query('x: J')} interface I ${rule} { s: String } interface J implements I { s: String }
       type T implements I & J { s: String }`,
    operation: '{ open x { __typename s } }',
    value: { __typename: 'T', s: 'secret' },
  },
  {
    location: 'UNION',
    schema: (rule: string) => `${query('x: U')} union U ${rule} = T type T { s: String }`,
    operation: '{ open x { __typename ... on T { s } } }',
    value: { __typename: 'T', s: 'secret' },
  },
  {
    location: 'SCALAR, returned',
    schema: (rule: string) => `${query('x: Stamp')} scalar Stamp ${rule}`,
    operation: '{ open x }',
    value: 'secret',
  },
  {
    location: 'ENUM, returned',
    schema: (rule: string) => `${query('x: [E]')} enum E ${rule} { secret }`,
    operation: '{ open x }',
    value: ['secret'],
  },
  {
    location: 'ENUM_VALUE, returned',
    schema: (rule: string) => `${query('x: E')} enum E { plain secret ${rule} }`,
    operation: '{ open x }',
    value: 'secret',
  },
  {
    location: 'ARGUMENT_DEFINITION',
    schema: (rule: string) => query(`x(a: Int ${rule}): String`),
    operation: '{ open x(a: 1) }',
    value: 'secret',
  },
  {
    location: 'SCALAR, supplied',
    schema: (rule: string) => `${query('x(a: Stamp): String')} scalar Stamp ${rule}`,
    operation: '{ open x(a: 1) }',
    value: 'secret',
  },
  {
    location: 'ENUM, supplied',
    schema: (rule: string) => `${query('x(a: [E!]): String')} enum E ${rule} { A }`,
    operation: '{ open x(a: A) }',
    value: 'secret',
  },
  {
    location: 'ENUM_VALUE, supplied',
    schema: (rule: string) => `${query('x(a: [E!]): String')} enum E { A ${rule} B }`,
    operation: '{ open x(a: [B, A]) }',
    value: 'secret',
  },
  {
    location: 'INPUT_OBJECT',
    schema: (rule: string) => `${query('x(a: In): String')} input In ${rule} { i: Int }`,
    operation: '{ open x(a: {}) }',
    value: 'secret',
  },
  {
    location: 'INPUT_FIELD_DEFINITION',
    schema: (rule: string) =>
      `${query('x(a: In): String')} input In { i: Int ${rule} more: In j: Int }`,
    operation: '{ open x(a: { more: { i: 1 } }) }',
    value: 'secret',
  },
];

for (const { location, schema, operation, value, policyAt } of locations) {
  describe(location, () => {
    testCases(
      demands.flatMap(({ rule, enough, others }) => {
        const shared = {
          schema: schema(rule),
          operation,
          policies,
          data: { open: 'open', x: value },
        };
        const scope =
          rule.match(/scope: "([^"]*)"/)?.[1] ?? (rule.includes('["a b", "c"]') ? 'c' : '');
        return [
          {
            ...shared,
            case: `${rule}: anonymous`,
            expected: { open: 'open', x: null },
            errors: { x: `UNAUTHENTICATED${scope === '' ? '' : ` scope=${scope}`}` },
          },
          {
            ...shared,
            case: `${rule}: enough`,
            viewer: enough,
            expected: { open: 'open', x: value },
          },
          ...others.map(([viewer, error], index) => ({
            ...shared,
            case: `${rule}: too little (${index + 1})`,
            viewer,
            expected: { open: 'open', x: null },
            errors: { [rule.includes('policy') && policyAt ? policyAt : 'x']: error },
          })),
        ];
      }),
    );
  });
}

describe('SCHEMA', () => {
  const schema =
    'schema @auth(scope: "a") { query: Query } type Query { open: T @public x: T @auth(claims: "c") } type T { s: String p: String @public }';
  const data = { open: { s: 'secret', p: 'plain' }, x: { s: 'secret', p: 'plain' } };
  testCases([
    {
      case: 'what says @public is for everybody, what it returns is not',
      schema,
      data,
      operation: '{ __typename open { __typename p s } x { p } }',
      expected: { __typename: 'Query', open: { __typename: 'T', p: 'plain', s: null }, x: null },
      errors: { 'open.s': 'UNAUTHENTICATED scope=a', x: 'UNAUTHENTICATED scope=a' },
    },
    {
      case: 'the schema and the field',
      schema,
      data: { open: { p: 'plain' }, x: { s: 'S' } },
      operation: '{ open { p } x { s } }',
      viewer: createViewer('a'),
      expected: { open: { p: 'plain' }, x: null },
      errors: { x: 'FORBIDDEN claims=c' },
    },
    {
      case: 'both are met',
      schema,
      data: { x: { s: 'S' } },
      operation: '{ x { s } }',
      viewer: createViewer('a', { c: 1 }),
      expected: { x: { s: 'S' } },
    },
    {
      case: 'by an extension, without a schema definition',
      schema: 'type Query { open: String @public x: String } extend schema @auth',
      data: { open: 'open', x: 'secret' },
      operation: '{ open x }',
      expected: { open: 'open', x: null },
      errors: { x: 'UNAUTHENTICATED' },
    },
    {
      case: 'introspection follows its own setting',
      schema: 'schema @auth { query: Query } type Query { x: String }',
      operation: '{ __schema { queryType { name } } __type(name: "Query") { name } }',
      expected: { __schema: { queryType: { name: 'Query' } }, __type: { name: 'Query' } },
    },
    {
      case: '@public on an interface lifts nothing from its implementers',
      schema: `schema @auth { query: Query } type Query { i: I @public }
        interface I { s: String @public } type T implements I { s: String }`,
      data: { i: { __typename: 'T', s: 'secret' } },
      operation: '{ i { __typename s } }',
      expected: { i: { __typename: 'T', s: null } },
      errors: { 'i.s': 'UNAUTHENTICATED' },
    },
  ]);
});
