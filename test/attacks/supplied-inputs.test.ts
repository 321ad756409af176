import {
  buildSchema,
  execute,
  GraphQLEnumType,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  isScalarType,
  parse,
} from 'graphql';
import { describe, expect, test } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import { createClientVariables } from '../../src/authorization/operation/client-variables.ts';
import { findRefusals } from '../../src/authorization/operation/find-refusals.ts';
import { guardOf } from '../../src/authorization/operation/guard.ts';
import { findSuppliedInputs } from '../../src/authorization/operation/supplied-inputs.ts';
import { createGate } from '../../src/gate/gate.ts';
import { anonymousViewer, createViewer, RulesApi } from '../support/rules-api.ts';

/* What a client supplies is worked out once for each execution, however often it is used. */

const schema = `
  type Query { search(filter: Filter, list: [[Filter]], e: E): String other(filter: Filter): String }
  input Filter { secret: Int @auth(scope: "s") and: [Filter!] e: E length: Int plain: Int }
  enum E { COMMON RARE @auth(scope: "rare") }
`;
const guarded = guardSchema(buildSchema(`${authDirectives}${schema}`));

/** An object that counts how often it is walked. */
function counted(members: object, walks: { count: number }): object {
  return new Proxy(members, {
    ownKeys: (target) => {
      walks.count += 1;
      return Reflect.ownKeys(target);
    },
  });
}

describe('each variable is walked once', () => {
  const aliases = (count: number, write: (index: number) => string): string =>
    Array.from({ length: count }, (_, index) => write(index)).join(' ');
  test.each([
    ['passed by many aliases', aliases(220, (index) => `a${index}: search(filter: $v)`)],
    [
      'by several fields',
      aliases(50, (index) => `a${index}: search(filter: $v) b${index}: other(filter: $v)`),
    ],
    [
      'inside of literals',
      aliases(100, (index) => `a${index}: search(filter: { and: [$v, { and: [$v] }] })`),
    ],
    ['in a fragment that is spread in many places', `${aliases(50, () => '...F')}`],
  ])('%s', (_name, selections) => {
    const walks = { count: 0 };
    const fragment = selections.includes('...F')
      ? 'fragment F on Query { search(filter: $v) }'
      : '';
    const refusals = findRefusals({
      schema: guarded,
      document: parse(`query ($v: Filter!) { ${selections} } ${fragment}`),
      variables: { v: counted({ and: [{ plain: 1 }, { secret: 1 }] }, walks) },
      viewer: anonymousViewer,
    });
    expect(refusals.length).toBeGreaterThan(0);
    expect(new Set(refusals.map(({ scope }) => scope))).toEqual(new Set(['s']));
    expect(walks.count).toBe(1);
  });

  test('what is found is bounded by the schema, not by what was sent', () => {
    const document = parse('query ($v: [[Filter]]) { a: search(list: $v) b: search(list: $v) }');
    const [operation] = document.definitions;
    if (operation?.kind !== 'OperationDefinition') throw new Error('No operation.');
    const item = { secret: 1, e: 'RARE', and: [{ secret: 2, e: 'RARE' }] };
    const variables = createClientVariables(operation, { v: Array(10_000).fill([item, item]) });
    const { rules } = guardOf(guarded);
    const nodes = operation.selectionSet.selections.flatMap((one) =>
      one.kind === 'Field' ? [one] : [],
    );
    const [first, second] = nodes.map((node) =>
      findSuppliedInputs(rules, rules.field('Query', 'search'), node, variables),
    );
    expect(first?.found.map(({ coordinate }) => coordinate).sort()).toEqual([
      'E.RARE',
      'Filter.secret',
    ]);
    expect(second).toBe(first);
  });

  test('values are coerced as often as without guards', async () => {
    let parsed = 0;
    const types = `scalar Stamp ${schema.replace('secret: Int', 'stamp: Stamp secret: Int')}`;
    const counting = buildSchema(`${authDirectives}${types}`);
    const stamp = counting.getType('Stamp');
    if (!isScalarType(stamp)) throw new Error('No scalar.');
    stamp.parseValue = (value) => {
      parsed += 1;
      return value;
    };
    const gate = createGate({ authenticator: { authenticate: async () => anonymousViewer } });
    const outcome = await gate.authorize({
      schema: guardSchema(counting),
      document: parse('query ($v: Filter) { a: search(filter: $v) b: search(filter: $v) }'),
      variableValues: { v: { stamp: 'now', and: { stamp: 'then' } } },
      contextValue: {},
    });
    if (outcome.kind !== 'allowed') throw new Error('It was refused.');
    const result = await execute(outcome.args);
    expect(result.errors).toBeUndefined();
    expect(parsed).toBe(2);
  });

  test.each([
    ['as they were sent', {}],
    ['changed after the gate', { tenant: 'other' }],
  ])('variables are compared as often for many objects as for one, %s', async (_name, changes) => {
    let reads = 0;
    const v = {
      get plain() {
        reads += 1;
        return 1;
      },
    };
    const types = buildSchema(`${authDirectives}
      type Query { list(v: Filter, tenant: String, first: Int): [Item] }
      type Item { name: String @auth(policy: "yes") guarded(e: E): String }
      input Filter { plain: Int }
      enum E { COMMON RARE @auth }
    `);
    const list = types.getQueryType()?.getFields()['list'];
    if (list === undefined) throw new Error('No field.');
    list.resolve = (_source, { first }) => Array(first).fill({ name: 'a', guarded: 'b' });
    const schemaOfList = guardSchema(types, { policies: { yes: () => true } });
    const viewer = createViewer();
    const gate = createGate({ authenticator: { authenticate: async () => viewer } });
    const countReads = async (first: number): Promise<number> => {
      const outcome = await gate.authorize({
        schema: schemaOfList,
        document: parse(
          'query ($v: Filter, $tenant: String, $first: Int) { list(v: $v, tenant: $tenant, first: $first) { name guarded(e: COMMON) } }',
        ),
        variableValues: { v, first },
        contextValue: { viewer },
      });
      if (outcome.kind !== 'allowed') throw new Error('It was refused.');
      reads = 0;
      const variableValues = { v, first, ...changes };
      const { data, errors } = await execute({ ...outcome.args, variableValues });
      expect(errors).toBeUndefined();
      expect(data?.['list']).toHaveLength(first);
      return reads;
    };
    const forOne = await countReads(1);
    expect(await countReads(100)).toBe(forOne);
  });

  test('values nested deeper than a stack is high', () => {
    let v: Record<string, unknown> = { secret: 1 };
    for (let depth = 0; depth < 200_000; depth += 1) v = { and: depth % 2 === 0 ? [v] : v };
    const refusals = findRefusals({
      schema: guarded,
      document: parse('query ($v: Filter) { search(filter: $v) }'),
      variables: { v },
      viewer: anonymousViewer,
    });
    expect(refusals.map(({ scope }) => scope)).toEqual(['s']);
  });
});

describe('as an executor reads it', () => {
  test('the length of an array is a member', async () => {
    const api = new RulesApi(
      `type Query { box(in: Box): String } input Box { length: Int @auth(scope: "l") }`,
      { data: { box: 'secret' } },
    );
    const outcome = await api.execute('query ($v: Box) { box(in: $v) }', {
      variables: { v: [] },
      viewer: createViewer('x'),
    });
    expect(outcome.errors).toEqual({ box: 'FORBIDDEN scope=l' });
    expect(outcome.ran).toEqual([]);
  });

  test('members of a class are members', () => {
    class Sent {
      get secret(): number {
        return 1;
      }
    }
    const refusals = findRefusals({
      schema: guarded,
      document: parse('query ($v: Filter) { search(filter: $v) }'),
      variables: { v: new Sent() },
      viewer: anonymousViewer,
    });
    expect(refusals.map(({ scope }) => scope)).toEqual(['s']);
  });

  test('enum values that have another internal value are guarded without the examination too', async () => {
    const plain = buildSchema(
      `${authDirectives} enum E { COMMON RARE @auth } type Query { search(e: E, es: [[E]]): String }`,
    );
    const named = plain.getType('E');
    if (!(named instanceof GraphQLEnumType)) throw new Error('No enum.');
    const [common, rare] = named.getValues();
    const type = new GraphQLEnumType({
      name: 'E',
      values: {
        COMMON: { value: 0, astNode: common?.astNode },
        RARE: { value: 7, astNode: rare?.astNode },
      },
    });
    const ran: unknown[] = [];
    const api = guardSchema(
      new GraphQLSchema({
        directives: plain.getDirectives(),
        query: new GraphQLObjectType({
          name: 'Query',
          fields: {
            search: {
              type: GraphQLString,
              args: { e: { type } },
              resolve: (_source, { e }) => void ran.push(e),
            },
          },
        }),
      }),
    );
    const run = (e: string) =>
      execute({
        schema: api,
        document: parse('query ($e: E) { search(e: $e) }'),
        variableValues: { e },
        contextValue: {},
      });
    expect((await run('RARE')).errors?.map(({ extensions }) => extensions['code'])).toEqual([
      'UNAUTHENTICATED',
    ]);
    expect((await run('COMMON')).errors).toBeUndefined();
    expect(ran).toEqual([0]);
  });
});
