import { askWithApollo } from './apollo.ts';
import type { Ask } from './client.ts';
import { askWithCurl } from './curl.ts';
import { askWithFetch } from './fetch.ts';
import { askWithGraphqlRequest } from './graphql-request.ts';
import { askWithUrql } from './urql.ts';

/** The clients that are tried, by name. */
export const everyClient: readonly (readonly [string, Ask])[] = [
  ['Apollo Client', askWithApollo],
  ['urql', askWithUrql],
  ['graphql-request', askWithGraphqlRequest],
  ['fetch', askWithFetch],
  ['curl', askWithCurl],
];
