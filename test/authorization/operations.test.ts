import { describe, expect, test } from 'vitest';
import { createViewer, RulesApi } from '../support/rules-api.ts';
import { testCases } from '../support/rules-table.ts';

/* What of a document counts: the operation that is executed, and of it what runs. */

const schema = `
  type Query { open: String closed: String @auth must: String! @auth t: T closedT: T @auth }
  type Mutation { write: String deny: String @auth(scope: "deny") t: T }
  type T { s: String @auth p: String t: T must: String! @auth }
`;
const inner = { p: 'plain', s: 'secret' };
const data = {
  open: 'open',
  closed: 'secret',
  t: { ...inner, t: inner },
  closedT: inner,
  write: 'done',
  deny: 'secret',
};
const error = 'UNAUTHENTICATED';

describe('queries', () => {
  testCases([
    {
      case: 'nothing may be had',
      schema,
      data,
      operation: '{ closed }',
      status: 401,
      errors: { closed: error },
    },
    {
      case: 'nothing of several may be had',
      schema,
      data,
      operation: '{ a: closed closedT { p } }',
      status: 401,
      errors: { a: error, closedT: error },
    },
    {
      case: 'a part may not be had',
      schema,
      data,
      operation: '{ open closed }',
      expected: { open: 'open', closed: null },
      errors: { closed: error },
    },
    {
      case: 'a refused root field is non-null',
      schema,
      data,
      operation: '{ open must }',
      status: 401,
      errors: { must: error },
    },
    {
      case: 'a refused field further down',
      schema,
      data,
      operation: '{ t { p s } }',
      expected: { t: { p: 'plain', s: null } },
      errors: { 't.s': error },
    },
    {
      case: 'a refused non-null field takes its parent along',
      schema,
      data,
      operation: '{ open t { p must } }',
      expected: { open: 'open', t: null },
      errors: { 't.must': error },
    },
    {
      case: 'aliases are named as written',
      schema,
      data,
      operation: '{ mine: t { p yours: s } }',
      expected: { mine: { p: 'plain', yours: null } },
      errors: { 'mine.yours': error },
    },
    {
      case: 'fragments within fragments',
      schema,
      data,
      operation:
        '{ open ...A } fragment A on Query { t { ...B } } fragment B on T { t { ... on T { s } } }',
      expected: { open: 'open', t: { t: { s: null } } },
      errors: { 't.t.s': error },
    },
    {
      case: 'merged fields are one selection',
      schema,
      data,
      operation: '{ t { p } t { s } ... { t { s } } }',
      expected: { t: { p: 'plain', s: null } },
      errors: { 't.s': error },
    },
    {
      case: '__typename of a root stays open',
      schema,
      data,
      operation: '{ __typename closed }',
      expected: { __typename: 'Query', closed: null },
      errors: { closed: error },
    },
    {
      case: '__typename of a guarded type',
      schema:
        'type Query { t: G u: U } union U = G | P type P { s: String } type G @auth { s: String }',
      data: { t: {}, u: { __typename: 'G' } },
      operation: '{ x: __typename t { __typename } u { __typename } }',
      expected: { x: 'Query', t: null, u: null },
      errors: { t: error, u: error },
    },
  ]);
});

describe('@skip and @include', () => {
  const expected = { open: 'open' };
  testCases(
    [
      ['@skip(if: true)', {}],
      ['@include(if: false)', {}],
      ['@include(if: $off)', { off: false }],
      ['@skip(if: $on)', { on: true }],
      ['@skip(if: $on)', {}],
      ['@include(if: true) @skip(if: $on)', { on: true }],
      ['@skip(if: $off) @include(if: $off)', { off: false }],
    ].flatMap(([directive, variables], index) => {
      const header =
        `query (${['$on: Boolean! = true', '$off: Boolean! = false'].filter((one) => String(directive).includes(one.slice(0, 3))).join(', ')})`.replace(
          'query ()',
          'query',
        );
      return [
        ['a field', `${header} { open closed ${directive} }`],
        ['an inline fragment', `${header} { open ... ${directive} { closed t { s } } }`],
        ['a spread', `${header} { open ...F ${directive} } fragment F on Query { closed }`],
        ['a parent', `${header} { open t ${directive} { s } }`],
      ].map(([place, operation]) => ({
        case: `${index + 1}: ${place} ${directive}`,
        schema,
        data,
        operation: operation ?? '',
        variables: variables as Record<string, unknown>,
        expected,
      }));
    }),
  );

  testCases([
    {
      case: 'what runs in one place is refused though it is skipped in another',
      schema,
      data,
      operation:
        'query ($v: Boolean!) { open t @skip(if: $v) { s } t { p } ... @include(if: $v) { t { s } } }',
      variables: { v: true },
      expected: { open: 'open', t: { p: 'plain', s: null } },
      errors: { 't.s': error },
    },
    {
      case: 'a mutation runs when a fragment around what is refused is skipped',
      schema,
      data,
      operation:
        'mutation ($v: Boolean!) { write ... @include(if: $v) { ... { deny } ...F } } fragment F on Mutation { t { s } }',
      variables: { v: false },
      expected: { write: 'done' },
    },
    {
      case: 'a mutation runs when what is refused is skipped',
      schema,
      data,
      operation: 'mutation ($v: Boolean!) { write deny @include(if: $v) }',
      variables: { v: false },
      expected: { write: 'done' },
    },
  ]);
});

describe('mutations', () => {
  testCases([
    {
      case: 'one refused field refuses all',
      schema,
      data,
      operation: 'mutation { write deny }',
      viewer: createViewer(),
      status: 403,
      errors: { deny: 'FORBIDDEN scope=deny' },
    },
    {
      case: 'deep down too',
      schema,
      data,
      operation: 'mutation { write t { t { t { s } } } }',
      status: 401,
      errors: { 't.t.t.s': error },
    },
    {
      case: 'nothing is refused',
      schema,
      data,
      operation: 'mutation { write deny }',
      viewer: createViewer('deny'),
      expected: { write: 'done', deny: 'secret' },
    },
    {
      case: 'a guarded return type refuses before its resolver runs',
      schema: 'type Query { a: Int } type Mutation { make: G } type G @auth { s: String }',
      operation: 'mutation { make { __typename } }',
      data: { make: {} },
      status: 401,
      errors: { make: error },
    },
  ]);
});

describe('several operations', () => {
  const document = 'query Open { open } query Closed { closed } mutation Write { write deny }';
  testCases([
    {
      case: 'the open one',
      schema,
      data,
      operation: document,
      operationName: 'Open',
      expected: { open: 'open' },
    },
    {
      case: 'the closed one',
      schema,
      data,
      operation: document,
      operationName: 'Closed',
      status: 401,
      errors: { closed: error },
    },
    {
      case: 'the mutation',
      schema,
      data,
      operation: document,
      operationName: 'Write',
      status: 401,
      errors: { deny: 'UNAUTHENTICATED scope=deny' },
    },
  ]);

  test('none, or an unknown one, is for the executor to refuse', async () => {
    const api = new RulesApi(schema, { data });
    for (const operationName of [undefined, 'Unknown', '']) {
      const question = operationName === undefined ? {} : { operationName };
      expect(api.refusals(document, question)).toEqual([]);
      expect((await api.execute(document, question)).ran).toEqual([]);
    }
  });
});

describe('refuse: operation', () => {
  testCases([
    {
      case: 'any refusal refuses a query whole',
      schema,
      data,
      refuse: 'operation',
      operation: '{ open t { s } }',
      status: 401,
      errors: { 't.s': error },
    },
  ]);
});

describe('documents with very many paths', () => {
  const bomb = (
    kind: string,
    levels: number,
    directive: (level: number) => string,
    leaf: string,
  ): string =>
    `${kind} { ...F0 } ${Array.from(
      { length: levels },
      (_, level) =>
        `fragment F${level} on T { a: t ${directive(level)} { ...F${level + 1} } b: t { ...F${level + 1} } }`,
    ).join(' ')} fragment F${levels} on T { ${leaf} }`;

  test.each([
    ['without conditions', () => '', ''],
    ['under variables', (level: number) => `@include(if: $v${level})`, 'variables'],
    ['where each path but one is skipped', () => '@skip(if: true)', ''],
  ])('%s', async (_name, directive, header) => {
    const api = new RulesApi(schema, { data });
    const names = header === '' ? [] : Array.from({ length: 40 }, (_, level) => `v${level}`);
    const declared =
      names.length === 0 ? '' : `(${names.map((name) => `$${name}: Boolean!`).join(' ')})`;
    const operation = bomb(`query${declared} { open t`, 40, directive, 's').replace(
      '{ ...F0 }',
      '{ ...F0 } }',
    );
    const variables = Object.fromEntries(names.map((name) => [name, false]));
    expect(api.refusals(operation, { variables })[0]?.coordinate).toBe('T.s');
    const mutation = operation.replace('query', 'mutation').replace('{ open t', '{ write t');
    expect(await api.execute(mutation, { variables })).toMatchObject({ status: 401, ran: [] });
    // Nobody is refused for the mere size of what they ask.
    expect(api.refusals(operation, { variables, viewer: createViewer() })).toEqual([]);
  });

  test('a path that is skipped does not hide what another one reaches', async () => {
    const api = new RulesApi(schema, { data });
    const operation = `query ($no: Boolean!) { open off: t @include(if: $no) { ...F0 } on: t { ...F0 } }
      ${bomb('', 30, () => '', 's').slice(' { ...F0 }'.length)}`;
    expect(api.refusals(operation, { variables: { no: false } }).length).toBeGreaterThan(0);
    const mutation = operation.replace('query', 'mutation').replace('{ open', '{ write');
    expect(await api.execute(mutation, { variables: { no: false } })).toMatchObject({
      status: 401,
      ran: [],
    });
  });
});
