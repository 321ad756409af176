import { AuthError, type AuthScheme } from './auth-error.ts';
import { type AuthenticatorOptions, resolveAuthenticatorOptions } from './authenticator-options.ts';
import { type Credentials, type CredentialsSource, readCredentials } from './credentials.ts';
import { dpopAlgorithms } from './dpop/dpop-algorithm.ts';
import type { DpopMode } from './dpop/dpop-mode.ts';
import { createDpopNonces } from './dpop/dpop-nonce.ts';
import { type DpopProofRules, verifyDpopProof } from './dpop/dpop-proof.ts';
import { createProofKeys } from './dpop/proof-keys.ts';
import { createIssuerKeys } from './issuer/issuer-keys.ts';
import { type ReplayStore, recordUse } from './replay/replay-store.ts';
import {
  type AccessToken,
  type AccessTokenRules,
  verifyAccessToken,
} from './token/access-token.ts';
import { readCompactJws } from './token/compact-jws.ts';
import { ownMember } from './token/json-object.ts';
import { readScopes } from './token/scopes.ts';
import { type AuthenticatedViewer, anonymous, type Viewer, viewerId } from './viewer.ts';

/** What of an HTTP request is authenticated. A `Request` fits as it is. */
export interface AuthenticationRequest extends CredentialsSource {
  readonly method: string;
}

/** Finds out who is asking. */
export interface Authenticator {
  /**
   * Turns the credentials of a request into a viewer. Call it once per request. A request without
   * credentials is anonymous; one whose credentials cannot be used is refused, never anonymous.
   *
   * A DPoP proof is remembered as used once everything else held.
   *
   * Not checked: whether the token has been revoked, or used before (RFC 7009, RFC 6750 §5.3).
   *
   * @throws {AuthError} with a status of 400, 401 or 503
   */
  authenticate(request: AuthenticationRequest): Promise<Viewer>;
  /**
   * Whether tokens of at least one issuer can be verified now: its keys have been fetched, and the
   * last time is less than 24 hours ago.
   */
  ready(): boolean;
  /**
   * Fetches the keys of every issuer that has none, or whose keys are due to be fetched again. While
   * an issuer is out of reach it fetches seldom, however often it is called, so a readiness probe
   * may call it each time.
   *
   * @throws {AuthError} `keys_unavailable`, where an issuer has no keys that may be used
   */
  warmUp(): Promise<void>;
  /** The schemes that are accepted: what a challenge without an error names. */
  readonly schemes: readonly AuthScheme[];
  /** The algorithms that are accepted in DPoP proofs; none where DPoP is off. */
  readonly dpopAlgorithms: readonly string[];
  /**
   * The nonce for the header DPoP-Nonce of answers to requests of the scheme DPoP, refusals too
   * (RFC 9449 §8.2 and §9). Undefined where nonces are off.
   */
  dpopNonce(): string | undefined;
}

/**
 * Creates an authenticator for access tokens that are JWTs (RFC 9068), sent as Bearer (RFC 6750) or
 * DPoP (RFC 9449). Nothing is fetched before the first token comes, or `warmUp` is called.
 *
 * @throws {TypeError} names each option that is wrong and says what a right value is
 */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const settings = resolveAuthenticatorOptions(options);
  const issuers = new Map(
    settings.issuers.map((issuer) => [issuer, createIssuerKeys({ ...settings, issuer })]),
  );
  const { dpop, now, replayStore } = settings;
  // What a process remembers it alone remembers: a proof that an earlier one has seen must not pass.
  const secret = replayStore.lifetime === 'process' ? undefined : settings.dpopNonceSecret;
  const nonces = settings.dpopNonce === 'off' ? undefined : createDpopNonces(secret, now);
  const rules: Rules = { ...settings, issuers, nonces, proofKeys: createProofKeys() };
  const keysOfAll = [...issuers.values()];

  return {
    async authenticate(request) {
      const credentials = readCredentials(request, dpop);
      switch (credentials.kind) {
        case 'none':
          return anonymous;
        case 'bearer':
          return viewerOf(await acceptBearer(credentials, rules));
        case 'dpop':
          return viewerOf(await acceptDpop(credentials, request, rules));
      }
    },
    ready: () => keysOfAll.some((keys) => keys.areUsable()),
    async warmUp() {
      const outcomes = await Promise.allSettled(keysOfAll.map((keys) => keys.keysFor(undefined)));
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
    },
    schemes: schemesOf[dpop],
    dpopAlgorithms: dpop === 'off' ? [] : dpopAlgorithms,
    dpopNonce: () => nonces?.current(),
  };
}

const schemesOf: Readonly<Record<DpopMode, readonly AuthScheme[]>> = {
  off: ['Bearer'],
  optional: ['Bearer', 'DPoP'],
  required: ['DPoP'],
};

interface Rules extends AccessTokenRules, DpopProofRules {
  readonly dpop: DpopMode;
  readonly replayStore: ReplayStore;
}

async function acceptBearer(
  { token: text, hasProof }: Extract<Credentials, { kind: 'bearer' }>,
  rules: Rules,
): Promise<AccessToken> {
  const isAccepted = rules.dpop !== 'required';
  const refusal = () => new AuthError('bearer_not_accepted', { scheme: 'DPoP' });
  if (!isAccepted && !seemsBound(text)) throw refusal();
  const token = await verifyAccessToken(text, rules);
  if (token.confirmation.kind === 'key') throw new AuthError('token_bound');
  if (!isAccepted) throw refusal();
  if (hasProof && rules.dpop !== 'off') throw new AuthError('proof_with_bearer');
  return token;
}

/** Whether a token says that it is bound. Believed only for choosing between refusals. */
function seemsBound(token: string): boolean {
  const jws = readCompactJws(token);
  return jws.kind === 'jws' && (ownMember(jws.payload, 'cnf') ?? null) !== null;
}

async function acceptDpop(
  { token: text, proof }: Extract<Credentials, { kind: 'dpop' }>,
  { method, url }: AuthenticationRequest,
  rules: Rules,
): Promise<AccessToken> {
  try {
    const token = await verifyAccessToken(text, rules);
    const { confirmation } = token;
    const verified = await verifyDpopProof(
      proof,
      { method, url, token: text, confirmation },
      rules,
    );
    await recordUse(verified, rules.replayStore);
    return token;
  } catch (error) {
    throw error instanceof AuthError ? error.withScheme('DPoP') : error;
  }
}

function viewerOf({ subject, issuer, claims, expiresAt }: AccessToken): AuthenticatedViewer {
  const clientId = [ownMember(claims, 'client_id'), ownMember(claims, 'azp')].find(
    (name) => typeof name === 'string',
  );
  return {
    kind: 'authenticated',
    id: viewerId({ issuer, subject }),
    subject,
    issuer,
    ...(clientId === undefined ? {} : { clientId }),
    scopes: readScopes(claims),
    claims,
    expiresAt,
  };
}
