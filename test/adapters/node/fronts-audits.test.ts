import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { startTwoFronts, type TwoFronts } from './two-fronts.ts';

let fronts: TwoFronts;
beforeAll(async () => {
  fronts = await startTwoFronts();
});
afterAll(() => fronts.stop());

interface SentRequest {
  readonly method: string;
  readonly bytes: Buffer;
}

/** The requests that the audits of the GraphQL over HTTP specification send, in their order. */
async function recordAudits(): Promise<SentRequest[]> {
  const sent: SentRequest[] = [];
  const { endpoint } = fronts.direct.server;
  const audits = serverAudits({
    url: () => endpoint,
    fetchFn: async (url: string, init: RequestInit = {}) => {
      const request = new Request(url, init);
      const { pathname, search } = new URL(request.url);
      const body = Buffer.from(await request.clone().arrayBuffer());
      const lines = [
        `${request.method} ${pathname}${search} HTTP/1.1`,
        'Host: localhost',
        ...[...request.headers].map(([name, value]) => `${name}: ${value}`),
        ...(request.method === 'GET' ? [] : [`Content-Length: ${body.length}`]),
      ];
      const head = Buffer.from(`${lines.join('\r\n')}\r\n\r\n`);
      sent.push({ method: request.method, bytes: Buffer.concat([head, body]) });
      return fetch(request);
    },
  });
  for (const audit of audits) await audit.fn();
  return sent;
}

it('responds the same to every request of the audits, twice, with and without a token', async () => {
  const requests = await recordAudits();
  expect(requests.length).toBeGreaterThanOrEqual(61);
  const token = fronts.issuer.sign();
  const served = { listener: 0, Yoga: 0 };
  for (const { method, bytes } of requests) {
    const withToken = bytes
      .toString('latin1')
      .replace('\r\n', `\r\nAuthorization: Bearer ${token}\r\n`);
    for (const message of [bytes, bytes, Buffer.from(withToken, 'latin1')]) {
      const { servedBy } = await fronts.exchange(message, method);
      served[servedBy] += 1;
    }
  }
  expect(served.listener).toBeGreaterThan(0);
  expect(served.Yoga).toBeGreaterThan(0);
});
