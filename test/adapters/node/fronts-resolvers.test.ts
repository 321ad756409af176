import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deedNames, sightNames } from './fronts-api.ts';
import { graphql, json, sendTwice, startTwoFronts, type TwoFronts } from './two-fronts.ts';

let fronts: TwoFronts;
let withoutContext: TwoFronts;
beforeAll(async () => {
  fronts = await startTwoFronts();
  withoutContext = await startTwoFronts({ hasContext: false });
});
afterAll(() => Promise.all([fronts.stop(), withoutContext.stop()]));

describe('resolvers that', () => {
  const handedOver = /^(throw|reject|return an error|bigint|cycle|toJSON (throws|with))/;
  it.each(deedNames)('%s', async (what) => {
    for (const operation of [
      `query { does(what: "${what}") }`,
      `mutation { does(what: "${what}") count }`,
    ]) {
      for (const accept of [json, graphql]) {
        const { servedBy } = await sendTwice(fronts, { query: operation }, { accept });
        expect([operation, servedBy]).toEqual([
          operation,
          handedOver.test(what) ? 'Yoga' : 'listener',
        ]);
      }
    }
    for (const field of ['text', 'must'])
      await sendTwice(fronts, { query: `{ ${field}(what: "${what}") private { message } }` });
  });

  it.each(sightNames)('read of their context: %s', async (what) => {
    for (const on of [fronts, withoutContext]) {
      const headers = ['Cookie: a=b', 'Cookie: c=d', 'X-Twice: 1', 'X-Twice: 2', '__proto__: x'];
      const rest = { operationName: 'A', extensions: { a: 1 }, variables: { what } };
      const body = { query: 'query A($what: String!) { seen(what: $what) }', ...rest };
      const response = await sendTwice(on, body, { headers, claims: { scope: 'read:messages' } });
      expect(response).toMatchObject({ status: 200, servedBy: 'listener' });
    }
  });
});

describe('createContext that', () => {
  it.each([
    ['throw', 500, 'Yoga'],
    ['reject', 500, 'Yoga'],
    ['GraphQLError', 200, 'Yoga'],
    ['status', 421, 'Yoga'],
    ['text', 200, 'listener'],
    ['over', 200, 'listener'],
  ])('%s', async (what, status, servedBy) => {
    for (const accept of [json, graphql]) {
      const query = '{ a: seen(what: "added") b: seen(what: "viewer") c: seen(what: "keys") }';
      const response = await sendTwice(
        fronts,
        { query },
        { headers: [`X-Context: ${what}`], accept },
      );
      expect(response).toMatchObject({ status, servedBy });
    }
  });
});
