import { GraphQLError, GraphQLInterfaceType, type GraphQLObjectType, GraphQLString } from 'graphql';
import { describe, expect, test, vi } from 'vitest';
import { SchemaRuleError } from '../../src/authorization/directives/schema-rule-error.ts';
import type { PolicyDefinition } from '../../src/authorization/rules/policy-definition.ts';
import type { RefusalEvent } from '../../src/gate/refusal-events.ts';
import { createViewer, RulesApi } from '../support/rules-api.ts';

/* What takes the place of what a policy denies: an error, null, or nothing. */

interface Note {
  readonly __typename?: string;
  readonly id: string;
  readonly owner: string;
}

const own: Note = { id: '1', owner: 'viewer' };
const foreign: Note = { id: '2', owner: 'other' };
const last: Note = { id: '3', owner: 'viewer' };
const notes = [own, foreign, last];

let asked = 0;
const isOwner = (source: unknown): boolean => {
  asked += 1;
  return JSON.stringify(source).includes('"viewer"');
};

const policies: Readonly<Record<string, PolicyDefinition>> = {
  error: ({ source }) => isOwner(source),
  null: { refusedAs: 'null', decide: ({ source }) => isOwner(source) },
  omitted: { refusedAs: 'omitted', decide: async ({ source }) => isOwner(source) },
  omittedNow: { refusedAs: 'omitted', decide: ({ source }) => isOwner(source) },
  mineById: { refusedAs: 'null', decide: ({ args }) => args['id'] !== '2' },
  // What would be sufficient is for the client, which gets no error.
  scopeNull: { refusedAs: 'null', decide: () => ({ kind: 'scope', scope: 'more' }) },
};

const types = `
  interface Item { id: ID! }
  union Any = ErrorNote | NullNote | OmittedNote | Open
  union Pair @auth(policy: "omitted") = ErrorNote | Open
  type ErrorNote implements Item @auth(policy: "error") { id: ID! }
  type NullNote implements Item @auth(policy: "null") { id: ID! child: NullNote children: [NullNote] }
  type OmittedNote implements Item @auth(scope: "read", policy: "omitted") { id: ID! children: [[OmittedNote!]!] }
  type Open { id: ID! secret: String @auth(policy: "null") shown: String @auth(policy: "error") }
  enum Color { RED GREEN @auth(policy: "deniedColor") BLUE @auth(scope: "blue") }
  type Query {
    error: ErrorNote errors: [ErrorNote]
    null: NullNote nulls: [NullNote]
    omitted: OmittedNote omittedList: [OmittedNote!]! nested: [[OmittedNote!]!]! omittedNow: [Now!]
    items: [Item] any: [Any] one: Any pairs: [Pair!]
    open: Open
    own(id: ID): String @auth(policy: "mineById")
    byArgument(id: ID @auth(policy: "mineById")): String
    scope: String @auth(policy: "scopeNull")
    colors: [Color!] color: Color
    later: [OmittedNote] generated: [OmittedNote!] failing: [OmittedNote]
  }
  type Now @auth(policy: "omittedNow") { id: ID! }
`;

const typed = (name: string, note: Note): Note => ({ __typename: name, ...note });

const data = {
  error: foreign,
  errors: notes,
  null: foreign,
  nulls: notes,
  omitted: foreign,
  omittedList: notes,
  omittedNow: notes,
  nested: [[foreign, own], [foreign], []],
  items: [typed('OmittedNote', foreign), typed('NullNote', foreign), typed('OmittedNote', own)],
  any: [
    typed('ErrorNote', foreign),
    typed('NullNote', foreign),
    typed('OmittedNote', foreign),
    typed('Open', foreign),
    null,
  ],
  one: typed('OmittedNote', foreign),
  pairs: [typed('ErrorNote', foreign), typed('Open', own), typed('ErrorNote', own)],
  open: { id: '2', secret: 'secret', shown: 'shown' },
  own: 'own',
  byArgument: 'argument',
  scope: 'scope',
  colors: ['RED', 'GREEN', 'RED'],
  color: 'GREEN',
  later: [Promise.resolve(foreign), Promise.resolve(own), Promise.resolve(null)],
};

const resolvers = {
  Query: {
    generated: async function* () {
      yield* notes;
    },
    failing: () => [Promise.reject(new GraphQLError('broken')), foreign, own],
  },
};

const allPolicies = {
  ...policies,
  deniedColor: { refusedAs: 'omitted', decide: () => false } as const,
};
const apis = {
  compiled: new RulesApi(types, { data, resolvers, policies: allPolicies }),
  ordinary: new RulesApi(types, {
    data,
    resolvers,
    policies: allPolicies,
    execution: 'ordinary',
  }),
};

interface FormCase {
  readonly case: string;
  readonly operation: string;
  readonly scope?: string;
  readonly data: unknown;
  readonly errors?: Readonly<Record<string, string>>;
  readonly status?: number;
}

const cases: readonly FormCase[] = [
  {
    case: 'an error: the field is null',
    operation: '{ error { id } }',
    data: { error: null },
    errors: { error: 'FORBIDDEN' },
  },
  {
    case: 'an error: the item is null',
    operation: '{ errors { id } }',
    data: { errors: [{ id: '1' }, null, { id: '3' }] },
    errors: { 'errors.1': 'FORBIDDEN' },
  },
  { case: 'null: an object', operation: '{ null { id } }', data: { null: null } },
  {
    case: 'null: an item of a list',
    operation: '{ nulls { id } }',
    data: { nulls: [{ id: '1' }, null, { id: '3' }] },
  },
  { case: 'omitted: outside of a list', operation: '{ omitted { id } }', data: { omitted: null } },
  {
    case: 'omitted: an item of a list',
    operation: '{ omittedList { id } }',
    data: { omittedList: [{ id: '1' }, { id: '3' }] },
  },
  {
    case: 'omitted: by a policy that decides at once',
    operation: '{ omittedNow { id } }',
    data: { omittedNow: [{ id: '1' }, { id: '3' }] },
  },
  {
    case: 'omitted: in lists of lists',
    operation: '{ nested { id } }',
    data: { nested: [[{ id: '1' }], [], []] },
  },
  {
    case: 'omitted: items that are promises',
    operation: '{ later { id } }',
    data: { later: [{ id: '1' }, null] },
  },
  {
    case: 'omitted: an item that fails keeps its place',
    operation: '{ failing { id } }',
    data: { failing: [null, { id: '1' }] },
    errors: { 'failing.0': 'broken' },
  },
  {
    case: 'behind an interface: each type has its form',
    operation: '{ items { id } }',
    data: { items: [null, { id: '1' }] },
  },
  {
    case: 'behind a union: each type has its form',
    operation: '{ any { __typename } }',
    data: { any: [null, null, { __typename: 'Open' }, null] },
    errors: { 'any.0': 'FORBIDDEN' },
  },
  {
    case: 'behind a union: one object',
    operation: '{ one { __typename } }',
    data: { one: null },
  },
  {
    case: 'behind a union: its own policies and those of the type, in the quieter form',
    operation: '{ pairs { ... on ErrorNote { id } ... on Open { id } } }',
    data: { pairs: [{ id: '1' }, { id: '1' }] },
  },
  {
    case: 'a missing scope is an error, decided before any object',
    operation: '{ omittedList { id } }',
    scope: '',
    status: 403,
    data: undefined,
    errors: { omittedList: 'FORBIDDEN scope=read' },
  },
  {
    case: 'a missing scope of a type behind an interface is an error',
    operation: '{ items { id } }',
    scope: '',
    data: { items: [null, null, null] },
    errors: { 'items.0': 'FORBIDDEN scope=read', 'items.2': 'FORBIDDEN scope=read' },
  },
  {
    case: 'a field: null instead of its resolver',
    operation: '{ own(id: 2) other: own(id: 1) }',
    data: { own: null, other: 'own' },
  },
  {
    case: 'an argument, where it is supplied',
    operation: '{ byArgument(id: 2) other: byArgument }',
    data: { byArgument: null, other: 'argument' },
  },
  {
    case: 'only a refused field: the status stays 200',
    operation: '{ own(id: 2) }',
    data: { own: null },
  },
  { case: 'no challenge', operation: '{ scope }', data: { scope: null } },
  {
    case: 'below an object: error beside null',
    operation: '{ open { id secret shown } }',
    data: { open: { id: '2', secret: null, shown: null } },
    errors: { 'open.shown': 'FORBIDDEN' },
  },
  {
    case: 'omitted: a list that is iterated asynchronously',
    operation: '{ generated { id } }',
    data: { generated: [{ id: '1' }, { id: '3' }] },
  },
  {
    case: 'values of an enum are left out of lists',
    operation: '{ colors color }',
    data: { colors: ['RED', 'RED'], color: null },
  },
];

describe('forms of refusals', () => {
  test.each(cases)(
    '$case',
    async ({ operation, scope = 'read', status = 200, data, errors = {} }) => {
      const expected = { data, errors };
      const options = { viewer: createViewer(scope) };
      for (const result of [
        await apis.compiled.execute(operation, options),
        await apis.compiled.executeDirectly(operation, options),
        await apis.ordinary.execute(operation, options),
      ]) {
        expect(result).toMatchObject({ ...expected, status });
        expect(Object.keys(result.errors)).toEqual(Object.keys(errors));
        expect(result.challenge !== null).toBe(status === 403);
      }
      if (status === 403) return;
      for (const executor of ['graphql', 'tools'] as const) {
        // GraphQL.js 16 has no lists that are iterated asynchronously.
        if (executor === 'graphql' && operation.includes('generated')) continue;
        const result = await apis.compiled.alone(operation, options, executor);
        expect(result).toMatchObject(expected);
      }
    },
  );

  test('each object is asked about once', async () => {
    for (const api of Object.values(apis)) {
      asked = 0;
      await api.execute('{ omittedList { id } nulls { id } any { __typename } }', {
        viewer: createViewer('read'),
      });
      expect(asked).toBe(3 + 3 + 3);
    }
  });

  test('a refused object is not resolved further', async () => {
    const api = new RulesApi(
      'type Query { notes: [Note!]! } type Note @auth(policy: "omitted") { text: String }',
      {
        data: { notes },
        policies,
        resolvers: { Note: { text: (note) => JSON.stringify(note) } },
      },
    );
    const { data, ran } = await api.execute('{ notes { text } }', { viewer: createViewer() });
    expect(data).toEqual({ notes: [own, last].map((note) => ({ text: JSON.stringify(note) })) });
    expect(ran).toEqual(['Query.notes', 'Note.text', 'Note.text']);
  });

  test('isTypeOf decides about what no resolver of the schema returned', async () => {
    const { isTypeOf } = apis.compiled.schema.getType('NullNote') as GraphQLObjectType;
    const info = { variableValues: {}, operation: {}, returnType: GraphQLString } as never;
    const context = { viewer: createViewer() };
    await expect(async () => isTypeOf?.(foreign, context, info)).rejects.toThrow('Access denied.');
    expect(await isTypeOf?.(own, context, info)).toBe(true);
  });
});

test('filters and batches have the same forms', async () => {
  const api = new RulesApi(
    `type Query { filtered: [Filtered!] batched: [Batched!] one: Filtered none: Batched }
    type Filtered @auth(policy: "filter") { id: ID } type Batched @auth(policy: "batch") { id: ID }`,
    {
      data: { filtered: notes, batched: notes, one: foreign, none: foreign },
      policies: {
        filter: {
          refusedAs: 'omitted',
          hidden: true,
          filter: () => 'viewer',
          matches: (owner, note) => JSON.stringify(note).includes(`"${owner}"`),
        },
        batch: {
          refusedAs: 'omitted',
          batched: async (inputs) => inputs.map(({ source }) => isOwner(source)),
        },
      },
    },
  );
  const viewer = createViewer();
  const operation = '{ filtered { id } batched { id } one { id } none { id } }';
  const both = [{ id: '1' }, { id: '3' }];
  expect(await api.execute(operation, { viewer })).toMatchObject({
    status: 200,
    data: { filtered: both, batched: both, one: null, none: null },
    errors: {},
  });
});

describe('functions and rules that change', () => {
  test('a function that is assigned later is guarded too', async () => {
    const api = new RulesApi(
      `type Query { items: [Item!] } interface Item { id: ID }
      type Note implements Item @auth(policy: "omitted") { id: ID } type Open implements Item { id: ID }`,
      { policies },
    );
    const items = api.schema.getQueryType()?.getFields()['items'];
    const { Item } = api.schema.getTypeMap();
    if (!items || !(Item instanceof GraphQLInterfaceType)) throw new Error('no such field');
    items.resolve = async () => [...notes, { id: '4', owner: 'nobody' }];
    Item.resolveType = async ({ owner }) => (owner === 'nobody' ? 'Open' : 'Note');
    expect(await api.execute('{ items { id } }', { viewer: createViewer() })).toMatchObject({
      data: { items: [{ id: '1' }, { id: '3' }, { id: '4' }] },
      errors: {},
    });
  });

  test('in shadow, nothing is left out', async () => {
    const reported: string[] = [];
    const api = new RulesApi(
      'type Query { notes: [Note!] } type Note @auth(policy: "omitted") { id: ID }',
      {
        data: { notes },
        policies,
        shadow: { report: ({ coordinate }) => reported.push(coordinate) },
      },
    );
    expect(await api.execute('{ notes { id } }', { viewer: createViewer() })).toMatchObject({
      data: { notes: notes.map(({ id }) => ({ id })) },
    });
    expect(reported).toEqual(['Note']);
  });
});

describe('roots of mutations', () => {
  const ran: string[] = [];
  const run = (name: string) => () => {
    ran.push(name);
    return name;
  };
  const api = new RulesApi(
    `type Query { x: Int }
    type Mutation {
      first: String
      quiet: String! @auth(policy: "quiet")
      hidden: String @auth(policy: "hidden")
      hiddenError: String @auth(policy: "hiddenError")
    }`,
    {
      policies: {
        quiet: { refusedAs: 'null', decide: () => false },
        hidden: { refusedAs: 'null', hidden: true, decide: () => false },
        hiddenError: { hidden: true, decide: () => ({ kind: 'policy', message: 'Archived.' }) },
      },
      resolvers: { Mutation: { first: run('first'), quiet: run('quiet'), hidden: run('hidden') } },
    },
  );
  test.each([
    {
      case: 'null would hide that nothing ran: an error, and no field runs',
      operation: 'mutation { first quiet }',
      expected: { status: 403, errors: { quiet: 'FORBIDDEN' }, ran: [] },
    },
    {
      case: 'hidden: like one that finds nothing, and the others run',
      operation: 'mutation { first hidden }',
      expected: { status: 200, errors: {}, data: { first: 'first', hidden: null } },
    },
    {
      case: 'hidden as an error: the others run',
      operation: 'mutation { first hiddenError }',
      expected: { status: 200, errors: { hiddenError: 'FORBIDDEN' }, data: { first: 'first' } },
    },
  ])('$case', async ({ operation, expected }) => {
    expect(await api.execute(operation, { viewer: createViewer() })).toMatchObject(expected);
  });

  test('an error also where only the guards decide, in its turn', async () => {
    expect(await api.alone('mutation { first quiet }', { viewer: createViewer() })).toMatchObject({
      data: null,
      errors: { quiet: 'FORBIDDEN' },
    });
  });
});

describe('reports', () => {
  test('the operator sees what the client does not, with its form', async () => {
    const events: RefusalEvent[] = [];
    const api = new RulesApi(types, {
      data: { ...data, many: Array.from({ length: 150 }, () => foreign) },
      policies: allPolicies,
      onRefusal: (event) => events.push(event),
    });
    await api.execute('{ null { id } omittedList { id } error { id } }', {
      viewer: createViewer('read'),
    });
    expect(
      events.map(
        (event) => event.kind === 'rule' && [event.coordinate, event.refusedAs, event.path],
      ),
    ).toEqual([
      ['NullNote', 'null', ['null']],
      ['ErrorNote', undefined, ['error']],
      ['OmittedNote', 'omitted', ['omittedList']],
    ]);
    expect(events.every((event) => !('status' in event))).toBe(true);
  });

  test('at most one hundred', async () => {
    const events: RefusalEvent[] = [];
    const api = new RulesApi(
      'type Query { many: [Note] } type Note @auth(policy: "null") { id: ID }',
      {
        data: { many: Array.from({ length: 150 }, () => foreign) },
        policies,
        onRefusal: (event) => events.push(event),
      },
    );
    const { data } = await api.execute('{ many { id } }', { viewer: createViewer() });
    expect(data).toEqual({ many: Array.from({ length: 150 }, () => null) });
    expect(events).toHaveLength(100);
  });

  test("refuse: 'operation' does not count what is not an error", async () => {
    const api = new RulesApi(types, { data, policies: allPolicies, refuse: 'operation' });
    const viewer = createViewer('read');
    expect(await api.execute('{ null { id } color }', { viewer })).toMatchObject({
      status: 200,
      data: { null: null, color: null },
    });
    expect(await api.execute('{ null { id } error { id } }', { viewer })).toMatchObject({
      status: 403,
    });
  });
});

describe('subscriptions', () => {
  let ended = 0;
  const events = [own, foreign, last];
  const subscribe = {
    note: async function* () {
      yield* events.map((note) => ({ note }));
    },
    event: async function* () {
      yield* events.map((event) => ({ event, ...event }));
    },
    never: () => ({
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise<IteratorResult<unknown>>(() => {}),
        return: async () => {
          ended += 1;
          return { done: true as const, value: undefined };
        },
      }),
    }),
  };
  const api = new RulesApi(
    `type Query { x: Int }
    type Subscription {
      note: Note
      event: Event @auth(policy: "ownEvent")
      never: Note
    }
    type Note @auth(policy: "omitted") { id: ID! }
    type Event { id: ID! }`,
    {
      policies: {
        ...policies,
        ownEvent: {
          refusedAs: 'omitted',
          // Undefined where the source is not started yet.
          decide: ({ source }) => source === undefined || isOwner(source),
        },
      },
      subscribe,
    },
  );
  test.each(['note', 'event'])('no event for what is left out: %s', async (field) => {
    asked = 0;
    const response = await api.post(
      { query: `subscription { ${field} { id } }` },
      createViewer(),
      'text/event-stream',
    );
    const text = await response.text();
    const data = text.split('\n').filter((line) => line.startsWith('data: {'));
    expect(data).toEqual(
      [own, last].map(({ id }) => `data: ${JSON.stringify({ data: { [field]: { id } } })}`),
    );
    expect(asked).toBe(3);
  });

  test('it ends while it waits for an event', async () => {
    const response = await api.post(
      { query: 'subscription { never { id } }' },
      createViewer(),
      'text/event-stream',
    );
    const reader = response.body?.getReader();
    await reader?.read();
    await reader?.cancel();
    await vi.waitUntil(() => ended === 1);
  });
});

describe('forms that could not hold', () => {
  const nullForm = { refusedAs: 'null', decide: () => false } as const;
  const all: Readonly<Record<string, PolicyDefinition>> = {
    null: nullForm,
    omitted: { refusedAs: 'omitted', decide: () => false },
    hidden: { hidden: true, decide: () => false },
    hiddenNull: { ...nullForm, hidden: true },
    hiddenOmitted: { refusedAs: 'omitted', hidden: true, decide: () => false },
    error: () => false,
  };
  const problemsOf = (schema: string): readonly string[] => {
    try {
      new RulesApi(schema, { policies: all });
      return [];
    } catch (error) {
      if (!(error instanceof SchemaRuleError)) throw error;
      return error.problems.map(({ coordinate, message }) => `${coordinate} ${message}`);
    }
  };
  const makeNullable = "make it nullable, or use refusedAs: 'error'.";
  const leaveOut = "make it nullable, or use refusedAs: 'omitted', which leaves items out.";
  const useOmitted = "Use refusedAs: 'omitted'.";

  test.each<[string, string, ...string[]]>([
    [
      'null on a non-null field',
      'type Query { x: String! @auth(policy: "null") }',
      `Query.x cannot be null in String! where "null" denies: ${makeNullable}`,
    ],
    [
      'left out on a non-null field',
      'type Query { x: [String]! @auth(policy: "omitted") }',
      `Query.x cannot be null in [String]! where "omitted" denies: ${makeNullable}`,
    ],
    [
      'null of an argument of a non-null field',
      `type Query { x(in: In): String! } input In { a: E } enum E { A @auth(policy: "null") B }`,
      `Query.x cannot be null in String! where "null" denies: ${makeNullable}`,
    ],
    [
      'null of a rule for the whole schema',
      'schema @auth(policy: "null") { query: Query } type Query { x: Int! y: Int }',
      `Query.x cannot be null in Int! where "null" denies: ${makeNullable}`,
    ],
    [
      'null of an object in a non-null field',
      'type Query { x: X! } type X @auth(policy: "null") { id: ID }',
      `Query.x cannot be null in X! where "null" denies: ${makeNullable}`,
    ],
    [
      'null of an object in a list of non-null items',
      'type Query { x: [[X!]]! } type X @auth(policy: "null") { id: ID }',
      `Query.x cannot be null in [[X!]]! where "null" denies: ${leaveOut}`,
    ],
    [
      'left out in a list of non-null items',
      'type Query { x: [[X!]!]! } type X @auth(policy: "omitted") { id: ID }',
    ],
    [
      'left out of a non-null field',
      'type Query { x: X! } type X @auth(policy: "omitted") { id: ID }',
      `Query.x cannot be null in X! where "omitted" denies: ${makeNullable}`,
    ],
    [
      'null behind a union and an interface',
      `type Query { u: U! i: [I!] } union U = X | Y interface I { id: ID }
      type X implements I @auth(policy: "null") { id: ID } type Y implements I { id: ID }`,
      `Query.u cannot be null in U! where "null" denies: ${makeNullable}`,
      `Query.i cannot be null in [I!] where "null" denies: ${leaveOut}`,
    ],
    [
      'null of an enum value',
      'type Query { e: E! es: [E!] ok: [E] } enum E { A @auth(policy: "null") B }',
      `Query.e cannot be null in E! where "null" denies: ${makeNullable}`,
      `Query.es cannot be null in [E!] where "null" denies: ${leaveOut}`,
    ],
    [
      'hidden, where a position in a list shows it',
      `type Query { a: [X] b: [Y] c: [Z] x: X y: Y z: Z }
      type X @auth(policy: "hiddenNull") { id: ID } type Y @auth(policy: "hidden") { id: ID }
      type Z @auth(policy: "hiddenOmitted") { id: ID }`,
      `Query.a cannot hide what "hiddenNull" denies: its position in [X] shows it. ${useOmitted}`,
      `Query.b cannot hide what "hidden" denies: its position in [Y] shows it. ${useOmitted}`,
    ],
    [
      'hidden, where an event shows it',
      `type Query { x: Int } type X @auth(policy: "hiddenNull") { id: ID }
      type Subscription { x: X y: Int @auth(policy: "hidden") z: Int! @auth(policy: "hiddenOmitted") }`,
      `Subscription.x cannot hide what "hiddenNull" denies: the event shows it. ${useOmitted}`,
      `Subscription.y cannot hide what "hidden" denies: each event of a subscription shows that something exists. ${useOmitted}`,
    ],
    [
      'hidden, where an error removes what is around it',
      'type Query { x: X! ok: X } type X @auth(policy: "hidden") { id: ID }',
      'Query.x cannot hide what "hidden" denies in X!: an error there removes what is around it. Make it nullable.',
    ],
    [
      'hidden behind a union, as an error and as null',
      `type Query { u: U } union U = X | Y
      type X @auth(policy: "hidden") { id: ID } type Y @auth(policy: "hiddenNull") { id: ID }`,
      `Query.u cannot hide what "hidden" denies as an error: null is then an error too, but "hiddenNull" has refusedAs: 'null'. Give them the same.`,
    ],
    [
      'hidden by the object as an error, and null by the field',
      'type Query { x: X @auth(policy: "null") } type X @auth(policy: "hidden") { id: ID }',
      `Query.x cannot hide what "hidden" denies as an error: null is then an error too, but "null" has refusedAs: 'null'. Give them the same.`,
    ],
    [
      'roots of mutations that are not hidden are refused as errors',
      `type Query { x: Int } type Mutation {
        a: Int! @auth(policy: "null") b: Int! @auth(policy: "hidden") c: Int! @auth(policy: "hiddenNull")
      }`,
      'Mutation.b cannot hide what "hidden" denies in Int!: an error there removes what is around it. Make it nullable.',
      `Mutation.c cannot be null in Int! where "hiddenNull" denies: ${makeNullable}`,
    ],
    [
      'of several policies, the quietest form counts',
      'type Query { x: X! y: X } interface I @auth(policy: "error") { id: ID } type X implements I @auth(policy: ["null", "hidden"]) { id: ID }',
      `Query.x cannot be null in X! where "null", "hidden" denies: ${makeNullable}`,
    ],
    [
      'an error is possible everywhere',
      'type Query { x: X! xs: [X!]! } type X @auth(policy: "error") { id: ID }',
    ],
  ])('%s', (_case, schema, ...problems) => {
    expect(problemsOf(schema)).toEqual(problems);
  });
});
