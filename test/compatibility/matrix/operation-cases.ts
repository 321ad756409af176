import { expect } from 'vitest';
import { dpop, partsOf } from '../../support/refusals/refusal-row.ts';
import type { MatrixCase } from './matrix-case.ts';
import { type ComparedResponse, get, post, request } from './responses.ts';
import type { Mode, Target } from './start-target.ts';

/** The header of a token with these claims. */
const bearer = ({ issuer }: Target, claims: Readonly<Record<string, unknown>> = {}): string[] => [
  'Authorization',
  `Bearer ${issuer.sign({ claims })}`,
];

/** A case of one operation, sent with POST. */
function operationCase(
  name: string,
  query: string,
  headers: (target: Target) => readonly string[],
  expected: Readonly<Record<string, unknown>>,
  mode: Mode = 'optional',
): MatrixCase {
  return {
    name,
    async run(target) {
      const response = await post(target.servers[mode].endpoint, query, headers(target));
      expect(response).toMatchObject(expected);
      return { response };
    },
  };
}

const none = (): readonly string[] => [];

/** A refusal of rules: nothing of the operation runs. */
const refused = (status: 401 | 403, challenge: RegExp) => ({
  status,
  challenge: expect.stringMatching(challenge),
  isNoStore: true,
  body: { errors: [{ extensions: { code: status === 401 ? 'UNAUTHENTICATED' : 'FORBIDDEN' } }] },
});

const served = (data: unknown) => ({ status: 200, challenge: undefined, body: { data } });

/** Sends a mutation, and expects that nothing of it has run. */
function refusedMutation(
  name: string,
  mutation: string,
  claims: Readonly<Record<string, unknown>>,
): MatrixCase {
  return {
    name,
    async run(target) {
      const { endpoint } = target.servers.optional;
      const before = await post(endpoint, '{ mutationCount }');
      const response = await post(endpoint, mutation, bearer(target, claims));
      expect(response).toMatchObject(refused(403, /^Bearer /));
      expect(response.body).not.toHaveProperty('data.addOpenly');
      expect((await post(endpoint, '{ mutationCount }')).body).toEqual(before.body);
      return { response };
    },
  };
}

/** What is allowed, and what is refused by rules. */
export const operationCases: readonly MatrixCase[] = [
  operationCase('public field, no token', '{ public }', none, {
    ...served({ public: 'public' }),
  }),
  operationCase('guarded field, valid token', '{ private subject }', (target) => bearer(target), {
    ...served({ private: 'private', subject: 'auth0|somebody' }),
    isNoStore: true,
  }),
  operationCase(
    'no token: both schemes are offered',
    '{ private }',
    none,
    refused(401, /^Bearer realm="graphql", DPoP realm="graphql", algs="/),
  ),
  operationCase(
    'no token: the scope that is required',
    '{ scoped }',
    none,
    refused(401, /^Bearer .*scope="read:messages"/),
  ),
  operationCase(
    '14. missing scope: the smallest set',
    '{ eitherScope }',
    (target) => bearer(target, { scope: 'read:reports' }),
    refused(403, /^Bearer .*error="insufficient_scope".*scope="read:reports write:reports"/),
  ),
  operationCase(
    '15. missing claim',
    '{ claimed }',
    (target) => bearer(target),
    refused(403, /^Bearer (?!.*error=)/),
  ),
  operationCase(
    '15. policy',
    '{ allowedByPolicy(room: "7") }',
    (target) => bearer(target, { room: '8' }),
    refused(403, /^Bearer (?!.*error=)/),
  ),
  operationCase(
    'policy that allows',
    '{ allowedByPolicy(room: "7") }',
    (target) => bearer(target, { room: '7' }),
    served({ allowedByPolicy: 'allowed by a policy' }),
  ),
  operationCase(
    '16. sign-in too old or too weak',
    '{ steppedUp }',
    (target) => bearer(target),
    refused(401, /error="insufficient_user_authentication".*acr_values="strong".*max_age="?300/),
  ),
  operationCase('partial data', '{ public scoped hidden: private }', (target) => bearer(target), {
    ...served({ public: 'public', scoped: null, hidden: 'private' }),
    isNoStore: true,
    body: {
      errors: [{ path: ['scoped'], extensions: { code: 'FORBIDDEN', scope: 'read:messages' } }],
    },
  }),
  operationCase('refused nested field', '{ books { title notes } }', (target) => bearer(target), {
    ...served({
      books: [
        { title: 'Emma', notes: null },
        { title: 'Persuasion', notes: null },
      ],
    }),
  }),
  operationCase('list with a refused item', '{ items { name } }', (target) => bearer(target), {
    ...served({ items: [{ name: 'lamp' }, null] }),
    body: { errors: [{ path: ['items', 1], extensions: { code: 'FORBIDDEN' } }] },
  }),
  operationCase('introspection', '{ __schema { queryType { name } } }', none, {
    ...served({ __schema: { queryType: { name: 'Query' } } }),
  }),
  operationCase(
    'allowed mutation',
    'mutation { add }',
    (target) => bearer(target, { scope: 'write:messages' }),
    { status: 200, isNoStore: true, body: { data: { add: expect.any(Number) } } },
  ),
  refusedMutation('mutation refused by a scope runs nothing', 'mutation { addOpenly add }', {}),
  refusedMutation(
    'mutation refused by a policy runs nothing',
    'mutation { addOpenly addToRoom(room: "7") }',
    { room: '8' },
  ),
  // By a default: Fastify rejects the name in variables.
  operationCase(
    'variable that would replace a prototype',
    'query ($__proto__: Boolean = true) { public @include(if: $__proto__) }',
    none,
    {
      status: 400,
      challenge: undefined,
      body: { errors: [{ extensions: { code: 'BAD_REQUEST' } }] },
    },
  ),
  {
    name: 'GET',
    async run(target) {
      const { endpoint } = target.servers.optional;
      const served = await get(endpoint, '{ private }', bearer(target));
      const refused = await get(endpoint, '{ private }');
      const rejected = await get(endpoint, '{ public }', ['Authorization', 'Bearer opaque']);
      expect([served, refused, rejected].map(({ status }) => status)).toEqual([200, 401, 401]);
      return { served, refused, rejected };
    },
  },
  {
    name: 'content type by Accept',
    async run(target) {
      const types = ['application/graphql-response+json', 'application/json'];
      const responses: Record<string, ComparedResponse> = {};
      for (const type of types) {
        const credentials = {
          none: [],
          opaque: ['Authorization', 'Bearer opaque'],
          valid: bearer(target),
        };
        for (const [name, headers] of Object.entries(credentials)) {
          const { endpoint } = target.servers.optional;
          const response = await post(endpoint, '{ private }', ['Accept', type, ...headers]);
          expect(response.mediaType).toBe(type);
          responses[`${type}, ${name}`] = response;
        }
      }
      return responses;
    },
  },
  {
    name: 'batch: verified once',
    async run(target) {
      const { bound, proof, endpoint } = partsOf(target.servers.optional);
      const token = bound();
      const headers = ['Content-Type', 'application/json', ...dpop(token, proof(token))];
      const body = JSON.stringify([{ query: '{ private }' }, { query: '{ public subject }' }]);
      const response = await request(endpoint, { method: 'POST', headers, body });
      expect(response).toMatchObject({
        status: 200,
        body: [
          { data: { private: 'private' } },
          { data: { public: 'public', subject: 'auth0|somebody' } },
        ],
      });
      return { response };
    },
  },
  {
    name: 'subscription (SSE)',
    async run(target) {
      const { endpoint } = target.servers.optional;
      const accept = ['Accept', 'text/event-stream'];
      const query = 'subscription { privateCountdown }';
      const allowed = await post(endpoint, query, [...accept, ...bearer(target)]);
      expect(allowed).toMatchObject({ status: 200, mediaType: 'text/event-stream' });
      expect(String(allowed.body)).toMatch(/"privateCountdown":2[\s\S]*"privateCountdown":1/);
      const denied = await post(endpoint, query, accept);
      expect([denied.status, denied.challenge]).toEqual([401, expect.stringContaining('Bearer ')]);
      return { denied };
    },
  },
];
