import { boundToken, thumbprintOf } from '../proofs.ts';
import { proofRows } from './proof-rows.ts';
import {
  authorization,
  badToken,
  dpop,
  key,
  otherKey,
  type RefusalRow,
  type RequestParts,
  withProof,
} from './refusal-row.ts';

/** Rows with the DPoP scheme, or about bound tokens. */
export const dpopRows: readonly RefusalRow[] = [
  {
    row: 3,
    case: 'DPoP without a token',
    headers: () => authorization('DPoP'),
    status: 400,
    error: 'invalid_request',
    reason: 'authorization_malformed',
  },
  ...['a=b', '=ab', 'a{b'].map(
    (text): RefusalRow => ({
      row: 3,
      case: `${text}, which is not a token68`,
      headers: () => dpop(text, 'a.b.c'),
      status: 400,
      error: 'invalid_request',
      reason: 'authorization_malformed',
    }),
  ),
  ...(['optional', 'required'] as const).map(
    (on): RefusalRow => ({
      row: 4,
      case: 'two DPoP headers with their proofs',
      on,
      headers: ({ bound, proof }) => {
        const [one, other] = [bound(), bound()];
        return [...dpop(one, proof(one)), ...dpop(other, proof(other))];
      },
      status: 400,
      error: 'invalid_request',
      reason: 'authorization_repeated',
    }),
  ),
  {
    row: 5,
    case: 'a token in the query string, with DPoP required',
    on: 'required',
    headers: () => [],
    query: '?access_token=a',
    status: 400,
    error: 'invalid_request',
    reason: 'token_in_query',
  },
  {
    row: 4,
    case: 'a Bearer and a DPoP header',
    headers: ({ bound, unbound, proof }) => {
      const token = bound();
      return [...authorization(`Bearer ${unbound()}`), ...dpop(token, proof(token))];
    },
    status: 400,
    error: 'invalid_request',
    reason: 'authorization_repeated',
    scheme: 'Bearer',
  },
  {
    row: 12,
    case: 'an expired token with a valid proof',
    headers: ({ issuer, proof }) => {
      const token = boundToken(issuer, key, { exp: issuer.clock.seconds() - 60 });
      return dpop(token, proof(token));
    },
    ...badToken,
    reason: 'token_expired',
  },
  ...proofRows,
  {
    row: 22,
    case: 'no nonce',
    on: 'nonces',
    headers: withProof({}),
    status: 401,
    error: 'use_dpop_nonce',
    reason: 'nonce_needed',
  },
  ...['', 'x', null, 7].map(
    (nonce): RefusalRow => ({
      row: 22,
      case: `the nonce ${JSON.stringify(nonce)}`,
      on: 'nonces',
      headers: withProof({ claims: { nonce } }),
      status: 401,
      error: 'use_dpop_nonce',
      reason: 'nonce_needed',
    }),
  ),
  {
    row: 22,
    case: 'no nonce, and too old: the nonce comes first (RFC 9449 §4.3)',
    on: 'nonces',
    headers: withProof({ claims: { iat: 0 } }),
    status: 401,
    error: 'use_dpop_nonce',
    reason: 'nonce_needed',
  },
  {
    row: 23,
    case: 'a proof of another key',
    headers: withProof({ key: otherKey }),
    ...badToken,
    reason: 'token_other_key',
  },
  {
    row: 23,
    case: 'an unbound token as DPoP',
    headers: ({ unbound, proof }) => {
      const token = unbound();
      return dpop(token, proof(token));
    },
    ...badToken,
    reason: 'token_not_bound',
  },
  ...(['optional', 'required', 'off'] as const).flatMap((on): RefusalRow[] => [
    {
      row: 24,
      case: 'a bound token as Bearer',
      on,
      headers: ({ bound }) => authorization(`Bearer ${bound()}`),
      ...badToken,
      reason: 'token_bound',
      scheme: 'Bearer',
    },
    {
      row: 24,
      case: 'a bound token as Bearer, with a proof',
      on,
      headers: ({ bound, proof }) => {
        const token = bound();
        return [...authorization(`Bearer ${token}`), 'DPoP', proof(token)];
      },
      ...badToken,
      reason: 'token_bound',
      scheme: 'Bearer',
    },
    {
      row: 26,
      case: 'jkt beside an unknown method',
      on,
      headers: ({ issuer }) =>
        authorization(
          `Bearer ${issuer.sign({ claims: { cnf: { jkt: thumbprintOf(key), 'x5t#S256': 'x' } } })}`,
        ),
      ...badToken,
      reason: 'token_confirmation',
      scheme: 'Bearer',
    },
  ]),
  {
    row: 25,
    case: 'an unbound Bearer token with a proof',
    headers: ({ unbound, proof }) => {
      const token = unbound();
      return [...authorization(`Bearer ${token}`), 'DPoP', proof(token)];
    },
    status: 400,
    error: 'invalid_request',
    reason: 'proof_with_bearer',
    scheme: 'Bearer',
  },
  {
    row: 26,
    case: 'as DPoP, a token with an unknown confirmation method',
    headers: ({ issuer, proof }) => {
      const token = issuer.sign({ claims: { cnf: { 'x5t#S256': 'x' } } });
      return dpop(token, proof(token));
    },
    ...badToken,
    reason: 'token_confirmation',
  },
  ...(
    [
      ['a valid token', ({ unbound }) => unbound()],
      ['an unverified token', () => 'b3BhcXVl'],
      ['an unverified token, with a proof', ({ unbound }) => unbound().slice(0, -4)],
    ] satisfies [string, (parts: RequestParts) => string][]
  ).map(
    ([name, token]): RefusalRow => ({
      row: 27,
      case: `${name} as Bearer, with DPoP required`,
      on: 'required',
      headers: (parts) => authorization(`Bearer ${token(parts)}`),
      status: 401,
      reason: 'bearer_not_accepted',
    }),
  ),
];
