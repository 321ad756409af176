import { Client, fetchExchange } from '@urql/core';
import { type Ask, isMutation } from './client.ts';
import { openWire } from './wire.ts';

/** Nothing is thrown: a CombinedError stands in the result, beside data where there is some. */
export const askWithUrql: Ask = async (operation, { endpoint, credentials, method, accept }) => {
  const wire = openWire(credentials);
  const client = new Client({
    url: endpoint,
    exchanges: [fetchExchange],
    fetch: wire.fetch,
    preferGetMethod: method === 'GET' ? 'force' : false,
    fetchOptions: { headers: { accept } },
  });
  const { data, error } = isMutation(operation)
    ? await client.mutation(operation, {})
    : await client.query(operation, {});
  // Where something failed, the status is with the error; data alone has none.
  const status = error?.response?.status ?? wire.answers.at(-1)?.response.status ?? 0;
  return { status, data, errors: error?.graphQLErrors ?? [] };
};
