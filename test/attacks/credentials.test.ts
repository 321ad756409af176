import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { send } from '../support/http.ts';
import { proofAttackRows } from '../support/refusals/proof-attack-rows.ts';
import { partsOf, type RefusalRow } from '../support/refusals/refusal-row.ts';
import { tokenContentRows } from '../support/refusals/token-content-rows.ts';
import { tokenHeaderRows } from '../support/refusals/token-header-rows.ts';
import { startTestServer, type TestServer } from '../support/server.ts';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.stop());

/** The ways that a request can take: directly, and through Yoga. */
const framings = { direct: [], yoga: ['Transfer-Encoding', 'chunked'] } as const;

async function outcomeOf(
  { headers, query = '' }: RefusalRow,
  way: keyof typeof framings,
  field: string,
) {
  const response = await send(`${server.endpoint}${query}`, {
    method: 'POST',
    headers: [
      ...['Content-Type', 'application/json', 'Accept', 'application/json'],
      ...framings[way],
      ...(headers?.(partsOf(server)) ?? []),
    ],
    body: JSON.stringify({ query: `{ ${field} { message } }` }),
  });
  const { data, errors } = JSON.parse(response.text);
  const challenge = response.headers['www-authenticate'] ?? '';
  return {
    status: response.status,
    data,
    reason: errors[0].extensions.reason,
    error: / error="([^"]*)"/.exec(challenge)?.[1],
    scheme: challenge.split(' ')[0],
  };
}

describe.each<[string, readonly RefusalRow[]]>([
  ['the header and signature of tokens', tokenHeaderRows],
  ['the content of tokens', tokenContentRows],
  ['proofs', proofAttackRows],
])('attacks on %s', (_, rows) => {
  it.each(rows)('row $row: $case', async (row) => {
    const { status, error, scheme = 'DPoP', reason } = row;
    const refused = { status, data: undefined, reason, error, scheme };
    const before = server.logged.length;
    expect(await outcomeOf(row, 'direct', 'private')).toEqual(refused);
    // Public fields too: credentials that cannot be used never make a viewer anonymous.
    expect(await outcomeOf(row, 'yoga', 'public')).toEqual(refused);
    const lines = server.logged.slice(before).map((line) => JSON.parse(line));
    expect(lines.filter(({ level }) => level >= 50)).toEqual([]);
  });
});

it('no attack made the API fetch anything but the keys of its issuer', () => {
  expect(server.issuer.requests.others).toEqual([]);
  expect(server.issuer.requests.discovery).toBe(1);
});
