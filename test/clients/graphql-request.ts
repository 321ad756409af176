import { ClientError, GraphQLClient } from 'graphql-request';
import type { Ask } from './client.ts';
import { openWire } from './wire.ts';

/** Errors beside data are in the result; those of every other status are thrown as a ClientError. */
export const askWithGraphqlRequest: Ask = async (
  operation,
  { endpoint, credentials, method, accept },
) => {
  const { fetch } = openWire(credentials);
  const client = new GraphQLClient(endpoint, {
    fetch,
    method,
    headers: { accept },
    errorPolicy: 'all',
  });
  try {
    const { status, data, errors = [] } = await client.rawRequest(operation);
    return { status, data, errors };
  } catch (error) {
    if (!(error instanceof ClientError)) throw error;
    const { status, data, errors = [] } = error.response;
    return { status, data, errors };
  }
};
