import { createTestKey, encodeJws, type TestKey, type TokenPart, validParts } from '../tokens.ts';
import { authorization, badToken, type RefusalRow, type RequestParts } from './refusal-row.ts';

/** What an attack starts from: a valid token, and the key that signed it. */
export interface TokenParts extends RequestParts {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly key: TestKey;
}

export type Signer = Parameters<typeof encodeJws>[2];

function partsFrom(parts: RequestParts): TokenParts {
  const key = parts.issuer.keys.at(-1) ?? createTestKey();
  return { ...parts, key, ...validParts(parts.issuer, key) };
}

/** Makes rows about a token that is sent as Bearer, all with the same reason. */
export const tokenRow =
  (reason: string, number: number) =>
  (name: string, makeToken: (parts: TokenParts) => string): RefusalRow => ({
    row: number,
    case: name,
    headers: (parts) => authorization(`Bearer ${makeToken(partsFrom(parts))}`),
    ...badToken,
    reason,
    scheme: 'Bearer',
  });

/** A token whose header has these changes. */
export const withHeader =
  (changes: Readonly<Record<string, unknown>>, signer?: Signer) =>
  ({ header, claims, key }: TokenParts): string =>
    encodeJws({ ...header, ...changes }, claims, signer ?? key);

/** A token with another payload, well-formed or not. */
export const withPayload =
  (make: (claims: Readonly<Record<string, unknown>>) => TokenPart) =>
  ({ header, claims, key }: TokenParts): string =>
    encodeJws(header, make(claims), key);
