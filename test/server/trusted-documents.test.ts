import { truncateSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readConfiguration } from '../../src/server/configuration/configuration.ts';
import { documentIdOf } from '../../src/trusted-documents/document-id.ts';
import { manifestFormat } from '../../src/trusted-documents/manifest.ts';
import { connectAs, type RawSocket } from '../subscriptions/raw-socket.ts';
import { readEvents } from '../subscriptions/read-events.ts';
import { type SubscriptionApi, startApi } from '../subscriptions/start-api.ts';
import {
  type ManifestFile,
  writeManifest,
  writeManifestContent,
} from '../support/trusted-documents.ts';

const open = 'query Open { public { message } }';
const mixed = 'query Mixed { public { message } private { message } }';
const failing = 'query Failing { fails public { message } }';
const named = 'query Named($name: String!) { __type(name: $name) { name } }';
const touch = 'mutation Touch { touch }';
const news = 'subscription News { news { text } }';

let manifest: ManifestFile;
let api: SubscriptionApi;
let strict: SubscriptionApi;
beforeAll(async () => {
  manifest = writeManifest(open, mixed, failing, named, touch, news);
  const TRUSTED_DOCUMENTS = manifest.file;
  api = await startApi({
    TRUSTED_DOCUMENTS,
    TRUSTED_DOCUMENTS_MAX_AGE: '60',
    RATE_LIMIT_ADDRESS: '100000/60',
  });
  strict = await startApi({ TRUSTED_DOCUMENTS, TRUSTED_DOCUMENTS_MODE: 'only' });
});
afterAll(async () => {
  await api.stop();
  await strict.stop();
  manifest.remove();
});

const parametersOf = (text: string) => ({
  documentId: { documentId: documentIdOf(text) },
  'the form of Apollo': {
    extensions: { persistedQuery: { version: 1, sha256Hash: documentIdOf(text).slice(7) } },
  },
});

function urlWith(parameters: object, { endpoint }: SubscriptionApi = api): string {
  const search = Object.entries(parameters).map(([name, value]): [string, string] => [
    name,
    typeof value === 'string' ? value : JSON.stringify(value),
  ]);
  return `${endpoint}?${new URLSearchParams(search)}`;
}

const bearer = ({ issuer }: SubscriptionApi = api) => ({
  Authorization: `Bearer ${issuer.sign()}`,
});

describe('by GET', () => {
  const id = (text: string) => parametersOf(text).documentId;
  const shared = 'public, max-age=60';

  it.each([
    ['anonymous', id(open), {}, 200, shared],
    ['anonymous, as Apollo says it', parametersOf(open)['the form of Apollo'], {}, 200, shared],
    ['variables', { ...id(named), variables: { name: 'Query' } }, {}, 200, shared],
    ['other variables', { ...id(named), variables: { name: 'None' } }, {}, 200, shared],
    ['a viewer', id(open), bearer, 200, 'no-store'],
    ['a part that is refused', id(mixed), {}, 200, 'no-store'],
    ['all that is allowed', id(mixed), bearer, 200, 'no-store'],
    ['a field that fails', id(failing), {}, 200, 'no-store'],
    ['variables that do not fit', { ...id(named), variables: {} }, {}, 400, 'no-store'],
    ['a mutation', id(touch), {}, 405, 'no-cache'],
    ['text', { query: open }, {}, 200, 'no-cache'],
    ['an unknown document', { documentId: 'none' }, {}, 200, 'no-cache'],
  ])('%s: Cache-Control', async (_name, parameters, headers, status, caching) => {
    const response = await fetch(urlWith(parameters), {
      headers: {
        Accept: 'application/json',
        ...(typeof headers === 'function' ? headers() : headers),
      },
    });
    expect(response.status).toBe(status);
    expect(response.headers.get('Cache-Control')).toBe(caching);
    expect(response.headers.has('RateLimit')).toBe(caching !== shared);
    if (caching === shared) {
      expect(response.headers.get('Vary')).toBe('Origin, Accept, Authorization');
      expect(await response.json()).toHaveProperty('data');
    }
  });

  it('nothing can be reused by default', async () => {
    const response = await fetch(urlWith(id(open), strict));
    expect([response.status, response.headers.get('Cache-Control')]).toEqual([200, 'no-cache']);
  });

  it.each([
    ['documentId twice', `documentId=a&documentId=b`, 'more than once'],
    ['neither', 'variables={}', 'must have a query'],
    ['extensions that name none', 'extensions={}', 'must have a query'],
  ])('%s is a bad request', async (_name, search, message) => {
    const response = await fetch(`${api.endpoint}?${search}`);
    expect(response.status).toBe(400);
    expect(await response.text()).toContain(message);
  });
});

describe.each(Object.keys(parametersOf('')))('by %s', (form) => {
  const parameters = (text: string): object =>
    new Map(Object.entries(parametersOf(text))).get(form) ?? {};

  it('over SSE', async () => {
    for (const one of [api, strict]) {
      const response = await fetch(urlWith(parameters(news), one), {
        headers: { Accept: 'text/event-stream', ...bearer(one) },
      });
      expect(response.headers.get('Cache-Control')).toBe('no-store');
      const events = readEvents(response);
      await one.source.reaches(1);
      one.source.publish({ text: 'Hello' });
      expect(await events.next()).toEqual({ data: { news: { text: 'Hello' } } });
      await events.leave();
      await one.source.reaches(0);
    }
  });

  it('over WebSocket', async () => {
    for (const one of [api, strict]) {
      const raw = await connectAs(one.webSocket, bearer(one));
      await raw.next();
      const payload = { query: '', ...parameters(news) };
      raw.send({ id: '1', type: 'subscribe', payload });
      await one.source.reaches(1);
      one.source.publish({ text: 'Hello' });
      expect(await raw.next()).toEqual({
        id: '1',
        type: 'next',
        payload: { data: { news: { text: 'Hello' } } },
      });
      raw.socket.terminate();
      await one.source.reaches(0);
    }
  });
});

it.each([
  ['directly', 'application/json'],
  ['through Yoga', 'application/json;  charset=utf-8'],
])('%s, a query that is no text is rejected, also beside a hash', async (_name, type) => {
  const response = await fetch(api.endpoint, {
    method: 'POST',
    headers: { 'Content-Type': type, Accept: 'application/json' },
    body: JSON.stringify({ query: [touch], ...parametersOf(open).documentId }),
  });
  expect(response.status).toBe(400);
  expect(await response.text()).toContain('must have a string property');
});

describe('over WebSocket', () => {
  const ask = async (one: SubscriptionApi, payload: object): Promise<unknown> => {
    const raw: RawSocket = await connectAs(one.webSocket, undefined);
    await raw.next();
    raw.send({ id: '1', type: 'subscribe', payload });
    const message = await raw.next();
    raw.socket.terminate();
    return message;
  };
  const both = () => [api, strict];
  const unknown = { query: '', documentId: 'none' };

  it.each([
    ['a query', both, { query: '', ...parametersOf(open).documentId }, '"message":'],
    ['rules apply', both, { query: '', ...parametersOf(touch).documentId }, 'UNAUTHENTICATED'],
    ['a wrong form', both, { query: '', documentId: 1 }, 'BAD_REQUEST'],
    ['nothing', both, { query: '' }, 'BAD_REQUEST'],
    ['text', () => [api], { query: open }, '"message":'],
    ['text', () => [strict], { query: open }, 'PERSISTED_QUERY_ID_REQUIRED'],
    ['an unknown document', () => [api], unknown, 'PERSISTED_QUERY_NOT_FOUND'],
    ['an unknown document', () => [strict], unknown, 'PERSISTED_QUERY_NOT_IN_LIST'],
  ])('%s', async (_name, apis, payload, part) => {
    for (const one of apis()) {
      const text = JSON.stringify(await ask(one, payload));
      expect(text).toContain(part);
      expect(text).not.toContain('"http"');
    }
  });
});

describe('the manifest', () => {
  const id = documentIdOf(open);
  const entry = { name: 'Open', document: open };
  const written = (documents: unknown, format: unknown = manifestFormat): string =>
    JSON.stringify({ format, documents });
  const entryOf = (document: string, name = 'Open') =>
    written({ [documentIdOf(document)]: { name, document } });

  it.each([
    ['text', 'no', 'is not valid JSON'],
    ['nothing', '', 'is not valid JSON'],
    ['a list', '[]', 'is not a manifest of trusted documents'],
    ['another format', written({}, 'other'), 'is not a manifest of trusted documents'],
    ['no documents', written(undefined), 'must have an object documents'],
    ['an entry that is text', written({ [id]: open }), 'that is not an object'],
    ['no document', written({ [id]: { name: 'Open' } }), 'without a document'],
    ['no name', written({ [id]: { document: open } }), 'without the name'],
    ['another hash', written({ [documentIdOf(mixed)]: entry }), 'is not the hash of its document'],
    ['a hash without its prefix', written({ [id.slice(7)]: entry }), 'is not the hash'],
    [
      'a document twice',
      written({ [id]: 1 }).replace('1}', `1,"${id}":2}`),
      'two members of one name',
    ],
    [
      'a name twice',
      written({ [id]: entry, [documentIdOf(mixed)]: { name: 'Open', document: mixed } }),
      'two documents with the name Open',
    ],
  ])('with %s is rejected with the settings', (_name, content, message) => {
    const { file, remove } = writeManifestContent(content);
    expect(() => readConfiguration({ TRUSTED_DOCUMENTS: file })).toThrow(
      expect.objectContaining({
        name: 'ConfigurationError',
        message: expect.stringMatching(new RegExp(`^TRUSTED_DOCUMENTS "${file}" .*${message}`)),
      }),
    );
    remove();
  });

  it.each([
    [
      'an unknown field',
      entryOf('query Open { none }'),
      'does not match the schema: Cannot query field',
    ],
    ['a syntax error', entryOf('query Open {'), 'cannot be parsed: Syntax Error'],
    ['no operation', entryOf('fragment Open on Query { public { message } }'), 'has no operation'],
    ['another name', entryOf(open, 'Other'), 'has an operation of another name'],
    ['several operations', entryOf(`${open} ${mixed}`), 'has several operations'],
    [
      'too many levels',
      entryOf(`query Open { ${'a {'.repeat(200)} b ${'}'.repeat(200)} }`),
      'nested more than 100 levels',
    ],
    [
      'too many aliases',
      entryOf(`query Open { ${'a: public { message } '.repeat(31)} }`),
      'could never run. The operation is too large: its number of aliases is 31',
    ],
    ['too many tokens', entryOf(`query Open { ${'a '.repeat(3000)} }`), 'more than 2000 tokens'],
  ])('with %s is rejected when the API starts', async (_name, content, message) => {
    const { file, remove } = writeManifestContent(content);
    await expect(startApi({ TRUSTED_DOCUMENTS: file })).rejects.toMatchObject({
      name: 'ConfigurationError',
      message: expect.stringMatching(
        new RegExp(`^TRUSTED_DOCUMENTS "${file}": \\w+ \\(sha256:[0-9a-f]{64}\\) .*${message}`),
      ),
    });
    remove();
  });

  it('with too many aliases is accepted while limits are measured', async () => {
    const text = `query Open { ${'a: public { message } '.repeat(31)} }`;
    const { file, remove } = writeManifestContent(entryOf(text));
    const one = await startApi({ TRUSTED_DOCUMENTS: file, LIMITS: 'measure' });
    remove();
    const response = await fetch(urlWith(parametersOf(text).documentId, one));
    expect(response.status).toBe(200);
    await one.stop();
  });

  it('with introspection is rejected if that is off', async () => {
    const TRUSTED_DOCUMENTS = manifest.file;
    await expect(startApi({ TRUSTED_DOCUMENTS, INTROSPECTION: 'off' })).rejects.toThrow(
      /: Named \(sha256:.*introspection/,
    );
  });

  it('of 100 MB is not read', () => {
    const { file, remove } = writeManifestContent('');
    truncateSync(file, 100_000_000);
    expect(() => readConfiguration({ TRUSTED_DOCUMENTS: file })).toThrow(
      `TRUSTED_DOCUMENTS "${file}" has 100000000 bytes: a manifest can have 16777216`,
    );
    remove();
  });

  it.each([
    ['a missing file', { TRUSTED_DOCUMENTS: '/none.json' }, '"/none.json" does not exist'],
    ['a folder', { TRUSTED_DOCUMENTS: '/' }, '"/" is a directory'],
    ['a mode alone', { TRUSTED_DOCUMENTS_MODE: 'only' }, 'requires TRUSTED_DOCUMENTS'],
    ['an age alone', { TRUSTED_DOCUMENTS_MAX_AGE: '5' }, 'requires TRUSTED_DOCUMENTS'],
  ])('cannot be %s', (_name, variables, message) => {
    expect(() => readConfiguration(variables)).toThrow(message);
  });
});

describe('the mode and GraphiQL', () => {
  const remote = {
    OIDC_ISSUER: 'https://issuer.example.com',
    OIDC_AUDIENCE: 'api',
    DATABASE_URL: 'file:a.sqlite',
    PUBLIC_URL: 'https://api.example.com',
  };
  it.each([
    ['development', {}, 'also', true],
    ['production', {}, 'only', false],
    ['development', { TRUSTED_DOCUMENTS_MODE: 'only' }, 'only', false],
    ['production', { TRUSTED_DOCUMENTS_MODE: 'also' }, 'also', false],
    ['production', { TRUSTED_DOCUMENTS_MODE: 'also', GRAPHIQL: 'on' }, 'also', true],
  ])('in %s with %j', (environment, variables, mode, graphiql) => {
    expect(
      readConfiguration({
        ...remote,
        NODE_ENV: environment,
        TRUSTED_DOCUMENTS: manifest.file,
        ...variables,
      }),
    ).toMatchObject({ trustedDocuments: { mode }, graphiql });
  });

  it('exclude each other', () => {
    const variables = { TRUSTED_DOCUMENTS: manifest.file, TRUSTED_DOCUMENTS_MODE: 'only' };
    expect(() => readConfiguration({ ...variables, GRAPHIQL: 'on' })).toThrow(
      'GRAPHIQL sends operations as text, and only trusted documents are run',
    );
  });
});
