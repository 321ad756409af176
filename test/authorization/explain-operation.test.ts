import fc from 'fast-check';
import { buildSchema, execute, type GraphQLError, parse, print } from 'graphql';
import { describe, expect, test } from 'vitest';
import { anonymous, type Viewer } from '../../src/authentication/viewer.ts';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import { describeAccess } from '../../src/authorization/review/describe-access.ts';
import {
  type ExplainedSelection,
  explainOperation,
} from '../../src/authorization/review/explain-operation.ts';
import { asRefusalError } from '../../src/authorization/rules/refusal.ts';
import { createGate } from '../../src/gate/gate.ts';
import { viewerWith } from '../../src/testing/viewer-with.ts';
import { generatedCases } from '../support/generated-cases.ts';
import { guardedOrUndefined, viewerFrom } from '../support/random-guard.ts';
import {
  Choices,
  randomOperation,
  randomSchema,
  randomViewer,
  resolvable,
} from '../support/random-rules.ts';

const runs = generatedCases(60);

describe('verdicts are what execution then does', () => {
  test.each([
    ['scopes, claims and step-up', false],
    ['policies too', true],
  ])(
    '%s',
    async (_name, withPolicies) => {
      let compared = 0;
      let refused = 0;
      await fc.assert(
        fc.asyncProperty(fc.integer(), async (number) => {
          const found = await compare(number, withPolicies);
          compared += found === undefined ? 0 : 1;
          refused += found ?? 0;
        }),
        { numRuns: runs, seed: 20_261_127, endOnFailure: true },
      );
      expect(compared).toBeGreaterThan(runs / 3);
      expect(refused).toBeGreaterThan(runs / 3);
    },
    3_600_000,
  );
});

/** @returns The number of refused selections; undefined if the schema is not one to guard. */
async function compare(number: number, withPolicies: boolean): Promise<number | undefined> {
  const choices = new Choices(number);
  const text = randomSchema(choices, withPolicies);
  const schema = guardedOrUndefined(resolvable(text, () => {}));
  if (schema === undefined) return undefined;
  const { text: query, operationName, variables } = randomOperation(choices, schema);
  const document = parse(query);
  const viewer = viewerFrom(randomViewer(choices));
  const explained = explainOperation({ schema, document, operationName, variables, viewer });
  if (explained === undefined) throw new Error('No operation.');
  const about = `${text}\n${query}\n${JSON.stringify({ number, variables })}`;

  // Several types can have the same response key.
  const byPath = new Map<string, ExplainedSelection[]>();
  for (const selection of explained.selections) {
    const key = selection.path.join('.');
    byPath.set(key, [...(byPath.get(key) ?? []), selection]);
  }
  const expectPredicted = (errors: readonly GraphQLError[]): void => {
    for (const error of errors) {
      expect(asRefusalError(error), about).toBeDefined();
      const path = (error.path ?? []).filter((key) => typeof key === 'string').join('.');
      const canBeRefused = (byPath.get(path) ?? []).some(
        ({ verdict, dependsOn }) => verdict === 'refused' || dependsOn !== undefined,
      );
      expect(canBeRefused, `${path}\n${about}`).toBe(true);
    }
  };

  const gate = createGate({ authenticator: { authenticate: async () => viewer } });
  const outcome = await gate.authorize({
    schema,
    document,
    operationName,
    variableValues: variables,
    contextValue: { viewer },
    rootValue: { kind: 'root', at: 'root' },
  });
  if (outcome.kind === 'refused') {
    expectPredicted(outcome.errors);
  } else {
    const { data, errors = [] } = await execute(outcome.args);
    expectPredicted(errors);
    for (const [path, selections] of byPath) {
      if (selections.some(({ verdict }) => verdict === 'allowed')) continue;
      expect(valuesAt(data, path.split('.')), `${path}\n${about}`).toEqual([]);
    }
  }
  return explained.selections.filter(({ verdict }) => verdict === 'refused').length;
}

/** The values at a path, through lists, without nulls. */
function valuesAt(data: unknown, [key, ...rest]: readonly string[]): readonly unknown[] {
  if (data == null) return [];
  if (Array.isArray(data)) {
    return data.flatMap((item) => valuesAt(item, key === undefined ? [] : [key, ...rest]));
  }
  if (key === undefined) return [data];
  return typeof data === 'object' && Object.hasOwn(data, key)
    ? valuesAt(Reflect.get(data, key), rest)
    : [];
}

const schema = guardSchema(
  buildSchema(`${authDirectives}
    type Query {
      open: String
      own: Note @auth(policy: "owner")
      notes(all: Boolean @auth(scope: "admin")): [Note]
      any: Any
      color: Color
      tone: Tone
      shape: Shape
    }
    type Mutation { write(text: String): Note @auth(scope: "write") }
    type Subscription { written: Note @auth }
    type Note { text: String secret: String @auth(scope: "read") next: Note }
    type Hidden @auth(scope: "admin") { text: String }
    union Any = Note | Hidden
    interface Shape { name: String }
    type Circle implements Shape @auth(scope: "read") { name: String }
    type Square implements Shape @auth(scope: "admin") { name: String }
    enum Color { RED GREEN @auth(scope: "admin") }
    enum Tone { LOW @auth(scope: "admin") HIGH @auth(scope: "read") }
  `),
  { policies: { owner: () => true } },
);
const reader = viewerWith({ scopes: ['read'] });

const explain = (
  query: string,
  viewer: Viewer,
  variables: Readonly<Record<string, unknown>> = {},
): readonly ExplainedSelection[] =>
  explainOperation({ schema, document: parse(query), viewer, variables })?.selections ?? [];

/** One line for each selection. */
const lines = (selections: readonly ExplainedSelection[]): readonly string[] =>
  selections.map(({ path, coordinate, verdict, dependsOn = [] }) =>
    [
      `${path.join('.')} (${coordinate}): ${verdict}`,
      ...dependsOn.map((one) => (one.kind === 'policy' ? `policy ${one.policy}` : one.kind)),
    ].join(', '),
  );

test.each<[string, string, Viewer, Readonly<Record<string, unknown>>, readonly string[]]>([
  [
    'what is below a refusal',
    'mutation { write { text } }',
    reader,
    {},
    ['write (Mutation.write): refused', 'write.text (Note.text): below a refusal'],
  ],
  [
    'aliases and fragments',
    '{ mine: notes { ...Parts } yours: notes { ...Parts } } fragment Parts on Note { secret }',
    anonymous,
    {},
    [
      'mine (Query.notes): allowed',
      'mine.secret (Note.secret): refused',
      'yours (Query.notes): allowed',
      'yours.secret (Note.secret): refused',
    ],
  ],
  [
    'an argument that is supplied',
    'query ($all: Boolean) { notes(all: $all) { text } }',
    reader,
    { all: true },
    ['notes (Query.notes(all:)): refused', 'notes.text (Note.text): below a refusal'],
  ],
  [
    'an argument that is not',
    'query ($all: Boolean) { notes(all: $all) { text } }',
    reader,
    {},
    ['notes (Query.notes): allowed', 'notes.text (Note.text): allowed'],
  ],
  [
    'a policy',
    '{ own { text } }',
    reader,
    {},
    ['own (Query.own): allowed, policy owner', 'own.text (Note.text): allowed'],
  ],
  [
    'a policy, for an anonymous viewer',
    '{ own { next { text } } }',
    anonymous,
    {},
    [
      'own (Query.own): refused',
      'own.next (Note.next): below a refusal',
      'own.next.text (Note.text): below a refusal',
    ],
  ],
  [
    'a union of which some is guarded',
    '{ any { __typename } }',
    reader,
    {},
    ['any (Query.any): allowed, type', 'any.__typename (Any.__typename): allowed, type'],
  ],
  [
    'an interface of which all is guarded',
    '{ shape { name } }',
    reader,
    {},
    ['shape (Query.shape): allowed, type', 'shape.name (Shape.name): allowed, type'],
  ],
  [
    'the same, of which nothing is allowed',
    '{ shape { name } }',
    anonymous,
    {},
    ['shape (Query.shape): refused', 'shape.name (Shape.name): below a refusal'],
  ],
  [
    'an enum of which some is guarded',
    '{ color }',
    reader,
    {},
    ['color (Query.color): allowed, value'],
  ],
  [
    'an enum of which all is guarded',
    '{ tone }',
    reader,
    {},
    ['tone (Query.tone): allowed, value'],
  ],
  [
    'the same, of which nothing is allowed',
    '{ tone }',
    anonymous,
    {},
    ['tone (Query.tone): refused'],
  ],
  [
    'introspection',
    '{ __schema { queryType { name } } __typename }',
    anonymous,
    {},
    ['__schema (Query.__schema): allowed', '__typename (Query.__typename): allowed'],
  ],
  [
    'a subscription',
    'subscription { written { secret } }',
    viewerWith(),
    {},
    ['written (Subscription.written): allowed', 'written.secret (Note.secret): refused'],
  ],
  [
    'what @skip leaves out',
    'query ($no: Boolean!) { open @skip(if: $no) own @include(if: false) { text } color }',
    reader,
    { no: true },
    ['color (Query.color): allowed, value'],
  ],
])('%s', (_case, query, viewer, variables, expected) => {
  expect(lines(explain(query, viewer, variables))).toEqual(expected);
});

test('names every place of a selection in the document', () => {
  const [, text, next] = explain(
    '{ notes { a: text } ...More } fragment More on Query { notes { a: text next { text } } }',
    reader,
  );
  expect(text?.nodes.map(print)).toEqual(['a: text', 'a: text']);
  expect(next?.nodes.map(print)).toHaveLength(1);
});

test('describes a rule with many alternatives by their number', () => {
  const count = 100;
  const types = Array.from(
    { length: count },
    (_, index) =>
      `type T${index} implements N @auth(scope: ["a${index}", "b${index} c${index}"]) { n: N }`,
  );
  const large = guardSchema(
    buildSchema(
      `${authDirectives} interface N { n: N } ${types.join(' ')} type Query { n: N @auth }`,
    ),
  );
  const explained = explainOperation({
    schema: large,
    document: parse('{ n { n { n { __typename } } } }'),
    viewer: anonymous,
  });
  const rules = explained?.selections.map(({ access }) => describeAccess(access));
  expect(rules?.[0]?.rule).toBe(`@auth and one of ${count} alternatives`);
  for (const { rule, from } of rules ?? []) {
    expect(rule.length).toBeLessThan(600);
    expect(from.length).toBeLessThanOrEqual(20);
  }
});
