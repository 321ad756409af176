import { useResponseCache } from '@graphql-yoga/plugin-response-cache';
import { GraphQLError } from 'graphql';
import { describe, expect, it } from 'vitest';
import { authDirectives } from '../../../src/authorization/directives/auth-directives.ts';
import type { ApiPlugin } from '../../../src/server/api-definition.ts';
import { buildApi } from '../../../src/server/build-api.ts';
import { operate } from '../../support/http.ts';
import { startTestServer } from '../../support/server.ts';

/** Notes that a hook was called. */
type Note = () => void;

/** A plugin with one hook that changes the response, by the name of the hook. */
const plugins: Readonly<Record<string, (note: Note) => ApiPlugin>> = {
  onRequest: (note) => ({
    onRequest({ endResponse, fetchAPI }) {
      note();
      endResponse(new fetchAPI.Response('{"data":{"greeting":"changed"}}'));
    },
  }),
  onRequestParse: (note) => ({
    onRequestParse({ setRequestParser }) {
      note();
      setRequestParser(() => ({ query: '{ greeting: other }' }));
    },
  }),
  onParams: (note) => ({
    onParams({ setParams }) {
      note();
      setParams({ query: '{ greeting: other }' });
    },
  }),
  onParse: (note) => ({
    onParse({ parseFn, setParseFn }) {
      note();
      setParseFn(() => parseFn('{ greeting: other }'));
    },
  }),
  onValidate: (note) => ({
    onValidate({ setResult }) {
      note();
      setResult([new GraphQLError('changed')]);
    },
  }),
  onContextBuilding: (note) => ({
    onContextBuilding({ context }) {
      note();
      Object.assign(context ?? {}, { greeting: 'changed' });
    },
  }),
  onEnveloped: (note) => ({
    onEnveloped({ context }) {
      note();
      Object.assign(context ?? {}, { greeting: 'changed' });
    },
  }),
  onExecute: (note) => ({
    onExecute({ args, setExecuteFn, executeFn }) {
      note();
      setExecuteFn(() => executeFn({ ...args, rootValue: { greeting: 'changed' } }));
    },
  }),
  onExecutionResult: (note) => ({
    onExecutionResult({ setResult }) {
      note();
      setResult({ errors: [new GraphQLError('changed')] });
    },
  }),
  onResultProcess: (note) => ({
    onResultProcess({ setResultProcessor }) {
      note();
      setResultProcessor(
        (_result, fetchAPI) => new fetchAPI.Response('{"data":{"greeting":"changed"}}'),
        'application/json',
      );
    },
  }),
  onResponse: (note) => ({
    onResponse({ response }) {
      note();
      response.headers.set('x-changed', 'changed');
    },
  }),
  instrumentation: (note) => ({
    instrumentation: {
      request(_payload, wrapped) {
        note();
        return wrapped();
      },
    },
  }),
};

const typeDefs = /* GraphQL */ `
  ${authDirectives}
  type Query { greeting: String, other: String, private: String @auth }
  type Subscription { greeting: String }
`;

/** What resolvers of this API read. */
interface Source {
  readonly greeting?: string;
}

async function startWith(plugin: ApiPlugin) {
  let executed = 0;
  const api = buildApi({
    typeDefs,
    resolvers: {
      Query: {
        greeting: (source: Source | undefined, _args: unknown, context: Source) => {
          executed += 1;
          return source?.greeting ?? context.greeting ?? 'unchanged';
        },
        other: () => 'changed',
      },
      Subscription: {
        greeting: {
          async *subscribe() {
            yield { greeting: 'unchanged' };
          },
        },
      },
    },
    plugins: [plugin],
  });
  const server = await startTestServer({}, undefined, api);
  return { server, executed: () => executed };
}

describe('a plugin of the API is called for every request, and what it does has an effect', () => {
  it.each(Object.entries(plugins))('%s', async (hook, create) => {
    let calls = 0;
    const { server } = await startWith(
      create(() => {
        calls += 1;
      }),
    );
    try {
      for (const expected of [1, 2, 3]) {
        const { text, headers } = await operate(server.endpoint, '{ greeting }');
        const isOnlyObserved = hook === 'instrumentation';
        expect(text + headers['x-changed']).toContain(isOnlyObserved ? 'unchanged' : 'changed');
        if (!isOnlyObserved && hook !== 'onResponse') expect(text).not.toContain('unchanged');
        // Yoga parses and validates a document once.
        const isCached = hook === 'onParse' || hook === 'onValidate';
        expect(calls >= (isCached ? 1 : expected)).toBe(true);
      }
    } finally {
      await server.stop();
    }
  });
});

it('onSubscribe is called for every subscription', async () => {
  let calls = 0;
  const { server } = await startWith({
    onSubscribe({ setResultAndStopExecution }) {
      calls += 1;
      setResultAndStopExecution({ errors: [new GraphQLError('changed')] });
    },
  });
  for (const expected of [1, 2]) {
    const response = await fetch(server.endpoint, {
      method: 'POST',
      headers: { accept: 'text/event-stream', 'content-type': 'application/json' },
      body: JSON.stringify({ query: 'subscription { greeting }' }),
    });
    expect(await response.text()).toContain('changed');
    expect(calls).toBe(expected);
  }
  await server.stop();
});

it('a response cache responds from its memory', async () => {
  const { server, executed } = await startWith(useResponseCache({ session: () => null }));
  const texts = [];
  for (let run = 0; run < 3; run += 1) {
    texts.push((await operate(server.endpoint, '{ greeting }')).text);
  }
  const token = server.issuer.sign();
  const mine = await operate(server.endpoint, '{ private }', { token });
  const theirs = await operate(server.endpoint, '{ private }');
  await server.stop();
  expect(new Set(texts)).toEqual(new Set(['{"data":{"greeting":"unchanged"}}']));
  expect(executed()).toBe(1);
  // What it keeps for everyone is not sent to viewers for whom it was not made.
  expect([mine.status, theirs.status]).toEqual([200, 500]);
  expect(theirs.body).not.toHaveProperty('data');
});
