import { Client, cacheExchange, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import type { DocumentNode } from 'graphql';

/** A document of GraphQL Code Generator, with the hash that its manifest has. */
type HashedDocument = DocumentNode & { readonly __meta__?: { readonly hash?: string } };

export const createUrqlClient = (url: string) =>
  new Client({
    url,
    exchanges: [
      cacheExchange,
      persistedExchange({
        enforcePersistedQueries: true,
        enableForMutation: true,
        generateHash: async (_text, { __meta__ }: HashedDocument) => __meta__?.hash,
      }),
      fetchExchange,
    ],
  });
