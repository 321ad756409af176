import { expect, it } from 'vitest';
import { startTestServer } from '../support/server.ts';

it.each([
  ['debug', 2],
  ['info', 0],
])('logs refusals at level debug: with LOG_LEVEL=%s', async (level, count) => {
  const server = await startTestServer({ LOG_LEVEL: level });
  const send = (query: string, authorization?: string): Promise<Response> =>
    fetch(server.endpoint, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(authorization === undefined ? {} : { authorization }),
      },
      body: JSON.stringify({ query }),
    });
  try {
    expect((await send('{ private { message } }')).status).toBe(401);
    expect((await send('{ public { message } }', 'Bearer secret-value')).status).toBe(401);
    const lines = server.logged.map((line) => JSON.parse(line)).filter(({ refusal }) => refusal);
    expect(lines).toHaveLength(count);
    if (count === 0) return;
    expect(lines).toMatchObject([
      { level: 20, refusal: { kind: 'rule', coordinate: 'Query.private', status: 401 } },
      { level: 20, refusal: { kind: 'credentials', reason: 'token_not_jws' } },
    ]);
    expect(server.logged.join('')).not.toContain('secret-value');
  } finally {
    await server.stop();
  }
});
