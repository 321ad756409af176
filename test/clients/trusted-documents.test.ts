import { createHash } from 'node:crypto';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { Client, cacheExchange, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import { type DocumentNode, print } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ManifestFile, writeManifest } from '../support/trusted-documents.ts';
import { anonymous, withBearer } from './credentials.ts';
import { type ClientServer, startClientServer } from './server.ts';
import { openWire } from './wire.ts';

const known = gql('query Known { public { message } }');
const knownOfUrql = gql('query KnownOfUrql { public { message } }');
const withFragment = gql(
  'query WithFragment { public { ...Message } } fragment Message on Greeting { message }',
);
const unknown = gql('query Unknown { public { subject } }');
const write = gql('mutation Write($text: String!) { write(text: $text) }');
/** What the caches of both clients add, `__typename`, is part of the text that is hashed. */
const texts = [known, knownOfUrql, withFragment, write].map((document) =>
  print(new InMemoryCache().transformDocument(document)),
);
const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex');

let manifest: ManifestFile;
const servers = new Map<string, ClientServer>();
beforeAll(async () => {
  manifest = writeManifest(...texts);
  for (const mode of ['also', 'only']) {
    const environment = { TRUSTED_DOCUMENTS: manifest.file, TRUSTED_DOCUMENTS_MODE: mode };
    servers.set(mode, await startClientServer(environment));
  }
});
afterAll(async () => {
  for (const server of servers.values()) await server.stop();
  manifest.remove();
});

const endpointOf = (mode: string): string => servers.get(mode)?.endpoint ?? '';

/** Sends a token that is allowed to write. */
async function openWriter(mode: string) {
  const server = servers.get(mode);
  if (server === undefined) throw new Error(`There is no server with the mode ${mode}.`);
  return openWire(await withBearer(server.issuer, { scope: 'write:messages' }));
}
const message = { public: { message: expect.any(String) } };

describe.each([true, false])(
  'Apollo Client with its link for persisted queries, by GET: %s',
  (useGet) => {
    function openApollo(mode: string, wire = openWire(anonymous)) {
      const client = new ApolloClient({
        cache: new InMemoryCache(),
        link: ApolloLink.from([
          new PersistedQueryLink({
            sha256: hashOf,
            useGETForHashedQueries: useGet,
          }),
          new HttpLink({ uri: endpointOf(mode), fetch: wire.fetch }),
        ]),
      });
      return { client, methods: () => wire.answers.map(({ method }) => method) };
    }
    const method = useGet ? 'GET' : 'POST';

    it.each(['also', 'only'])('sends a hash, mode %s', async (mode) => {
      const { client, methods } = openApollo(mode);
      expect((await client.query({ query: known })).data).toMatchObject(message);
      expect(methods()).toEqual([method]);
    });

    it('sends the hash of a mutation by POST', async () => {
      const { client, methods } = openApollo('only', await openWriter('only'));
      const variables = { text: `Apollo, ${method}` };
      const { data } = await client.mutate({ mutation: write, variables });
      expect([data, methods()]).toEqual([{ write: variables.text }, ['POST']]);
      expect(servers.get('only')?.written).toContain(variables.text);
    });

    it('sends the text of an unknown document where that is allowed', async () => {
      const { client, methods } = openApollo('also');
      expect((await client.query({ query: unknown })).data).toMatchObject({
        public: { subject: null },
      });
      expect(methods()).toEqual([method, 'POST']);
      expect((await client.query({ query: known })).data).toMatchObject(message);
      expect(methods()).toEqual([method, 'POST', method]);
    });

    it('does not send the text of an unknown document otherwise', async () => {
      const { client, methods } = openApollo('only');
      await expect(client.query({ query: unknown })).rejects.toThrow(
        'This document is not one of the trusted documents.',
      );
      expect(methods()).toEqual([method]);
    });
  },
);

describe('urql with its exchange for persisted operations', () => {
  type Options = Parameters<typeof persistedExchange>[0];
  function openUrql(mode: string, options: Options, wire = openWire(anonymous)) {
    const client = new Client({
      url: endpointOf(mode),
      exchanges: [cacheExchange, persistedExchange(options), fetchExchange],
      fetch: wire.fetch,
    });
    return { client, methods: () => wire.answers.map(({ method }) => method) };
  }
  const generateHash = async (_text: string, document: DocumentNode): Promise<string> =>
    hashOf(print(document));

  it.each([
    ['also', true],
    ['also', false],
    ['only', true],
    ['only', false],
  ])('sends a hash, mode %s, by GET: %s', async (mode, useGet) => {
    const { client, methods } = openUrql(mode, {
      enforcePersistedQueries: true,
      preferGetForPersistedQueries: useGet && 'within-url-limit',
      generateHash,
    });
    const { data, error } = await client.query(knownOfUrql, {});
    expect([data, error]).toMatchObject([message, undefined]);
    expect(methods()).toEqual([useGet ? 'GET' : 'POST']);
  });

  it('sends the hash of a mutation by POST', async () => {
    const options = { enableForMutation: true, generateHash };
    const { client, methods } = openUrql('only', options, await openWriter('only'));
    const { data } = await client.mutation(write, { text: 'urql' });
    expect([data, methods()]).toEqual([{ write: 'urql' }, ['POST']]);
    expect(servers.get('only')?.written).toContain('urql');
  });

  it('sends the text of an unknown document where that is allowed', async () => {
    const { client, methods } = openUrql('also', { generateHash });
    const { data } = await client.query(unknown, {});
    expect(data).toMatchObject({ public: { subject: null } });
    expect(methods()).toEqual(['GET', 'GET']);
  });

  it.each([true, false])(
    'does not send the text of an unknown document otherwise, enforced: %s',
    async (enforcePersistedQueries) => {
      const { client, methods } = openUrql('only', { enforcePersistedQueries, generateHash });
      const { error } = await client.query(unknown, {});
      expect(error?.graphQLErrors.map(({ extensions }) => extensions['code'])).toEqual([
        'PERSISTED_QUERY_NOT_IN_LIST',
      ]);
      expect(methods()).toEqual(['GET']);
    },
  );

  it.each([
    ['that of print', generateHash, undefined],
    ['its own', undefined, 'PERSISTED_QUERY_NOT_IN_LIST'],
  ])('sends as the hash of a document with fragments: %s', async (_name, hash, code) => {
    const { client } = openUrql('only', hash ? { generateHash: hash } : {});
    const { error } = await client.query(withFragment, {});
    expect(error?.graphQLErrors[0]?.extensions['code']).toBe(code);
  });
});
