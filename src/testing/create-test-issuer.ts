import {
  base64url,
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  type JWK,
  SignJWT,
} from 'jose';
import type { AuthenticatorOptions } from '../authentication/authenticator-options.ts';
import type { AccessToken } from '../authentication/token/access-token.ts';
import { readClientId } from '../authentication/token/client.ts';
import { getOwn } from '../authentication/token/json.ts';
import type { SignatureAlgorithm } from '../authentication/token/public-key.ts';
import { createScopeReader, type ScopeSource } from '../authentication/token/scope-source.ts';
import { createTokenViewer } from '../authentication/token-viewer.ts';
import type { AuthenticatedViewer } from '../authentication/viewer.ts';
import { systemClock, type TimeSource } from '../shared/clock.ts';
import { isJsonObject, type JsonObject } from '../shared/type-guards.ts';

/** Options for `createTestIssuer`. */
export interface TestIssuerOptions {
  /** Its URL, exactly as in the `iss` claim. Default `https://issuer.test/`. */
  readonly issuer?: string;
  /** The audience of its tokens. Default `https://api.test`. */
  readonly audience?: string;
  /** What it signs tokens with. Default `ES256`. */
  readonly algorithm?: SignatureAlgorithm;
  /**
   * Where its tokens have their scopes, as the option of `createAuthenticator`: `claims` must put them there.
   * Default: the claim `scope`.
   */
  readonly scopes?: ScopeSource;
  /** The time that tokens and proofs are issued at. Default: the system clock. */
  readonly clock?: TimeSource;
}

/** Options for the tokens and viewers of a `TestIssuer`. */
export interface TestTokenOptions {
  /** Default: none. */
  readonly scopes?: Iterable<string>;
  /** Added to the claims of a valid token, or in place of them. `undefined` removes a claim. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Default `test-user`. */
  readonly subject?: string;
  /** Seconds until the token expires. Default 600. Negative: it has expired. */
  readonly expiresIn?: number;
  /** Binds the token to the key that `proof` signs with (RFC 9449 §6). Default false. */
  readonly dpop?: boolean;
}

/** The request that a DPoP proof is for. */
export interface TestProofOptions {
  /** The access token that is sent with it. */
  readonly token: string;
  /** The URL of the request, as clients see it. */
  readonly url: string;
  /** Default `POST`. */
  readonly method?: string;
  /** What the API sent in `DPoP-Nonce`. Default: none. */
  readonly nonce?: string;
  /** Added to the claims of a valid proof, or in place of them. `undefined` removes a claim. */
  readonly claims?: Readonly<Record<string, unknown>>;
}

/** A viewer that can send requests. For rules, it is like any other authenticated viewer. */
export interface TestViewer extends AuthenticatedViewer {
  /** Creates the headers of one request: a new token and, if it is bound to a key, a new proof. */
  createCredentials(
    request: Pick<TestProofOptions, 'url' | 'method'>,
  ): Promise<Readonly<Record<string, string>>>;
}

/** An issuer of access tokens without a network. Made by `createTestIssuer`. */
export interface TestIssuer {
  readonly issuer: string;
  readonly audience: string;
  /** What `createAuthenticator` needs to accept its tokens: issuer, audience, `fetch`, clock and, if set, scopes. */
  readonly authenticatorOptions: Readonly<
    Required<Pick<AuthenticatorOptions, 'issuer' | 'audience' | 'fetch' | 'clock'>> &
      Pick<AuthenticatorOptions, 'scopes'>
  >;
  /**
   * Responds as the issuer: to requests for the discovery document and for the key set. The response
   * to all others is a 404. While the issuer is unreachable, it throws a `TypeError`, as `fetch` does.
   */
  fetch(input: string | URL | Request): Promise<Response>;
  /** Creates an access token (RFC 9068) that is valid except for the options. */
  token(options?: TestTokenOptions): Promise<string>;
  /** Creates a DPoP proof (RFC 9449 §4.2) that is valid except for the options. */
  proof(options: TestProofOptions): Promise<string>;
  /**
   * Creates the viewer that a token with these options becomes, also if no API accepts the token.
   * `jti` and `cnf`, which each token has of its own, are not among its claims. `askAs` sends such a
   * token for it.
   */
  viewer(options?: TestTokenOptions): TestViewer;
  /**
   * Signs with a new key from now on.
   *
   * @param previousKeys Whether the key set still has those: `published`, as in a planned rotation, or
   *   `revoked`. Default `published`.
   */
  rotateKeys(previousKeys?: 'published' | 'revoked'): void;
  /** Makes the issuer unreachable, or reachable again. Its tokens can still be created. */
  setReachable(isReachable: boolean): void;
}

interface SigningKey {
  readonly privateKey: CryptoKey;
  /** The public key, as in a key set. */
  readonly jwk: JWK;
}

/**
 * Creates an issuer for tests. Its keys are generated, and nothing is sent over a network: pass its
 * `authenticatorOptions` to `createAuthenticator`. It needs WebCrypto and `jose`, and works in every
 * runtime.
 *
 * @example
 * ```ts
 * const issuer = createTestIssuer();
 * const authenticator = createAuthenticator(issuer.authenticatorOptions);
 *
 * const token = await issuer.token({ scopes: ['read:messages'] });
 * ```
 */
export function createTestIssuer({
  issuer = 'https://issuer.test/',
  audience = 'https://api.test',
  algorithm = 'ES256',
  scopes: source,
  clock = systemClock,
}: TestIssuerOptions = {}): TestIssuer {
  const base = issuer.replace(/\/$/, '');
  const keysUrl = `${base}/.well-known/jwks.json`;
  const readScopes = createScopeReader(source, (error) => {
    throw error;
  });
  let isReachable = true;
  // Generated when they are first used, so that creating an issuer takes no time.
  let signingKey: Promise<SigningKey> | undefined;
  let proofKey: Promise<SigningKey> | undefined;
  let previousKeys: readonly Promise<SigningKey>[] = [];
  const getSigningKey = (): Promise<SigningKey> => {
    signingKey ??= generateKey(algorithm, { kid: crypto.randomUUID(), use: 'sig', alg: algorithm });
    return signingKey;
  };
  const getProofKey = (): Promise<SigningKey> => {
    proofKey ??= generateKey('ES256', {});
    return proofKey;
  };
  const nowInSeconds = (): number => Math.floor(clock.now().getTime() / 1000);

  const claimsOf = ({
    scopes = [],
    claims = {},
    subject = 'test-user',
    expiresIn = 600,
  }: TestTokenOptions): Readonly<Record<string, unknown>> => {
    const scope = [...scopes].join(' ');
    return {
      iss: issuer,
      aud: audience,
      sub: subject,
      client_id: 'test-client',
      iat: nowInSeconds(),
      exp: nowInSeconds() + expiresIn,
      ...(scope === '' ? {} : { scope }),
      ...claims,
    };
  };

  async function respond(url: string): Promise<Response> {
    if (!isReachable)
      throw new TypeError(`fetch failed: the test issuer ${issuer} is unreachable.`);
    if (url === `${base}/.well-known/openid-configuration`) {
      return Response.json({ issuer, jwks_uri: keysUrl });
    }
    if (url !== keysUrl) return new Response('Not found', { status: 404 });
    const keys = await Promise.all([...previousKeys, getSigningKey()]);
    return Response.json({ keys: keys.map(({ jwk }) => jwk) });
  }

  async function createToken(options: TestTokenOptions = {}): Promise<string> {
    const { privateKey, jwk } = await getSigningKey();
    const confirmation =
      options.dpop === true
        ? { cnf: { jkt: await calculateJwkThumbprint((await getProofKey()).jwk) } }
        : {};
    return new SignJWT({ jti: crypto.randomUUID(), ...confirmation, ...claimsOf(options) })
      .setProtectedHeader({ alg: algorithm, typ: 'at+jwt', kid: jwk.kid ?? '' })
      .sign(privateKey);
  }

  async function createProof(options: TestProofOptions): Promise<string> {
    const { token, url, method = 'POST', nonce, claims = {} } = options;
    const { privateKey, jwk } = await getProofKey();
    const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(token));
    const { origin, pathname } = new URL(url);
    return new SignJWT({
      jti: crypto.randomUUID(),
      htm: method,
      htu: `${origin}${pathname}`,
      iat: nowInSeconds(),
      ath: base64url.encode(new Uint8Array(hash)),
      ...(nonce === undefined ? {} : { nonce }),
      ...claims,
    })
      .setProtectedHeader({ alg: 'ES256', typ: 'dpop+jwt', jwk })
      .sign(privateKey);
  }

  const fetch = (input: string | URL | Request): Promise<Response> =>
    respond(input instanceof Request ? input.url : String(input));
  return {
    issuer,
    audience,
    authenticatorOptions: {
      issuer,
      audience,
      fetch,
      clock,
      ...(source === undefined ? {} : { scopes: source }),
    },
    fetch,
    token: createToken,
    proof: createProof,
    viewer(options = {}) {
      // Read once: an iterator would be at its end when the token is created.
      const traits = { ...options, scopes: [...(options.scopes ?? [])] };
      const claims = toJson(claimsOf(traits));
      return {
        ...createTokenViewer({ ...identify(claims), claims, readScopes }),
        async createCredentials({ url, method = 'POST' }) {
          const token = await createToken(traits);
          if (options.dpop !== true) return { Authorization: `Bearer ${token}` };
          const proof = await createProof({ token, url, method });
          return { Authorization: `DPoP ${token}`, DPoP: proof };
        },
      };
    },
    rotateKeys(previous = 'published') {
      previousKeys = previous === 'published' ? [...previousKeys, getSigningKey()] : [];
      signingKey = undefined;
    },
    setReachable(reachable) {
      isReachable = reachable;
    },
  };
}

/** The claims as a token contains them: without members that are undefined, and a copy, which is frozen. */
function toJson(claims: JsonObject): JsonObject {
  const json: unknown = JSON.parse(JSON.stringify(claims));
  return isJsonObject(json) ? json : {};
}

/** What the viewer of a token is known by. Without a subject, it is that of a client (`machineTokens`). */
function identify(claims: JsonObject): Pick<AccessToken, 'issuer' | 'subject'> {
  const text = (name: string): string => {
    const value = getOwn(claims, name);
    return typeof value === 'string' ? value : '';
  };
  const clientId = Object.hasOwn(claims, 'sub') ? undefined : readClientId(claims);
  return {
    issuer: text('iss'),
    subject:
      clientId === undefined
        ? { kind: 'subject', subject: text('sub') }
        : { kind: 'client', clientId },
  };
}

async function generateKey(algorithm: string, members: JWK): Promise<SigningKey> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm);
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), ...members } };
}
