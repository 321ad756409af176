import { type Ask, isMutation, seenIn } from './client.ts';
import { openWire } from './wire.ts';

/** No client at all: the status and the body are there, whatever they are. */
export const askWithFetch: Ask = async (query, { endpoint, credentials, method, accept }) => {
  const wire = openWire(credentials);
  const response =
    method === 'GET' && !isMutation(query)
      ? await wire.fetch(`${endpoint}?${new URLSearchParams({ query })}`, { headers: { accept } })
      : await wire.fetch(endpoint, {
          method: 'POST',
          headers: { accept, 'content-type': 'application/json' },
          body: JSON.stringify({ query }),
        });
  return seenIn(response.status, await response.text());
};
