import { addResolversToSchema, makeExecutableSchema } from '@graphql-tools/schema';
import { healSchema, printSchemaWithDirectives } from '@graphql-tools/utils';
import {
  buildClientSchema,
  buildSchema,
  execute,
  type GraphQLField,
  type GraphQLFieldResolver,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  introspectionFromSchema,
  isAbstractType,
  isEnumType,
  isObjectType,
  isUnionType,
  parse,
  printSchema,
} from 'graphql';
import { createYoga } from 'graphql-yoga';
import { describe, expect, test } from 'vitest';
import { useAuth } from '../../src/adapters/yoga/use-auth.ts';
import { anonymous, type Viewer } from '../../src/authentication/viewer.ts';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { SchemaRuleError } from '../../src/authorization/directives/schema-rule-error.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import { viewerWith } from '../../src/testing/viewer-with.ts';

/* What tools and programs do to a schema before and after guardSchema, asked through Yoga. */

const secret = 'SECRET';
const leak = (): string => secret;

/** Through Yoga, as a client asks; and, but for subscriptions, by execute with the guards alone. */
async function ask(schema: GraphQLSchema, query: string, viewer: Viewer): Promise<string[]> {
  const yoga = createYoga({
    schema,
    logging: false,
    plugins: [useAuth({ authenticator: { authenticate: async () => viewer } })],
  });
  const response = await yoga.fetch('http://api.test/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
    body: JSON.stringify({ query }),
  });
  const results = [await response.text()];
  if (!query.startsWith('subscription')) {
    const contextValue = { viewer };
    results.push(JSON.stringify(await execute({ schema, document: parse(query), contextValue })));
  }
  return results;
}

describe('a schema whose rules were lost before guardSchema', () => {
  const written = (): GraphQLSchema =>
    buildSchema(`${authDirectives}
      schema @auth { query: Query }
      type Query { open: String @public secret: String @auth(scope: "a") }
    `);
  /** Code first: a definition, and what stands beside it. */
  const codeFirst = (extensions: Readonly<Record<string, unknown>>): GraphQLSchema =>
    new GraphQLSchema({
      directives: written().getDirectives(),
      query: new GraphQLObjectType({
        name: 'Query',
        fields: { secret: { type: GraphQLString, resolve: leak, extensions } },
      }),
    });

  test.each<[string, () => GraphQLSchema]>([
    ['printSchema and buildSchema', () => buildSchema(printSchema(written()))],
    ['introspection', () => buildClientSchema(introspectionFromSchema(written()))],
    [
      'a definition under another name',
      () =>
        buildSchema(
          `${authDirectives.replaceAll('@auth', '@authorized')} type Query { secret: String @authorized(scope: "a") }`,
        ),
    ],
    [
      'a directive of another tool',
      () =>
        buildSchema(
          `${authDirectives} directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION type Query { secret: String @requiresScopes(scopes: [["a"]]) }`,
        ),
    ],
    ['extensions.auth', () => codeFirst({ auth: { scope: ['a'] } })],
    ['extensions.public', () => codeFirst({ public: true })],
    ['extensions.directive', () => codeFirst({ directive: { auth: { scope: ['a'] } } })],
    [
      'a Map for extensions.directives',
      () => codeFirst({ directives: new Map([['auth', { scope: ['a'] }]]) }),
    ],
    [
      'a tool that drops schema @auth',
      () => {
        const { astNode, extensionASTNodes, ...config } = buildSchema(
          `${authDirectives} schema @auth { query: Query } type Query { secret: String }`,
        ).toConfig();
        return new GraphQLSchema(config);
      },
    ],
    [
      'a tool that drops every syntax tree',
      () => {
        const config = written().toConfig();
        const query = config.query?.toConfig();
        if (!query) throw new Error('No query type.');
        const fields = Object.fromEntries(
          Object.entries(query.fields).map(([name, field]) => [name, { ...field, astNode: null }]),
        );
        return new GraphQLSchema({
          query: new GraphQLObjectType({ ...query, fields, astNode: null }),
          directives: config.directives,
        });
      },
    ],
  ])('does not become a server: %s', (_, make) => {
    const schema = make();
    expect(() => guardSchema(schema)).toThrow(SchemaRuleError);
    const plugins = [useAuth({ authenticator: { authenticate: async () => anonymous } })];
    expect(() => createYoga({ schema, plugins, logging: false })).toThrow(/guardSchema/);
  });

  test('serves it where that is meant', async () => {
    const schema = guardSchema(buildSchema(printSchema(written())), { allowNoRules: true });
    const [result = ''] = await ask(schema, '{ open }', anonymous);
    expect(JSON.parse(result)).toEqual({ data: { open: null } });
  });

  test('keeps rules through tools that keep directives', async () => {
    const schema = guardSchema(buildSchema(printSchemaWithDirectives(written())));
    const [result = ''] = await ask(schema, '{ secret }', anonymous);
    expect(JSON.parse(result)).toHaveProperty('errors.0.extensions.code', 'UNAUTHENTICATED');
  });
});

describe('a guarded schema that is changed in place', () => {
  const typeDefs = `${authDirectives}
    type Query {
      open: String
      token: String @auth
      policy: String @auth(policy: "no")
      found: [Either]
      named: Named
      states: [State]
    }
    type Subscription { events: String @auth(policy: "no") }
    interface Named { name: String }
    union Either @auth(policy: "no") = Open | Closed
    type Open { text: String }
    type Closed implements Named @auth(policy: "no") { name: String }
    type Other implements Named { name: String }
    enum State { PAST PRESENT @auth }
  `;

  async function* events(): AsyncGenerator<string> {
    yield secret;
  }

  const made = (): GraphQLSchema =>
    guardSchema(
      makeExecutableSchema({
        typeDefs,
        resolvers: {
          Query: {
            open: () => 'open',
            token: leak,
            policy: leak,
            found: () => [{ __typename: 'Open', text: secret }],
            named: () => ({ __typename: 'Closed', name: secret }),
            states: () => ['PRESENT'],
          },
          Subscription: { events: { subscribe: events, resolve: leak } },
        },
      }),
      { policies: { no: () => false } },
    );

  const object = (schema: GraphQLSchema, name: string): GraphQLObjectType => {
    const type = schema.getType(name);
    if (!isObjectType(type)) throw new Error(`No object type ${name}.`);
    return type;
  };
  const field = (schema: GraphQLSchema, coordinate: string): GraphQLField<unknown, unknown> => {
    const [type = '', name = ''] = coordinate.split('.');
    const found = object(schema, type).getFields()[name];
    if (found === undefined) throw new Error(`No field ${coordinate}.`);
    return found;
  };
  /** Copies of the fields of a type, each with a resolver that leaks. */
  const unguarded = (type: GraphQLObjectType) =>
    Object.fromEntries(
      Object.entries(type.getFields()).map(([name, one]) => [
        name,
        { ...one, resolve: name === 'open' ? () => 'open' : leak },
      ]),
    );
  const fieldsOf = (type: GraphQLObjectType) =>
    Object.fromEntries(
      Object.entries(type.toConfig().fields).map(([name, one]) => [
        name,
        { ...one, resolve: name === 'open' ? () => 'open' : leak },
      ]),
    );
  const inPlace = (schema: GraphQLSchema, resolvers: object): GraphQLSchema =>
    Reflect.apply(addResolversToSchema, undefined, [
      { schema, resolvers, updateResolversInPlace: true },
    ]);

  test.each<[string, (schema: GraphQLSchema) => unknown, string]>([
    ['nothing', () => {}, '{ open policy found { ... on Open { text } } named { name } }'],
    [
      'field.resolve of what any token may have',
      (schema) => {
        field(schema, 'Query.token').resolve = leak;
      },
      '{ open token }',
    ],
    [
      'field.resolve',
      (schema) => {
        field(schema, 'Query.policy').resolve = leak;
      },
      '{ open policy }',
    ],
    [
      'field.resolve, taken away',
      (schema) => {
        delete field(schema, 'Query.states').resolve;
      },
      '{ open states }',
    ],
    [
      'field.resolve, by what a tool puts around it',
      (schema) => {
        const one = field(schema, 'Query.policy');
        const { resolve } = one;
        one.resolve = (...args) => resolve?.(...args) ?? secret;
        one.resolve = () => secret;
      },
      '{ open policy }',
    ],
    [
      'field.resolve, by definition',
      (schema) => {
        Object.defineProperty(field(schema, 'Query.policy'), 'resolve', { value: leak });
      },
      '{ open policy }',
    ],
    [
      'field.resolve of a returned enum',
      (schema) => {
        field(schema, 'Query.states').resolve = () => ['PRESENT'];
      },
      '{ open states }',
    ],
    [
      'field.resolve of an event',
      (schema) => {
        field(schema, 'Subscription.events').resolve = leak;
      },
      'subscription { events }',
    ],
    [
      'field.subscribe',
      (schema) => {
        field(schema, 'Subscription.events').subscribe = events;
      },
      'subscription { events }',
    ],
    [
      'type.isTypeOf',
      (schema) => {
        object(schema, 'Closed').isTypeOf = () => true;
      },
      '{ open named { name } }',
    ],
    [
      'type.isTypeOf, taken away',
      (schema) => {
        object(schema, 'Closed').isTypeOf = null;
      },
      '{ open named { name } }',
    ],
    [
      'abstract.resolveType',
      (schema) => {
        const type = schema.getType('Either');
        if (isAbstractType(type)) type.resolveType = () => 'Open';
      },
      '{ open found { ... on Open { text } } }',
    ],
    [
      'everything, by addResolversToSchema',
      (schema) =>
        inPlace(schema, {
          Query: { token: leak, policy: { resolve: leak } },
          Subscription: { events: { subscribe: events, resolve: leak } },
          Either: { __resolveType: () => 'Open' },
          Named: { __resolveType: () => 'Closed' },
          Closed: { __isTypeOf: () => true, name: leak },
        }),
      '{ open policy found { ... on Open { text } } named { name } }',
    ],
    [
      'internal values, by addResolversToSchema',
      (schema) => inPlace(schema, { State: { PRESENT: 17 }, Query: { states: () => [17] } }),
      '{ open states }',
    ],
    [
      'internal values',
      (schema) => {
        const type = schema.getType('State');
        const value = isEnumType(type) ? type.getValue('PRESENT') : undefined;
        if (value) value.value = 17;
        field(schema, 'Query.states').resolve = () => [17];
      },
      '{ open states }',
    ],
    ['references, by healSchema', healSchema, '{ open policy named { name } states }'],
    [
      'a type',
      (schema) => {
        schema.getTypeMap()['Closed'] = new GraphQLObjectType({
          name: 'Closed',
          fields: { name: { type: GraphQLString, resolve: leak } },
        });
      },
      '{ open named { name } }',
    ],
    [
      'a type, taken away',
      (schema) => {
        delete schema.getTypeMap()['Closed'];
      },
      '{ open named { name } }',
    ],
    [
      'a type, added',
      (schema) => {
        const more = new GraphQLObjectType({
          name: 'More',
          fields: { text: { type: GraphQLString, resolve: leak } },
        });
        const either = schema.getType('Either');
        if (isUnionType(either)) {
          schema.getTypeMap()['More'] = more;
          either.resolveType = () => 'More';
        }
      },
      '{ open found { ... on More { text } } }',
    ],
    [
      'a field',
      (schema) => {
        const { policy, ...others } = object(schema, 'Query').getFields();
        if (policy)
          Object.assign(object(schema, 'Query').getFields(), others, {
            policy: { ...policy, resolve: leak },
          });
      },
      '{ open policy }',
    ],
    [
      'a field, added to a guarded type',
      (schema) => {
        const fields = object(schema, 'Closed').getFields();
        const { name } = fields;
        if (name) fields['more'] = { ...name, name: 'more', resolve: leak };
      },
      '{ open named { ... on Closed { more } } }',
    ],
    [
      'a field, added to the root',
      (schema) => {
        const fields = object(schema, 'Query').getFields();
        const { policy } = fields;
        if (policy) fields['more'] = { ...policy, name: 'more', resolve: leak };
      },
      '{ open more }',
    ],
    [
      'the fields of a type, where GraphQL.js keeps them',
      (schema) => {
        const type = object(schema, 'Query');
        Reflect.set(type, '_fields', unguarded(type));
      },
      '{ open policy }',
    ],
    [
      'the fields of a type, by definition',
      (schema) => {
        const type = object(schema, 'Query');
        Object.defineProperty(type, '_fields', { value: unguarded(type) });
      },
      '{ open policy }',
    ],
    [
      'getFields',
      (schema) => {
        const type = object(schema, 'Query');
        const fields = unguarded(type);
        type.getFields = () => fields;
      },
      '{ open policy }',
    ],
    [
      'getFields, by a prototype',
      (schema) => {
        const type = object(schema, 'Query');
        const fields = unguarded(type);
        Object.setPrototypeOf(
          type,
          Object.create(Object.getPrototypeOf(type), { getFields: { value: () => fields } }),
        );
      },
      '{ open policy }',
    ],
    [
      'the interfaces of a type',
      (schema) => {
        Reflect.set(object(schema, 'Closed'), '_interfaces', []);
        object(schema, 'Closed').getInterfaces = () => [];
      },
      '{ open named { name } }',
    ],
    [
      'the members of a union',
      (schema) => {
        const either = schema.getType('Either');
        if (!isUnionType(either)) return;
        Reflect.set(either, '_types', [object(schema, 'Other')]);
        either.getTypes = () => [object(schema, 'Other')];
      },
      '{ open found { ... on Open { text } } }',
    ],
    [
      'the root type',
      (schema) => {
        const type = object(schema, 'Query');
        const other = new GraphQLObjectType({ ...type.toConfig(), fields: fieldsOf(type) });
        Reflect.set(schema, '_queryType', other);
        schema.getQueryType = () => other;
        schema.getRootType = () => other;
      },
      '{ open policy }',
    ],
    [
      'the map of types',
      (schema) => {
        const type = object(schema, 'Closed');
        const Closed = new GraphQLObjectType({ ...type.toConfig(), fields: fieldsOf(type) });
        const types = { ...schema.getTypeMap(), Closed };
        Reflect.set(schema, '_typeMap', types);
        schema.getType = (name) => Object.entries(types).find(([known]) => known === name)?.[1];
      },
      '{ open named { name } }',
    ],
  ])('keeps its guards, or throws: %s', async (_, change, query) => {
    const schema = made();
    const viewer = /states|token/.test(query) ? anonymous : viewerWith();
    try {
      change(schema);
    } catch (error) {
      expect(error).toBeInstanceOf(TypeError);
    }
    for (const result of await ask(schema, query, viewer)) {
      expect(result).not.toMatch(/SECRET|PRESENT/);
      if (!/more/i.test(query) && query.includes('open')) expect(result).toContain('"open":"open"');
    }
  });

  test('does what was put in place, for those who may', async () => {
    const schema = guardSchema(makeExecutableSchema({ typeDefs }), {
      policies: { no: () => true },
    });
    inPlace(schema, {
      Query: {
        token: () => 'token',
        policy: () => 'policy',
        found: () => [{ isOpen: true, text: 'found' }],
        named: () => ({ isClosed: true, name: 'named' }),
        states: () => [17],
      },
      Closed: { __isTypeOf: (value: object) => 'isClosed' in value },
      Open: { __isTypeOf: (value: object) => 'isOpen' in value },
      State: { PRESENT: 17 },
    });
    const query = '{ token policy found { ... on Open { text } } named { name } states }';
    for (const result of await ask(schema, query, viewerWith())) {
      expect(JSON.parse(result)).toEqual({
        data: {
          token: 'token',
          policy: 'policy',
          found: [{ text: 'found' }],
          named: { name: 'named' },
          states: ['PRESENT'],
        },
      });
    }
  });

  test('lets tools wrap every resolver, as tracing does', async () => {
    const schema = made();
    const traced: string[] = [];
    for (const type of Object.values(schema.getTypeMap())) {
      if (!isObjectType(type) || type.name.startsWith('__')) continue;
      for (const one of Object.values(type.getFields())) {
        const { resolve } = one;
        if (!resolve) continue;
        const wrapped: GraphQLFieldResolver<unknown, unknown> = (...args) => {
          traced.push(one.name);
          return resolve(...args);
        };
        one.resolve = wrapped;
      }
    }
    const [result = ''] = await ask(schema, '{ open token policy }', viewerWith());
    expect(JSON.parse(result).data).toEqual({ open: 'open', token: secret, policy: null });
    expect(traced).toContain('token');
    expect(traced).not.toContain('policy');
  });

  test('says what cannot be', () => {
    const schema = made();
    expect(() => Reflect.set(field(schema, 'Query.policy'), 'resolve', 'text')).toThrow(
      'resolve must be a function',
    );
    expect(() => {
      schema.getTypeMap()['Closed'] = object(schema, 'Open');
    }).toThrow('The type "Closed" of a guarded schema cannot be replaced');
    expect(() => {
      schema.getTypeMap()['More'] = new GraphQLObjectType({ name: 'More', fields: {} });
    }).toThrow(TypeError);
  });

  test('does not allow replacing members that look up types', () => {
    const schema = made();
    const parts: readonly (readonly [object, readonly string[]])[] = [
      [
        schema,
        ['_queryType', '_typeMap', 'getType', 'getTypeMap', 'getPossibleTypes', 'isSubType'],
      ],
      [object(schema, 'Closed'), ['_fields', 'getFields', '_interfaces', 'getInterfaces']],
      [Object(schema.getType('Named')), ['_fields', 'getFields', '_interfaces', 'getInterfaces']],
      [Object(schema.getType('Either')), ['_types', 'getTypes']],
    ];
    for (const [part, names] of parts) {
      for (const name of names) {
        const was = Reflect.get(part, name);
        expect([name, Reflect.set(part, name, () => ({}))]).toEqual([name, false]);
        expect(Reflect.deleteProperty(part, name)).toBe(false);
        expect(Reflect.get(part, name)).toBe(was);
      }
    }
  });

  test('keeps the original functions of public fields, and allows replacing them', () => {
    const schema = made();
    const one = field(schema, 'Query.open');
    expect(Object.getOwnPropertyDescriptor(one, 'resolve')).toHaveProperty('value');
    one.resolve = leak;
    expect(one.resolve).toBe(leak);
  });
});
