import { boundToken, createProof, type ProofOptions } from '../proofs.ts';
import { createTestKey, type TestIssuer } from '../tokens.ts';

/**
 * How the server of a row is configured: `optional`, `required` and `off` are values of `DPOP`. `strict`
 * requires the claim `email`, `nonces` requires nonces in proofs.
 */
export type RefusalMode = 'optional' | 'required' | 'off' | 'strict' | 'nonces';

/** A case of the table of refusals: what is sent, and the response. */
export interface RefusalRow {
  readonly row: number;
  readonly case: string;
  /** Alternating names and values. Default: none. */
  readonly headers?: (parts: RequestParts) => readonly string[];
  readonly query?: string;
  /** Default `optional`. */
  readonly on?: RefusalMode;
  readonly status: number;
  readonly error?: string;
  readonly reason?: string;
  /** The scheme of the challenge. Default `DPoP`; in the rows of Bearer, `Bearer`. */
  readonly scheme?: 'Bearer' | 'DPoP';
}

/** A server that requests are made for. */
export interface RefusingServer {
  readonly issuer: TestIssuer;
  readonly origin: string;
  readonly endpoint: string;
}

export type ProofChanges = Partial<Omit<ProofOptions, 'token' | 'clock'>> & {
  /** The token that the proof is for. Default: the one that is sent. */
  readonly forToken?: string;
};

/** What requests to a server are made of. */
export interface RequestParts extends RefusingServer {
  readonly bound: () => string;
  readonly unbound: () => string;
  readonly proof: (token: string, changes?: ProofChanges) => string;
}

/** The key of bound tokens, and one of someone else. */
export const key = createTestKey();
export const otherKey = createTestKey();

export function partsOf({ issuer, origin, endpoint }: RefusingServer): RequestParts {
  return {
    issuer,
    origin,
    endpoint,
    bound: () => boundToken(issuer, key),
    unbound: () => issuer.sign(),
    proof: (token, { forToken = token, ...changes } = {}) =>
      createProof({ key, url: endpoint, token: forToken, clock: issuer.clock, ...changes }),
  };
}

export const authorization = (value: string): string[] => ['Authorization', value];

export const dpop = (token: string, ...proofs: readonly string[]): string[] => [
  ...authorization(`DPoP ${token}`),
  ...proofs.flatMap((proof) => ['DPoP', proof]),
];

/** Headers with a bound token and a proof with these differences from a valid one. */
export const withProof =
  (changes: ProofChanges | ((parts: RequestParts) => ProofChanges)) =>
  (parts: RequestParts): string[] => {
    const token = parts.bound();
    return dpop(
      token,
      parts.proof(token, typeof changes === 'function' ? changes(parts) : changes),
    );
  };

/** Headers with a bound token and a proof that is made from a valid one. */
export const withRawProof =
  (make: (valid: string) => string) =>
  (parts: RequestParts): string[] => {
    const token = parts.bound();
    return dpop(token, make(parts.proof(token)));
  };

export const badProof = { status: 401, error: 'invalid_dpop_proof' } as const;
export const badToken = { status: 401, error: 'invalid_token' } as const;
