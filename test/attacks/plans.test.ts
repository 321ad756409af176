import { buildSchema, type DocumentNode, execute, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import { findRefusals } from '../../src/authorization/operation/find-refusals.ts';
import { guardOf } from '../../src/authorization/operation/guard.ts';
import type { OperationPlan } from '../../src/authorization/operation/operation-plan.ts';
import {
  maxCachedSize,
  OperationPlanner,
} from '../../src/authorization/operation/operation-planner.ts';
import { anonymousViewer, createViewer, RulesApi } from '../support/rules-api.ts';

/* Short documents that cause a lot of work: planning, caching and examination are bounded. */

const policies = { yes: () => true };
const guarded = (types: string) =>
  guardSchema(buildSchema(`${authDirectives}${types}`), { policies });
const repeat = (count: number, write: (index: number) => string, between = ' '): string =>
  Array.from({ length: count }, (_, index) => write(index)).join(between);

const paths = `
  type Query { a: Query b: Query open: String secret: String @auth }
  type Mutation { a: Node b: Node write: String policed: String @auth(policy: "yes") }
  type Node { a: Node b: Node open: String secret: String @auth }
`;
/** Twice as many paths at each level. */
const bomb = (kind: string, type: string, levels: number, side: (name: string) => string): string =>
  `${kind} { ...F0 } ${repeat(levels, (level) => `fragment F${level} on ${level === 0 ? type : type === 'Mutation' ? 'Node' : type} { a ${side(`a${level}`)} { ...F${level + 1} } b ${side(`b${level}`)} { ...F${level + 1} } }`)}`;
const bombed = (kind: 'query' | 'mutation', levels: number, end: string): string =>
  `${bomb(kind, kind === 'query' ? 'Query' : 'Mutation', levels, () => '')} fragment F${levels} on ${kind === 'query' ? 'Query' : 'Node'} { ${end} }`;

/** Each type implements all interfaces but one, so that each nesting leaves other types. */
const overlapping = (interfaces: number, types: number): string => {
  const names = Array.from({ length: interfaces }, (_, index) => `I${index}`);
  const fields = '{ id: ID secret: String self: Node }';
  return `
    type Query { node: Node } type Mutation { node: Node }
    interface Node ${fields}
    ${names.map((name) => `interface ${name} ${fields}`).join('\n')}
    ${repeat(types, (type) => `type T${type} implements ${['Node', ...names.filter((_, index) => index !== type % interfaces)].join(' & ')} { id: ID secret: String @auth(scope: "s${type % 3}") self: Node }`, '\n')}
  `;
};
const nested = (interfaces: number, kind = 'query', end = 'id secret'): string =>
  `${kind} { node { ...F0 } } ${repeat(interfaces, (index) => `fragment F${index} on Node { ... on I${index} { ...F${index + 1} } ...F${index + 1} }`)} fragment F${interfaces} on Node { ${end} }`;

describe('the size of a plan is bounded', () => {
  const variables = (count: number): string => repeat(count, (index) => `$v${index}: Boolean!`);
  test.each([
    ['2^60 paths', paths, bombed('query', 60, 'secret')],
    ['13 overlapping interfaces', overlapping(13, 13), nested(13)],
    ['40 overlapping interfaces of 120 types', overlapping(40, 120), nested(40)],
    [
      'overlapping interfaces along fields',
      overlapping(13, 26),
      `{ node { ...F0 } } ${repeat(13, (index) => `fragment F${index} on Node { ... on I${index} { self { ...F${index + 1} } } ...F${index + 1} }`)} fragment F13 on Node { secret }`,
    ],
    [
      'a fragment under 60 conditions, with conditions inside',
      paths,
      `query (${variables(60)}) { ${repeat(60, (index) => `...F @include(if: $v${index})`)} } fragment F on Query { ${repeat(60, (index) => `...G${index} @skip(if: $v${59 - index})`)} } ${repeat(60, (index) => `fragment G${index} on Query { x${index}: secret }`)}`,
    ],
    [
      'conditions that grow along a chain',
      paths,
      `query (${variables(70)}) { ${repeat(60, (index) => `b${index}: b { ...F0 }`)} } ${repeat(70, (index) => `fragment F${index} on Query { x${index}: secret @include(if: $v${index}) ...F${index + 1} @include(if: $v${index}) }`)} fragment F70 on Query { secret }`,
    ],
  ])('%s', (_name, types, operation) => {
    const schema = guarded(types);
    const document = parse(operation);
    const plan = new OperationPlanner(schema, guardOf(schema).rules).plan(document, undefined);
    expect(plan?.size).toBeLessThan(10_000);
    expect(findRefusals({ schema, document, viewer: anonymousViewer }).length).toBeGreaterThan(0);
  });
});

describe('what a bomb hides is still refused, and nothing else', () => {
  const api = new RulesApi(`${paths}`, {
    policies,
    data: { a: { open: 'open' }, b: {}, write: 'done', policed: 'secret' },
  });
  test('a mutation with 2^60 paths to a guarded field does not run', async () => {
    const outcome = await api.execute(bombed('mutation', 60, 'secret'));
    expect([outcome.status, outcome.ran]).toEqual([401, []]);
  });
  test('a mutation with as many paths and nothing guarded does', async () => {
    const outcome = await api.execute(bombed('mutation', 20, 'open'));
    expect([outcome.status, outcome.errors]).toEqual([200, {}]);
  });
  test('the policy of a root field inside a fragment runs for the field that runs', async () => {
    const operation = `${bombed('mutation', 60, 'open')} fragment R on Mutation { policed }`;
    const outcome = await api.execute(operation.replace('{ ...F0 }', '{ policed ...R ...F0 }'), {
      viewer: createViewer('x'),
    });
    expect([outcome.status, outcome.ran.filter((one) => one === 'Mutation.policed')]).toEqual([
      200,
      ['Mutation.policed'],
    ]);
    const anonymous = await api.execute(operation.replace('{ ...F0 }', '{ ...R ...F0 }'));
    expect([anonymous.status, anonymous.ran]).toEqual([401, []]);
  });

  const conditional = (levels: number): string =>
    `${bomb('mutation ($a: Boolean!, $b: Boolean = false)', 'Mutation', levels, () => '')} fragment F${levels} on Node { ... @include(if: $a) { secret } x: secret @include(if: $b) ... @skip(if: $a) { open } }`;
  test.each([
    ['that is true', { a: true }, [401, 0]],
    ['that is false', { a: false }, [200, 1]],
    ['by default', { a: false, b: true }, [401, 0]],
    // It counts as running until the variables are coerced.
    ['that was not sent', {}, [401, 0]],
  ])('conditions hold: a variable %s', async (_name, variables, expected) => {
    const outcome = await api.execute(conditional(16), { variables });
    expect([outcome.status, outcome.ran.filter((one) => one === 'Mutation.a').length]).toEqual(
      expected,
    );
  });

  test('a selection is found by whichever path runs', () => {
    const operation = (first: string): string =>
      `query ($no: Boolean!) { x: a @include(if: $no) { ...G } ${first} ...F0 } fragment G on Query { b { secret } } ${bombed('query', 60, 'open').replace('query { ...F0 }', '')}`;
    const refused = api.refusals(operation('y: a { ...G }'), { variables: { no: false } });
    expect(refused.map(({ path }) => path.join('.'))).toEqual(['y.b.secret']);
    expect(api.refusals(operation(''), { variables: { no: false } })).toEqual([]);
  });

  test('with overlapping interfaces, one type that admits the viewer is sufficient', () => {
    const schema = guarded(overlapping(13, 13));
    const document = parse(nested(13, 'mutation', 'secret'));
    const refusals = (scope: string) =>
      findRefusals({ schema, document, viewer: createViewer(scope) }).length;
    expect(refusals('x')).toBeGreaterThan(0);
    expect(refusals('s0 s1 s2')).toBe(0);
  });
});

describe('what is kept is bounded', () => {
  const schema = guarded(paths);
  const { plans } = guardOf(schema);
  const documents: DocumentNode[] = [];
  let firstPlan: OperationPlan | undefined;

  test('many documents with many paths', () => {
    for (let index = 0; index < 60; index += 1) {
      const document = parse(bombed('query', 9, `x${index}: secret`));
      documents.push(document);
      const plan = plans.get(schema, document, undefined);
      firstPlan ??= plan;
    }
    expect(plans.size).toBeGreaterThan(maxCachedSize / 2);
    expect(plans.size).toBeLessThanOrEqual(maxCachedSize);
    const [first] = documents;
    const last = documents.at(-1);
    if (!first || !last || !firstPlan) throw new Error('No documents.');
    expect(plans.get(schema, last, undefined)).toBe(plans.get(schema, last, undefined));
    expect(plans.get(schema, first, undefined)).not.toBe(firstPlan);
  });

  test('small documents without end', () => {
    for (let index = 0; index < 9_000; index += 1) {
      plans.get(schema, parse(`{ x${index}: secret }`), undefined);
    }
    expect(plans.size).toBeLessThanOrEqual(maxCachedSize);
  });

  test('one that is too large is not kept', () => {
    const before = plans.size;
    const document = parse(`{ ${repeat(30_000, (index) => `x${index}: secret`)} }`);
    expect(plans.get(schema, document, undefined)?.size).toBeGreaterThan(30_000);
    expect(plans.size).toBe(before);
  });

  test('names of operations that are not there', () => {
    const before = plans.size;
    const document = parse('query A { secret }');
    for (let index = 0; index < 100; index += 1) plans.get(schema, document, `B${index}`);
    expect(plans.size).toBe(before);
  });
});

describe('examination is bounded', () => {
  /** Scopes that count how often they are looked at. */
  class Counted extends Set<string> {
    looks = 0;
    override has(scope: string): boolean {
      this.looks += 1;
      return super.has(scope);
    }
  }
  const choice = (letter: string): string =>
    `@auth(scope: [${repeat(4, (index) => `"${letter}${index} ${letter}x ${index}"`, ', ')}])`;
  const types = `
    schema ${choice('a')} { query: Query }
    type Query { q(i: Int ${choice('b')}, j: Int ${choice('c')}): Text ${choice('d')} list: [Item] @public }
    type Item { s: Text }
    scalar Text ${choice('e')}
  `;

  test('a field with many aliases is examined once', () => {
    const schema = guarded(types);
    const looks = (count: number): number => {
      const scopes = new Counted(['x']);
      const refusals = findRefusals({
        schema,
        document: parse(`{ ${repeat(count, (index) => `x${index}: q(i: ${index}, j: 2)`)} }`),
        viewer: { ...createViewer(), scopes },
      });
      expect(refusals.length).toBe(count);
      return scopes.looks;
    };
    expect(looks(400)).toBe(looks(1));
  });

  test('what a viewer lacks for the objects of a list is worked out once', async () => {
    const looks = async (count: number): Promise<number> => {
      const schema = guarded(types);
      const scopes = new Counted(['x']);
      const result = await execute({
        schema,
        document: parse('{ list { s } }'),
        rootValue: { list: Array.from({ length: count }, () => ({ s: 'secret' })) },
        contextValue: { viewer: { ...createViewer(), scopes } },
      });
      expect(result.errors?.length).toBe(count);
      return scopes.looks;
    };
    // Whether the rule is met is asked of each object: that takes a look or two.
    expect((await looks(101)) - (await looks(1))).toBeLessThan(1_000);
  });

  test('a variable that many conditions name is read once', () => {
    const schema = guarded(paths);
    let reads = 0;
    const variables = new Proxy<Record<string, unknown>>(
      {},
      {
        getOwnPropertyDescriptor: (target, name) => {
          reads += 1;
          return Reflect.getOwnPropertyDescriptor(target, name);
        },
      },
    );
    const chain = 40;
    const refusals = findRefusals({
      schema,
      document: parse(
        `query (${repeat(chain, (index) => `$v${index}: Boolean!`)}) { ${repeat(chain, (index) => `... @include(if: $v${index}) {`)} ${repeat(40, (index) => `b${index}: b { ...G }`)} ${'}'.repeat(chain)} } fragment G on Query { ${repeat(60, (index) => `x${index}: secret`)} }`,
      ),
      variables,
      viewer: anonymousViewer,
    });
    expect(refusals.length).toBe(2_400);
    expect(reads).toBe(chain);
  });
});
