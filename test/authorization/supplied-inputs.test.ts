import { describe, expect, test } from 'vitest';
import { createViewer, RulesApi } from '../support/rules-api.ts';
import { type RulesCase, testCases } from '../support/rules-table.ts';

/* The rule of an argument or an input field applies when the client supplies it, not when a default of the schema fills it in. */

const schema = `
  type Query {
    x(a: Int @auth(scope: "a"), b: Int = 7 @auth(scope: "b"), in: In = { i: 5, e: RARE }): String
    list(ins: [[In!]], es: [E!]): String
  }
  input In {
    i: Int = 3 @auth(scope: "i")
    length: Int @auth(scope: "length")
    e: E = RARE
    more: In
    ins: [In!]
    whole: Whole
  }
  input Whole @auth(scope: "whole") { j: Int = 4 }
  enum E { COMMON RARE @auth(scope: "rare") }
`;
const data = { x: 'given', list: 'given' };

const allowed = (
  title: string,
  operation: string,
  variables?: Record<string, unknown>,
): RulesCase => ({
  case: title,
  schema,
  data,
  operation,
  ...(variables ? { variables } : {}),
  viewer: createViewer('x'),
  expected: operation.includes('list(') ? { list: 'given' } : { x: 'given' },
});
const refused = (
  title: string,
  operation: string,
  scope: string,
  variables?: Record<string, unknown>,
): RulesCase => ({
  case: title,
  schema,
  data: { x: 'secret', list: 'secret' },
  operation,
  ...(variables ? { variables } : {}),
  viewer: createViewer('x'),
  status: 403,
  errors: { [operation.includes('list(') ? 'list' : 'x']: `FORBIDDEN scope=${scope}` },
});

describe('not supplied', () => {
  testCases([
    allowed('nothing, with defaults of the schema', '{ x }'),
    allowed('a variable that was not sent', 'query ($v: Int) { x(a: $v, b: $v) }'),
    allowed('an input object without the field', '{ x(in: { e: COMMON }) }'),
    allowed('a variable inside a literal, not sent', 'query ($v: Int) { x(in: { i: $v }) }'),
    allowed('null for what holds the guarded field', '{ x(in: null) }'),
    allowed('an empty list', '{ list(ins: [], es: []) }'),
    allowed(
      'a variable that was not sent, and is called as a member of every object',
      'query ($constructor: Int) { x(a: $constructor) }',
    ),
    allowed('a variable in a list, not sent', 'query ($v: [In!]) { list(ins: [$v]) }'),
    allowed('another value of the enum', '{ list(es: [COMMON]) }'),
  ]);
});

describe('supplied', () => {
  testCases([
    refused('a literal', '{ x(a: 1) }', 'a'),
    refused('a literal that equals the default', '{ x(b: 7) }', 'b'),
    refused('an explicit null', '{ x(a: null) }', 'a'),
    refused('a variable', 'query ($v: Int) { x(a: $v) }', 'a', { v: 1 }),
    refused('a variable that is null', 'query ($v: Int) { x(a: $v) }', 'a', { v: null }),
    refused(
      'null in place of a default of the operation',
      'query ($v: Int = 1) { x(a: $v) }',
      'a',
      { v: null },
    ),
    refused('by a default of the operation', 'query ($v: Int = 1) { x(a: $v) }', 'a'),
    refused(
      'by a default of the operation that is null',
      'query ($v: Int = null) { x(a: $v) }',
      'a',
    ),
    refused('several', '{ x(a: 1, b: 2) }', 'a b'),
    refused('an input field', '{ x(in: { i: 1 }) }', 'i'),
    refused('an input field that is null', '{ x(in: { i: null }) }', 'i'),
    refused('an input field in a variable', 'query ($v: In) { x(in: $v) }', 'i', { v: { i: 1 } }),
    refused(
      'an input field in a default of the operation',
      'query ($v: In = { i: 1 }) { x(in: $v) }',
      'i',
    ),
    refused('a variable inside a literal', 'query ($v: Int) { x(in: { more: { i: $v } }) }', 'i', {
      v: 1,
    }),
    // graphql before 16.14 passes on the member.
    refused(
      'a variable inside a literal, not sent, that is called as a member of every object',
      'query ($constructor: Int) { x(in: { i: $constructor }) }',
      'i',
    ),
    refused(
      'members of such a member',
      'query ($toString: In) { x(in: { more: $toString }) }',
      'length',
    ),
    refused('a default inside a literal', 'query ($v: Int = 2) { x(in: { i: $v }) }', 'i'),
    refused(
      'an object in a variable inside a literal',
      'query ($v: In) { x(in: { more: $v }) }',
      'i',
      { v: { ins: [{ i: 1 }] } },
    ),
    refused('deep in lists', '{ list(ins: [[{}], [{}, { more: { ins: [{}, { i: 1 }] } }]]) }', 'i'),
    refused('deep in lists of a variable', 'query ($v: [[In!]]) { list(ins: $v) }', 'i', {
      v: [[{}], null, [{}, { ins: [{ i: null }] }]],
    }),
    refused('one item in place of a list of lists', '{ list(ins: { i: 1 }) }', 'i'),
    refused('the same in a variable', 'query ($v: [[In!]]) { list(ins: $v) }', 'i', {
      v: { i: 1 },
    }),
    refused('an input object that has a rule itself', '{ x(in: { whole: {} }) }', 'whole'),
    refused('the same, null', '{ x(in: { whole: null }) }', 'whole'),
    refused('an enum value', '{ list(es: [COMMON, RARE]) }', 'rare'),
    refused('an enum value, one for a list', '{ list(es: RARE) }', 'rare'),
    refused('an enum value in a variable', 'query ($v: [E!]) { list(es: $v) }', 'rare', {
      v: ['COMMON', 'RARE'],
    }),
    refused('an enum value in an item', 'query ($v: E!) { list(es: [COMMON, $v]) }', 'rare', {
      v: 'RARE',
    }),
    refused('an enum value in an input field', '{ x(in: { e: RARE }) }', 'rare'),
    refused('in a fragment', 'query ($v: Int) { ...F } fragment F on Query { x(a: $v) }', 'a', {
      v: 1,
    }),
  ]);
});

test('what only a caller in the same process can send', () => {
  const api = new RulesApi(schema, { data });
  const scopes = (operation: string, v: unknown) =>
    api.refusals(operation, { variables: { v }, viewer: createViewer() }).map((one) => one.scope);
  // The executor takes it for null.
  expect(scopes('query ($v: Int) { x(a: $v) }', undefined)).toEqual(['a']);
  expect(scopes('query ($v: [E!]) { list(es: $v) }', new Set(['COMMON', 'RARE']))).toEqual([
    'rare',
  ]);
  expect(scopes('query ($v: In) { x(in: $v) }', { i: undefined })).toEqual([]);
});

describe('whose rule it is', () => {
  const inherited = `
    type Query { node: Node mine: Mine }
    interface Node { s(a: Int @auth(scope: "a")): String }
    type Mine implements Node { s(a: Int, own: Int): String }
  `;
  const values = { node: { __typename: 'Mine', s: 'secret' }, mine: { s: 'secret' } };
  testCases([
    {
      case: 'an interface’s argument binds its implementers, through the interface',
      schema: inherited,
      data: values,
      operation: '{ node { s(a: 1) } }',
      viewer: createViewer('x'),
      expected: { node: { s: null } },
      errors: { 'node.s': 'FORBIDDEN scope=a' },
    },
    {
      case: 'and by themselves',
      schema: inherited,
      data: values,
      operation: '{ mine { s(a: 1) } }',
      viewer: createViewer('x'),
      expected: { mine: { s: null } },
      errors: { 'mine.s': 'FORBIDDEN scope=a' },
    },
    {
      case: 'other arguments are free',
      schema: inherited,
      data: { mine: { s: 'given' } },
      operation: '{ mine { s(own: 1) } }',
      expected: { mine: { s: 'given' } },
    },
    {
      case: 'each alias by its own arguments',
      schema,
      data,
      operation: '{ one: x two: x(a: 1) }',
      expected: { one: 'given', two: null },
      errors: { two: 'UNAUTHENTICATED scope=a' },
    },
  ]);
});
