import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

// The audits of the GraphQL over HTTP specification, asked of public fields and, where a token
// is sent with each request, of the same server as an authenticated viewer sees it.
describe.each(['anonymous', 'authenticated'])('GraphQL over HTTP, %s', (kind) => {
  const audits = serverAudits({
    url: () => server.endpoint,
    fetchFn: (url: string, init: RequestInit = {}) => {
      const headers = new Headers(init.headers);
      if (kind === 'authenticated') headers.set('authorization', `Bearer ${server.issuer.sign()}`);
      return fetch(url, { ...init, headers });
    },
  });

  it('has all 61', () => {
    expect(audits).toHaveLength(61);
  });

  it.each(audits.map(({ id, name, fn }) => ({ id, name, fn })))('$id $name', async ({ fn }) => {
    const result = await fn();
    if (result.status !== 'ok') throw new Error(result.reason);
  });
});
