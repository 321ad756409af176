import fc from 'fast-check';
import { GraphQLError } from 'graphql';
import { describe, expect, test } from 'vitest';
import type { Policy } from '../../src/authorization/rules/policies.ts';
import type { PolicyOptions } from '../../src/authorization/rules/policy-definition.ts';
import { subgraphDefinitions } from '../support/federation.ts';
import { generatedCases } from '../support/generated-cases.ts';
import { createViewer, RulesApi } from '../support/rules-api.ts';

/* With a hidden policy, a response does not tell whether what it refuses exists. */

/** Every way to deny, at once and later: none of them may show. */
const denials: readonly Policy[] = [
  () => false,
  async () => false,
  () => ({ kind: 'policy', message: 'This note is archived.', code: 'ARCHIVED' }),
  async () => ({ kind: 'scope', scope: 'notes:all' }),
  () => ({ kind: 'step-up', maxAge: 60 }),
  () => {
    throw new Error('unavailable');
  },
  async () => {
    for (let tick = 0; tick < 20; tick += 1) await undefined;
    return false;
  },
];

/** What exists is refused. An id that is even does not exist. */
const exists = (id: unknown): boolean => Number(id) % 2 === 1;
const isLate = (id: unknown): boolean => Number(id) % 4 > 1;
const deny: Policy = (input) => {
  const { id } = { ...input.args, ...(input.source as { id?: unknown } | undefined) };
  // A policy of a field cannot know an object that does not exist; this one allows it.
  if (!exists(id)) return true;
  return denials[Math.floor(Number(id) / 2) % denials.length]?.(input) ?? false;
};

const load = (id: unknown, __typename: string): unknown => {
  const note = exists(id) ? { __typename, id, text: 'secret' } : null;
  return isLate(id) ? Promise.resolve(note) : note;
};

const types = (isOmitted: boolean) => `
  type Query {
    note(id: Int): Note
    node(id: Int): Node
    any(id: Int): Any
    text(id: Int): String @auth(policy: "mine")
    argument(id: Int @auth(policy: "mine")): String
    scoped(id: Int): Node
    both(id: Int): Note @auth(policy: "allowed")
    parent: Parent
    broken: Int!
    fails: Int @auth(scope: "no")
    works: Int
    ${isOmitted ? 'notes(ids: [Int!]!): [Note!]! nodes(ids: [Int!]!): [[Node]]' : ''}
  }
  type Mutation {
    change(id: Int): Note
    both(id: Int): Note @auth(policy: "allowed")
    text(id: Int): String @auth(policy: "mine")
    works: Int
  }
  interface Node { id: Int! }
  type Note implements Node @auth(policy: "mine") { id: Int! text: String }
  type Scoped implements Node @auth(scope: "no", policy: "mine") { id: Int! }
  type Open implements Node { id: Int! }
  union Any = Note | Open
  type Parent { id: Int broken: Int! note(id: Int): Note text(id: Int): String @auth(policy: "mine") }
  ${subgraphDefinitions('Note')}
`;

function createApi(options: PolicyOptions, execution: 'compiled' | 'ordinary'): RulesApi {
  const byId =
    (typename = 'Note') =>
    (_source: unknown, { id }: Readonly<Record<string, unknown>>) =>
      load(id, typename);
  const text = (_source: unknown, { id }: Readonly<Record<string, unknown>>) =>
    exists(id) ? 'secret' : isLate(id) ? Promise.resolve(null) : null;
  // It takes longer than some decisions, and less long than others.
  const broken = async () => {
    for (let tick = 0; tick < 8; tick += 1) await undefined;
    throw new GraphQLError('broken');
  };
  const found = (_source: unknown, { ids }: Readonly<Record<string, unknown>>) =>
    (ids as number[]).filter(exists).map((id) => load(id, 'Note'));
  return new RulesApi(types(options.refusedAs === 'omitted'), {
    execution,
    policies: {
      mine: { ...options, hidden: true, decide: deny },
      allowed: { ...options, hidden: true, decide: () => true },
    },
    data: { parent: {}, works: 1, fails: 1 },
    resolvers: {
      Query: {
        note: byId(),
        node: byId(),
        any: byId(),
        both: byId(),
        scoped: byId('Scoped'),
        text,
        argument: text,
        broken,
        notes: found,
        nodes: (...args) => [found(args[0], args[1])],
        _entities: (_source, { representations }) =>
          representations.map(({ id }: { id: number }) => load(id, 'Note')),
      },
      Parent: { note: byId(), text, broken },
      Mutation: { change: byId(), both: byId(), text },
    },
  });
}

const selections: Readonly<Record<string, string>> = {
  note: '{ id text }',
  node: '{ id __typename }',
  any: '{ __typename }',
  scoped: '{ id }',
  change: '{ text }',
  both: '{ text }',
};

/** A selection whose ids are filled in later. */
type Selection = (id: () => number) => string;

const plain =
  (text: string): Selection =>
  () =>
    text;

const alias = fc.nat({ max: 1_000_000 });

const oneOf = (...names: readonly string[]): fc.Arbitrary<Selection> =>
  fc.tuple(fc.constantFrom(...names), alias).map(([field, n]) => {
    const below = selections[field] ?? '';
    return (id) => `${field}${n}: ${field}(id: ${id()}) ${below}`;
  });

const join = (all: readonly Selection[], id: () => number): string =>
  all.map((one) => one(id)).join(' ');

const parent = fc
  .tuple(
    alias,
    fc.array(
      fc.oneof({ weight: 3, arbitrary: oneOf('note', 'text') }, fc.constant(plain('broken'))),
      {
        minLength: 1,
        maxLength: 3,
      },
    ),
  )
  .map(([n, below]): Selection => {
    return (id) => `parent${n}: parent { ${join(below, id)} }`;
  });

const list = fc
  .tuple(fc.constantFrom('notes', 'nodes'), alias, fc.nat({ max: 5 }))
  .map(([field, n, length]): Selection => {
    return (id) => `${field}${n}: ${field}(ids: [${Array.from({ length }, id)}]) { id }`;
  });

const operationOf = (isOmitted: boolean): fc.Arbitrary<Selection> =>
  fc.oneof(
    {
      weight: 4,
      arbitrary: fc
        .array(
          fc.oneof(
            {
              weight: 4,
              arbitrary: oneOf('note', 'node', 'any', 'text', 'argument', 'scoped', 'both'),
            },
            { weight: 1, arbitrary: fc.constantFrom('works', 'fails').map(plain) },
            { weight: 1, arbitrary: parent },
            { weight: isOmitted ? 2 : 0, arbitrary: list },
          ),
          { minLength: 1, maxLength: 5 },
        )
        .map((all): Selection => {
          return (id) => `{ ${join(all, id)} }`;
        }),
    },
    // The whole result is null.
    {
      weight: 1,
      arbitrary: fc.array(oneOf('note', 'text'), { maxLength: 2 }).map((all): Selection => {
        return (id) => `{ ${join(all, id)} broken }`;
      }),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(oneOf('change', 'text', 'both'), { minLength: 1, maxLength: 3 })
        .map((all): Selection => {
          return (id) => `mutation { ${join(all, id)} works }`;
        }),
    },
  );

async function textOf(response: Response): Promise<string> {
  const headers = [...response.headers]
    .filter(([name]) => name !== 'date')
    .sort()
    .map((header) => header.join(': '));
  return [response.status, ...headers, await response.text()].join('\n');
}

const viewer = createViewer('read');

describe.each<[string, PolicyOptions]>([
  ['an error', {}],
  ['null', { refusedAs: 'null' }],
  ['left out', { refusedAs: 'omitted' }],
])('hidden, %s', (_name, options) => {
  const compiled = createApi(options, 'compiled');
  const ordinary = createApi(options, 'ordinary');
  const fronts = {
    compiled: (query: string) => compiled.post({ query }, viewer),
    listener: (query: string) => compiled.postDirectly({ query }, viewer),
    ordinary: (query: string) => ordinary.post({ query }, viewer),
  };

  test.each(Object.entries(fronts))('%s: byte for byte the same', async (_front, send) => {
    const ids = fc.array(fc.nat({ max: 60 }), { minLength: 15, maxLength: 15 });
    await fc.assert(
      fc.asyncProperty(
        operationOf(options.refusedAs === 'omitted'),
        ids,
        async (operation, some) => {
          // Of the same length, so that positions in the document are the same.
          const given = some.map((id) => 100 + id);
          const take = (from: readonly number[]) => {
            let index = 0;
            return () => from[index++ % from.length] ?? 0;
          };
          const missing = given.map((id) => id - (id % 2));
          const actual = await textOf(await send(operation(take(given))));
          expect(actual).toBe(await textOf(await send(operation(take(missing)))));
          expect(actual).not.toContain('secret');
          expect(actual).not.toContain('archived');
        },
      ),
      { numRuns: generatedCases(8) },
    );
  });

  const many = (id: number) =>
    Array.from({ length: 150 }, (_, at) => `a${at}: note(id: ${id + (id % 2) * at}) { id }`);
  test.each<[string, (id: number) => string]>([
    ['a policy of the field allows', (id) => `{ both(id: ${id}) { id } }`],
    ['a policy of the field allows a mutation', (id) => `mutation { both(id: ${id}) { id } }`],
    ['more than a hundred refusals', (id) => `{ works ${many(id).join(' ')} }`],
    ['more than a hundred refusals, and others', (id) => `{ fails ${many(id).join(' ')} }`],
  ])('%s', async (_name, operation) => {
    for (const send of Object.values(fronts)) {
      const actual = await textOf(await send(operation(201)));
      expect(actual).toBe(await textOf(await send(operation(200))));
    }
  });

  test('entities of a subgraph', async () => {
    const query = `query ($all: [_Any!]!) { _entities(representations: $all) { ... on Note { text } } }`;
    const send = async (ids: readonly number[]) => {
      const all = ids.map((id) => ({ __typename: 'Note', id }));
      return textOf(await compiled.post({ query, variables: { all } }, viewer));
    };
    expect(await send([1, 2, 5, 8])).toBe(await send([2, 2, 4, 8]));
  });
});
