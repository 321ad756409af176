import { expect } from 'vitest';
import { bearerRows } from '../../support/refusals/bearer-rows.ts';
import { dpopRows } from '../../support/refusals/dpop-rows.ts';
import {
  authorization,
  dpop,
  partsOf,
  type RefusalMode,
  type RefusalRow,
} from '../../support/refusals/refusal-row.ts';
import type { MatrixCase } from './matrix-case.ts';
import { type ComparedResponse, nonceOf, post } from './responses.ts';
import type { Mode, Target } from './start-target.ts';

/** Rows of the table of refusals whose requests are in tables. */
const names: Readonly<Record<number, string>> = {
  1: 'no token',
  2: 'another scheme',
  3: 'malformed Authorization header',
  4: 'two Authorization headers',
  5: 'token in the query string',
  6: 'not a signed JWT',
  7: 'not canonical',
  8: 'algorithm that is not accepted',
  9: 'bad signature, unknown key',
  10: 'duplicate members',
  11: 'another kind of token',
  12: 'wrong issuer, audience or time',
  13: 'missing required claim',
  18: 'proof missing, empty or repeated',
  19: 'malformed proof, bad key or signature',
  20: 'proof for another request, time or token',
  22: 'nonce required',
  23: 'proof of another key, unbound token',
  24: 'bound token as Bearer',
  25: 'Bearer with a proof',
  26: 'unknown confirmation method',
  27: 'Bearer where DPoP is required',
  29: 'token of more than 8 KiB',
};

const modes: Readonly<Record<RefusalMode, Mode>> = {
  optional: 'optional',
  required: 'required',
  off: 'off',
  strict: 'strict',
  nonces: 'required',
};

const codes: Readonly<Record<number, string>> = {
  400: 'BAD_REQUEST',
  401: 'UNAUTHENTICATED',
  503: 'SERVICE_UNAVAILABLE',
};

/** Sends every request of a row, for a guarded field and for a public one. */
function refusalCase(row: number, name: string): MatrixCase {
  const entries = [...bearerRows, ...dpopRows].filter((entry) => entry.row === row);
  return {
    name: `${row}. ${name}`,
    async run(target) {
      const responses = await Promise.all(
        entries.flatMap((entry, index) =>
          ['private', 'public'].map(async (field) => {
            const response = await sendRow(target, entry, field);
            expectRefusal(response, entry, field);
            return [`${index}: ${entry.case}, ${field}`, response] as const;
          }),
        ),
      );
      return Object.fromEntries(responses);
    },
  };
}

function sendRow(target: Target, entry: RefusalRow, field: string): Promise<ComparedResponse> {
  const server = target.servers[modes[entry.on ?? 'optional']];
  const headers = entry.headers?.(partsOf(server)) ?? [];
  return post(`${server.endpoint}${entry.query ?? ''}`, `{ ${field} }`, headers);
}

function expectRefusal(
  response: ComparedResponse,
  { row, case: name, on, status, error, reason }: RefusalRow,
  field: string,
): void {
  // Without credentials of a known scheme, public fields are served.
  if (field === 'public' && (row === 1 || row === 2)) {
    expect(response, name).toMatchObject({ status: 200, body: { data: { public: 'public' } } });
    return;
  }
  expect(response, name).toMatchObject({
    status,
    isNoStore: true,
    // The server where DPoP is required also requires nonces.
    ...(on === 'required' ? {} : { hasNonce: error === 'use_dpop_nonce' }),
    body: { errors: [{ extensions: { code: codes[status], ...(reason ? { reason } : {}) } }] },
  });
  expect(response.body, name).not.toHaveProperty('data');
  expect(/ error="([^"]*)"/.exec(response.challenge ?? 'none')?.[1], name).toBe(error);
}

const unavailable = {
  status: 503,
  challenge: undefined,
  isNoStore: true,
  hasRetryAfter: true,
  body: { errors: [{ extensions: { code: 'SERVICE_UNAVAILABLE' } }] },
};

const specialCases: Readonly<Record<number, MatrixCase>> = {
  17: {
    name: '17. keys of the issuer unavailable',
    async run({ servers, downIssuer }) {
      const headers = authorization(`Bearer ${downIssuer.sign()}`);
      const withToken = await post(servers.optional.endpoint, '{ public }', headers);
      const without = await post(servers.optional.endpoint, '{ public }');
      expect([withToken, without]).toMatchObject([unavailable, { status: 200 }]);
      return { withToken, without };
    },
  },
  21: {
    name: '21. proof used before',
    async run({ servers }) {
      const { bound, proof, endpoint } = partsOf(servers.optional);
      const token = bound();
      const headers = dpop(token, proof(token));
      const first = await post(endpoint, '{ private }', headers);
      const again = await post(endpoint, '{ private }', headers);
      const other = await post(endpoint, '{ public }', dpop(token, proof(token)));
      expect([first, again, other]).toMatchObject([
        { status: 200, body: { data: { private: 'private' } } },
        { status: 401, challenge: expect.stringMatching(/^DPoP .* error="invalid_dpop_proof"/) },
        { status: 200, isNoStore: true },
      ]);
      return { first, again, other };
    },
  },
  28: {
    name: '28. replay store unavailable',
    async run({ servers, setReplayStoreDown }) {
      const { bound, unbound, proof, endpoint } = partsOf(servers.optional);
      const token = bound();
      setReplayStoreDown(true);
      try {
        const withProof = await post(endpoint, '{ public }', dpop(token, proof(token)));
        const bearer = await post(endpoint, '{ private }', authorization(`Bearer ${unbound()}`));
        expect([withProof, bearer]).toMatchObject([unavailable, { status: 200 }]);
        return { withProof, bearer };
      } finally {
        setReplayStoreDown(false);
      }
    },
  },
};

const acceptedNonce: MatrixCase = {
  name: 'nonce: sent, then accepted',
  async run({ servers }) {
    const { bound, proof, endpoint } = partsOf(servers.required);
    const token = bound();
    const nonce = await nonceOf(endpoint, dpop(token, proof(token)));
    const next = (): string[] => dpop(token, proof(token, { claims: { nonce } }));
    const served = await post(endpoint, '{ private }', next());
    const refused = await post(endpoint, '{ scoped }', next());
    expect([served, refused]).toMatchObject([
      { status: 200, hasNonce: true },
      { status: 403, hasNonce: true, challenge: expect.stringMatching(/^DPoP /) },
    ]);
    return { served, refused };
  },
};

/** The table of refusals: whose credentials are rejected, and how. */
export const refusalCases: readonly MatrixCase[] = [
  ...Object.entries(names).map(([row, name]) => refusalCase(Number(row), name)),
  ...Object.values(specialCases),
  acceptedNonce,
];
