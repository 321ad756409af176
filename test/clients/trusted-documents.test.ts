import { createHash } from 'node:crypto';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { Client, createRequest, fetchExchange } from '@urql/core';
import { print } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentIdOf } from '../../src/trusted-documents/document-id.ts';
import { type ManifestFile, writeManifest } from '../support/trusted-documents.ts';
import { anonymous } from './credentials.ts';
import { type ClientServer, startClientServer } from './server.ts';
import { openWire } from './wire.ts';

const known = gql('query Known { public { message } }');
const knownOfUrql = gql('query KnownOfUrql { public { message } }');
const unknown = gql('query Unknown { public { subject } }');
/** The text that Apollo Client hashes: what its cache adds is part of it. */
const textOfApollo = print(new InMemoryCache().transformDocument(known));
const textOfUrql = print(knownOfUrql);

let manifest: ManifestFile;
const servers = new Map<string, ClientServer>();
beforeAll(async () => {
  manifest = writeManifest(textOfApollo, textOfUrql);
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
const message = { public: { message: expect.any(String) } };

describe.each([true, false])(
  'Apollo Client with its link for persisted queries, by GET: %s',
  (useGet) => {
    function openApollo(mode: string) {
      const wire = openWire(anonymous);
      const client = new ApolloClient({
        cache: new InMemoryCache(),
        link: ApolloLink.from([
          new PersistedQueryLink({
            sha256: (query: string) => createHash('sha256').update(query).digest('hex'),
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

describe.each(['also', 'only'])('urql, mode %s', (mode) => {
  const id = documentIdOf(textOfUrql);
  const open = (preferGetMethod: boolean) => {
    const wire = openWire(anonymous);
    const client = new Client({
      url: endpointOf(mode),
      exchanges: [fetchExchange],
      fetch: wire.fetch,
      preferGetMethod: preferGetMethod && 'force',
    });
    return { client, methods: () => wire.answers.map(({ method }) => method) };
  };

  it.each([true, false])(
    'sends what its exchange for persisted operations adds, by GET: %s',
    async (useGet) => {
      const { client, methods } = open(useGet);
      const persistedQuery = { version: 1 as const, sha256Hash: id.slice('sha256:'.length) };
      const request = createRequest(knownOfUrql, {}, { persistedQuery });
      const { data, error } = await client.executeQuery(request).toPromise();
      expect([data, error]).toEqual([expect.objectContaining(message), undefined]);
      expect(methods()).toEqual([useGet ? 'GET' : 'POST']);
    },
  );
});
