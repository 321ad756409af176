import { type DocumentNode, GraphQLError, parse } from 'graphql';
import type { YogaServer } from 'graphql-yoga';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type DirectPlugin,
  isServedDirectly,
  servedDirectly,
} from '../../../src/adapters/node/direct-plugin.ts';
import { authDirectives } from '../../../src/authorization/directives/auth-directives.ts';
import type { ApiPlugin, Viewer } from '../../../src/server/api-definition.ts';
import { buildApi } from '../../../src/server/build-api.ts';
import { type OperationOptions, operate } from '../../support/http.ts';
import { boundToken, createProof } from '../../support/proofs.ts';
import { startTestServer, type TestServer } from '../../support/server.ts';
import { createTestKey } from '../../support/tokens.ts';

const typeDefs = /* GraphQL */ `
  ${authDirectives}
  type Query { greeting: String, headers: String, sent: String, private: String @auth, nested(again: String!): String, broken: String @auth(policy: "broken") }
  type Mutation { count: Int, fail: Int, failWithStatus: Int, returnBigInt: Big, breakDown: Int @auth(policy: "broken"), both: Both }
  type Both { fail: Int!, nestedInYoga: String }
  scalar Big
`;

/** What ran, in order, and whether Yoga got the request. */
let ran: string[] = [];
/** Yoga's server lists the members of each body. */
let membersOfBody = 0;
/** Called when Yoga gets a request. */
let arrive = (): void => {};
let server: TestServer;
/** What a resolver leaves to be done after its operation. */
let afterwards: (() => unknown) | undefined;
let api: Pick<YogaServer<object, object>, 'getEnveloped'> | undefined;

const noting: ApiPlugin = {
  ...servedDirectly,
  onYogaInit({ yoga }) {
    api = yoga;
  },
  onRequest({ serverContext }) {
    ran.push('Yoga');
    arrive();
    const { req } = Object(serverContext);
    membersOfBody = Object.keys(req.body ?? {}).length;
  },
};

beforeEach(async () => {
  const note = (what: string) => void ran.push(what);
  server = await startTestServer(
    {},
    undefined,
    buildApi({
      typeDefs,
      policies: {
        broken: () => {
          note('policy');
          return true;
        },
      },
      createContext: (_viewer: Viewer, request: Request) => {
        note('createContext');
        if (request.headers.has('x-fail')) throw new Error('the database said: password');
        return {};
      },
      resolvers: {
        Query: {
          greeting: () => 'hello',
          private: () => 'private',
          headers: (_source, _args, context) => {
            Object(context).res.setHeader('Cache-Control', 'max-age=60').setHeader('X-Own', '1');
          },
          sent: (_source, _args, context) => {
            Object(context).res.end('"mine"');
          },
          async nested(_source, { again }, context) {
            note('nested');
            const enveloped = api?.getEnveloped(context);
            const result = await enveloped?.execute({
              schema: enveloped.schema,
              document: parse(again),
              contextValue: context,
            });
            return JSON.stringify(result);
          },
        },
        Mutation: {
          count: () => {
            note('count');
            return 1;
          },
          fail: () => {
            note('fail');
            throw new Error('the database said: password');
          },
          failWithStatus: (_source, _args, context) => {
            note('fail');
            const enveloped = api?.getEnveloped(context);
            afterwards = () =>
              enveloped?.execute({
                schema: enveloped.schema,
                document: parse('{ greeting }'),
                contextValue: context,
              });
            throw new GraphQLError('Sold out.', {
              extensions: { http: { status: 410, headers: { 'X-Sold': 'out' } } },
            });
          },
          returnBigInt: () => {
            note('count');
            return 1n;
          },
          both: () => {
            note('both');
            return {};
          },
        },
        Both: {
          fail: () => Promise.reject(new Error('the database said: password')),
          async nestedInYoga(_source, _args, context) {
            const arrival = new Promise<void>((resolve) => {
              arrive = resolve;
            });
            if (!ran.includes('Yoga')) await arrival;
            const enveloped = api?.getEnveloped(context);
            afterwards = () => result;
            const result = enveloped?.execute({
              schema: enveloped.schema,
              document: parse('{ greeting }'),
              contextValue: context,
            });
          },
        },
      },
      plugins: [noting],
    }),
  );
  ran = [];
});
afterEach(() => server.stop());

/** Runs an operation; what ran, and the response. */
async function run(query: string, options?: OperationOptions) {
  ran = [];
  const { status, body, headers, text } = await operate(server.endpoint, query, options);
  return { status, body, headers, text, ran };
}

describe('what was done before a request is handed over is not done again', () => {
  it('a DPoP proof counts once', async () => {
    const key = createTestKey();
    const prove = () => {
      const token = boundToken(server.issuer, key);
      const proof = createProof({ key, token, clock: server.issuer.clock, url: server.endpoint });
      return { headers: ['Authorization', `DPoP ${token}`, 'DPoP', proof] };
    };
    const first = await run('{ private }', prove());
    const second = await run('{ private }', prove());
    expect([first.status, first.ran]).toEqual([200, ['Yoga', 'createContext']]);
    expect([second.status, second.ran]).toEqual([200, ['createContext']]);
    const used = prove();
    expect((await run('{ greeting private }', used)).status).toBe(200);
    expect((await run('{ greeting private }', used)).status).toBe(401);
  });

  it.each([
    ['that throws', 'mutation { count fail }', 200, ['createContext', 'count', 'fail', 'Yoga']],
    [
      'that throws with a status beside data',
      'mutation { count failWithStatus }',
      200,
      ['createContext', 'count', 'fail', 'Yoga'],
    ],
    [
      'whose result is not JSON',
      'mutation { returnBigInt }',
      500,
      ['createContext', 'count', 'Yoga'],
    ],
  ])('a mutation %s runs once', async (_case, query, status, expected) => {
    await run(query);
    const again = await run(query);
    expect([again.status, again.ran]).toEqual([status, expected]);
    expect(again.text).not.toContain('password');
  });

  it('createContext is called once, also if it throws', async () => {
    await run('{ greeting }');
    expect((await run('{ greeting }')).ran).toEqual(['createContext']);
    const failed = await run('{ greeting }', { headers: ['X-Fail', 'yes'] });
    expect([failed.status, failed.ran]).toEqual([500, ['createContext', 'Yoga']]);
    expect(failed.text).not.toContain('password');
    expect(server.logged.join('').match(/the database said: password/g)).toHaveLength(1);
  });

  it('a value that has a member then is an error of Yoga, once', async () => {
    await run('mutation { then: count }');
    const again = await run('mutation { then: count }');
    expect([again.status, again.ran]).toEqual([500, ['createContext', 'count', 'Yoga']]);
  });
});

it('a resolver can set headers of the response, or send it', async () => {
  // The second time, the operation is prepared.
  for (const _ of ['through Yoga', 'directly']) {
    const { status, headers } = await run('{ headers greeting }');
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'cache-control': 'max-age=60',
      'x-own': '1',
      'x-content-type-options': 'nosniff',
    });
    expect(await run('{ sent }')).toMatchObject({ status: 200, body: 'mine' });
    expect(await run('{ greeting }')).toMatchObject({ status: 200 });
  }
});

it('a large body takes no longer in Yoga because it has been read', async () => {
  const { status } = await run(`{ greeting } # ${'x'.repeat(50_000)}`);
  expect([status, ran]).toEqual([200, ['Yoga', 'createContext']]);
  expect(membersOfBody).toBeLessThan(100);
});

describe('an operation that a resolver executes in the context of its own', () => {
  it.each(['{ nested(again: "{ greeting }") }', '{ nested(again: "{ greeting }") private }'])(
    'has its own result: %s',
    async (query) => {
      const first = await run(query);
      const second = await run(query);
      expect(second.text).toBe(first.text);
      expect(second.body.data?.['nested']).toContain('{"data":{"greeting":"hello"}');
      expect([first.ran, second.ran]).toEqual([
        ['Yoga', 'createContext', 'nested'],
        ['createContext', 'nested'],
      ]);
    },
  );

  it('does not get what is handed over', async () => {
    const query =
      '{ nested(again: "{ nested(again: \\"{ greeting }\\") }") __schema { __typename } }';
    for (const _ of [1, 2]) {
      const { body } = await run(query);
      const outer = JSON.parse(String(body.data?.['nested']));
      expect(JSON.parse(outer.data.nested).data).toEqual({ greeting: 'hello' });
    }
  });

  it('does not get it while it is handed over either', async () => {
    await run('mutation { both { fail nestedInYoga } }');
    const again = await run('mutation { both { fail nestedInYoga } }');
    expect([again.status, again.ran]).toEqual([200, ['createContext', 'both', 'Yoga']]);
    expect(await afterwards?.()).toMatchObject({ data: { greeting: 'hello' } });
  });

  it('does not get it after the response either', async () => {
    for (const _ of [1, 2]) {
      expect((await run('mutation { failWithStatus }')).status).toBe(410);
      expect(await afterwards?.()).toMatchObject({ data: { greeting: 'hello' } });
    }
  });
});

it('one plugin that needs a document takes that document only', async () => {
  const needy = {
    [isServedDirectly]: (document: DocumentNode) =>
      !document.loc?.source.body.includes('__typename'),
  };
  const own = await startTestServer(
    {},
    server.issuer,
    buildApi({
      typeDefs,
      resolvers: {},
      policies: { broken: () => true },
      plugins: [noting, Object.assign<ApiPlugin, DirectPlugin>({}, needy)],
    }),
  );
  ran = [];
  for (const query of ['{ __typename }', '{ greeting }', '{ __typename }', '{ greeting }']) {
    await operate(own.endpoint, query);
  }
  await own.stop();
  expect(ran).toEqual(['Yoga', 'Yoga', 'Yoga']);
});
