import { expect } from 'vitest';
import type { MatrixCase } from './matrix-case.ts';
import { type ComparedResponse, get, post } from './responses.ts';

/** What the error of an operation beyond a limit has, which is the same wherever it is sent. */
export const limitError = (limit: string, max: number, actual: number): object => ({
  message: expect.stringContaining(` is ${actual}, and the maximum of this API is ${max}.`),
  extensions: { code: 'OPERATION_LIMIT_EXCEEDED', limit, max, actual },
});

/** One operation beyond each limit of `servers/matrix-options.js`: with its maximum, and what it has. */
const beyondLimits: Readonly<Record<string, readonly [query: string, max: number, has: number]>> = {
  cost: ['{ books { title } a: books { title } b: books { title } }', 25, 30],
  depth: ['{ books { sequel { title } } }', 2, 3],
  aliases: ['{ a: public b: public c: public }', 2, 3],
  rootFields: ['{ public private scoped claimed }', 3, 4],
  directives: ['{ public @skip(if: false) @include(if: true) scoped @skip(if: true) }', 2, 3],
};

const refused = (...errors: readonly object[]): object => ({
  status: 400,
  challenge: undefined,
  body: { errors },
});

/** Operations beyond a limit: nothing of them runs, and no rule is compared with the viewer. */
export const limitCases: readonly MatrixCase[] = [
  {
    name: 'operation beyond a limit',
    async run({ servers, issuer }) {
      const { endpoint } = servers.optional;
      const responses: Record<string, ComparedResponse> = {};
      for (const [limit, [query, max, has]] of Object.entries(beyondLimits)) {
        const expected = refused(limitError(limit, max, has));
        const headers = ['Authorization', `Bearer ${issuer.sign()}`];
        responses[limit] = await post(endpoint, query);
        responses[`${limit}, with a token`] = await post(endpoint, query, headers);
        responses[`${limit}, GET`] = await get(endpoint, query);
        for (const response of Object.values(responses).slice(-3)) {
          expect(response, limit).toMatchObject(expected);
          expect(response.body, limit).not.toHaveProperty('data');
        }
      }
      return responses;
    },
  },
  {
    name: 'operation beyond several limits: one error for each',
    async run({ servers }) {
      const response = await post(
        servers.optional.endpoint,
        '{ a: public b: public c: public d: public }',
      );
      expect(response).toMatchObject(
        refused(limitError('aliases', 2, 4), limitError('rootFields', 3, 4)),
      );
      return { response };
    },
  },
  {
    name: 'mutation beyond a limit runs nothing',
    async run({ servers }) {
      const { endpoint } = servers.optional;
      const before = await post(endpoint, '{ mutationCount }');
      const mutation = 'mutation { addOpenly a: addOpenly b: addOpenly c: addOpenly }';
      const response = await post(endpoint, mutation);
      expect(response).toMatchObject(
        refused(limitError('aliases', 2, 3), limitError('rootFields', 3, 4)),
      );
      expect((await post(endpoint, '{ mutationCount }')).body).toEqual(before.body);
      return { response };
    },
  },
  {
    name: 'cost that depends on variables',
    async run({ servers }) {
      const { endpoint } = servers.optional;
      const query = `query ($all: Boolean!) {
        books { title }
        a: books @include(if: $all) { title }
        b: books @include(if: $all) { title }
      }`;
      const within = await post(endpoint, query, [], { all: false });
      const beyond = await post(endpoint, query, [], { all: true });
      expect(within).toMatchObject({ status: 200, body: { data: { books: expect.any(Array) } } });
      expect(beyond).toMatchObject(refused(limitError('cost', 25, 30)));
      return { within, beyond };
    },
  },
];
