import { normalizedExecutor } from '@graphql-tools/executor';
import { buildSchema, type ExecutionArgs, execute, parse } from 'graphql';
import { describe, expect, test } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import { explainOperation } from '../../src/authorization/review/explain-operation.ts';
import { createGate } from '../../src/gate/gate.ts';
import { anonymousViewer, RulesApi } from '../support/rules-api.ts';

/*
 * With graphql before 16.14, other variables inherit their values from that of `$__proto__`, where rules do
 * not look for them.
 */

const types = `
  type Query { search(filter: Filter): String note(input: Note): String }
  type Mutation { search(filter: Filter): String note(input: Note): String }
  type Subscription { search(filter: Filter): String note(input: Note): String }
  input Filter { text: String secret: String @auth(scope: "admin") }
  input Note { title: String }
`;
const operation =
  '($__proto__: Note, $title: String) { note(input: $__proto__) search(filter: { secret: $title }) }';
const variables = JSON.parse('{"__proto__":{"title":"secret"}}');
const message = 'A variable cannot be named $__proto__: rename it.';
const refused = { errors: [{ message, extensions: { code: 'BAD_REQUEST' } }] };

describe('a variable named __proto__', () => {
  const api = new RulesApi(types, { data: { search: 'secret', note: 'secret' } });
  const ordinary = new RulesApi(types, {
    data: { search: 'secret', note: 'secret' },
    execution: 'ordinary',
  });
  const bodies = {
    'a query': { query: `query ${operation}`, variables },
    'a query of which no other part is guarded': {
      query: 'query ($__proto__: Note) { note(input: $__proto__) }',
      variables,
    },
    'a mutation': { query: `mutation ${operation}`, variables },
    'a default': {
      query: 'query ($__proto__: Note = { title: "secret" }) { note(input: $__proto__) }',
    },
    'one of several operations': {
      query: `query A { __typename } query B ${operation}`,
      operationName: 'B',
      variables,
    },
  };
  test.each(Object.entries(bodies))('%s is rejected', async (_name, body) => {
    const responses = [
      await api.post(body),
      await ordinary.post(body),
      await api.postDirectly(body),
      // Now it is prepared.
      await api.postDirectly(body),
    ];
    for (const response of responses) {
      expect([response.status, await response.json()]).toEqual([400, refused]);
    }
    expect([...api.ran, ...ordinary.ran]).toEqual([]);
  });

  test('another operation of the document runs', async () => {
    const query = `query A { note } query B ${operation}`;
    const response = await api.post({ query, operationName: 'A', variables });
    expect([response.status, await response.json()]).toEqual([200, { data: { note: 'secret' } }]);
    api.ran.length = 0;
  });

  test('a subscription is rejected by every adapter: the gate does it', async () => {
    const gate = createGate({ authenticator: { authenticate: async () => anonymousViewer } });
    const outcome = await gate.authorize({
      schema: api.schema,
      document: parse('subscription ($__proto__: Note) { note(input: $__proto__) }'),
      variableValues: variables,
      contextValue: {},
    });
    expect(outcome).toMatchObject({ kind: 'refused', status: 400, headers: {}, ...refused });
  });

  test('nothing is decided about it', async () => {
    const decided: unknown[] = [];
    const gate = createGate({
      authenticator: { authenticate: async () => anonymousViewer },
      observers: [{ onDecision: ({ coordinates }) => void decided.push(coordinates()) }],
    });
    await gate.authorize({
      schema: api.schema,
      document: parse(`query ${operation}`),
      variableValues: variables,
      contextValue: {},
    });
    expect(decided).toEqual([[]]);
  });

  test('it is not examined or explained', () => {
    expect(() => api.refusals(`query ${operation}`, { variables })).toThrow(message);
    const document = parse(`query ${operation}`);
    const request = { schema: api.schema, document, variables, viewer: anonymousViewer };
    expect(explainOperation(request)).toBeUndefined();
  });

  test.each(['graphql', 'tools'] as const)(
    'without a gate, guarded inputs are refused (%s)',
    async (executor) => {
      const { errors, ran } = await api.alone(`query ${operation}`, { variables }, executor);
      expect(errors).toEqual({ search: 'BAD_REQUEST' });
      expect(ran).toEqual(['Query.note']);
    },
  );
});

test.each<[string, (args: ExecutionArgs) => unknown]>([
  ['graphql', execute],
  ['tools', normalizedExecutor],
])('an operation within another cannot have it either (%s)', async (_name, executor) => {
  const found: unknown[] = [];
  const results: unknown[] = [];
  const schema = buildSchema(`${authDirectives}
    type Query { outer: String search(filter: Filter): String }
    input Filter { text: String secret: String @auth(scope: "admin") }
  `);
  const fields = schema.getQueryType()?.getFields();
  if (!fields?.['outer'] || !fields['search']) throw new Error('No fields.');
  fields['search'].resolve = (_source, args) => void found.push(args);
  fields['outer'].resolve = async (_source, _args, contextValue, info) => {
    const [nested] = parse(
      'query ($__proto__: Filter, $title: String) { search(filter: { secret: $title }) }',
    ).definitions;
    if (nested?.kind !== 'OperationDefinition') throw new Error('No operation.');
    const { variableDefinitions, selectionSet } = nested;
    // It carries the state of the outer execution.
    const definition = { ...info.operation, selectionSet, variableDefinitions };
    const document = { kind: 'Document', definitions: [definition] };
    results.push(
      await executor({
        schema: info.schema,
        document: document as ExecutionArgs['document'],
        variableValues: JSON.parse('{"__proto__":{"text":"a"}}'),
        contextValue,
      }),
    );
  };
  const gate = createGate({ authenticator: { authenticate: async () => anonymousViewer } });
  const outcome = await gate.authorize({
    schema: guardSchema(schema),
    document: parse('{ outer }'),
    contextValue: {},
  });
  if (outcome.kind !== 'allowed') throw new Error('It was refused.');
  await execute(outcome.args);
  expect(results).toMatchObject([{ errors: [{ path: ['search'], message }] }]);
  expect(found).toEqual([]);
});
