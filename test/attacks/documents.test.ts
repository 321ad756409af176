import fc from 'fast-check';
import { type GraphQLError, getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { generatedCases, hostileSeed } from '../support/generated-cases.ts';
import { abusiveBodies, hostileOperation } from '../support/hostile/documents.ts';
import { send } from '../support/http.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

const json = ['Content-Type', 'application/json', 'Accept', 'application/json'];
const post = (body: string, headers: readonly string[] = json) =>
  send(server.endpoint, { method: 'POST', headers, body });

/** Sends an operation without a token; directly, then through Yoga. */
async function findProblem(body: string): Promise<string | undefined> {
  const start = performance.now();
  const [direct, byYoga] = [
    await post(body),
    await post(body, [...json, 'Transfer-Encoding', 'chunked']),
  ];
  const milliseconds = performance.now() - start;
  if (direct.status >= 500) return `status ${direct.status}: ${direct.text.slice(0, 300)}`;
  if (direct.status !== byYoga.status || direct.text !== byYoga.text)
    return 'another response by Yoga';
  if (/Hello from a private field/.test(direct.text)) return 'data that requires a token';
  if (direct.text.length > 300_000) return `${direct.text.length} bytes`;
  if (milliseconds > 5_000) return `${milliseconds} ms`;
  const { data, errors } = JSON.parse(direct.text);
  return data === undefined && errors === undefined ? 'neither data nor errors' : undefined;
}

describe('an operation that abuses the language is answered, quickly and shortly', () => {
  it.each(Object.entries(abusiveBodies))('%s', async (_, body) => {
    expect(await findProblem(body)).toBeUndefined();
  });
});

it(`so is a generated one, from the seed ${hostileSeed}`, async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(hostileOperation, { minLength: 20, maxLength: 20 }), async (all) => {
      const problems = all.map((operation) => findProblem(JSON.stringify(operation)));
      expect((await Promise.all(problems)).filter((problem) => problem !== undefined)).toEqual([]);
    }),
    { numRuns: generatedCases(3), seed: hostileSeed },
  );
  expect(server.logged.filter((line) => JSON.parse(line).level >= 50)).toEqual([]);
});

describe.each(['on', 'viewer'])('a schema is sent once with INTROSPECTION=%s', (INTROSPECTION) => {
  let other: TestServer;
  beforeAll(async () => {
    other = await startTestServer({ INTROSPECTION }, server.issuer);
  });
  afterAll(() => other.stop());

  const ask = async (query: string) => {
    const body = JSON.stringify({ query });
    const { status, text } = await send(other.endpoint, { method: 'POST', headers: json, body });
    return { status, body: JSON.parse(text) };
  };
  const many = (text: (index: number) => string): string =>
    Array.from({ length: 20 }, (_, index) => text(index)).join(' ');
  const fields = 'types { fields { name type { fields { name args { name type { name } } } } } }';

  it.each([
    [
      'the fields of the type of each field of each type, 20 times',
      `{ ${many((index) => `a${index}: __schema { ...S }`)} } fragment S on __Schema { ${fields} }`,
      { introspectionLists: 80, introspectionDepth: 3 },
    ],
    ['these fields once', `{ __schema { ${fields} } }`, { introspectionDepth: 3 }],
    [
      'all fields 40 times',
      `{ __schema { types { ${many((index) => `a${index}: fields { name } b${index}: fields { name }`)} } } }`,
      { aliases: 40, introspectionLists: 41 },
    ],
  ])('%s: refused', async (_, query, exceeded) => {
    const { status, body } = await ask(query);
    expect(status).toBe(400);
    const limits = body.errors.map(({ extensions }: GraphQLError) => [
      extensions.limit,
      extensions.actual,
    ]);
    expect(Object.fromEntries(limits)).toEqual(exceeded);
  });

  it('the query of tools: allowed', async () => {
    const { status, body } = await ask(getIntrospectionQuery({ oneOf: true }));
    expect([status, Object.keys(body)]).toEqual([200, ['data']]);
  });
});

describe('what a page of another origin can send without a preflight runs nothing', () => {
  const mutation = '{"query":"mutation { a }"}';
  const form = new URLSearchParams({ query: 'mutation { a }' }).toString();
  it.each([
    ['text/plain', mutation],
    ['text/plain; application/json', mutation],
    ['text/plain;charset=application/json', mutation],
    ['application/x-www-form-urlencoded', form],
    ['application/x-www-form-urlencoded; charset=application/json', form],
    [
      'multipart/form-data; boundary=a',
      `--a\r\nContent-Disposition: form-data; name="query"\r\n\r\nmutation { a }\r\n--a--`,
    ],
    ['multipart/form-data; boundary=application/json', mutation],
    ['', mutation],
    [' ', mutation],
    ['*/*', mutation],
    ['application/jsonp', mutation],
    ['application/json-patch+json', mutation],
    ['application/csp-report', mutation],
    ['text/json', mutation],
    ['application/graphql', 'mutation { a }'],
    ['application/json, text/plain', mutation],
    ['text/plain, application/json', mutation],
  ])('Content-Type: %s', async (type, body) => {
    for (const framing of [[], ['Transfer-Encoding', 'chunked']]) {
      const response = await post(body, ['Content-Type', type, 'Origin', 'null', ...framing]);
      expect([response.status, response.headers['access-control-allow-origin']]).toEqual([
        415,
        undefined,
      ]);
    }
  });

  it.each([
    ['GET', '/graphql?query=mutation{a}'],
    ['GET', '/graphql?query=query%20A{__typename}mutation%20B{a}&operationName=B'],
    ['GET', '/graphql?query=subscription{clock{time}}'],
    ['HEAD', '/graphql?query=mutation{a}'],
    ['PUT', '/graphql?query=mutation{a}'],
    ['DELETE', '/graphql?query=mutation{a}'],
    ['PATCH', '/graphql?query=mutation{a}'],
  ])('%s %s', async (method, target) => {
    const headers = ['X-HTTP-Method-Override', 'POST', 'X-Method-Override', 'POST'];
    const { status, text } = await send(server.origin, { method, target, headers });
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(500);
    expect(text).not.toContain('"data":{');
  });
});
