import {
  constants,
  generateKeyPairSync,
  type KeyObject,
  type KeyPairKeyObjectResult,
  randomUUID,
  sign,
} from 'node:crypto';
import { createTestClock, type TestClock } from './clock.ts';

/** A generated key pair, with its key ID. */
export interface TestKey {
  readonly algorithm: string;
  readonly kid: string;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
  /** The public key as in a key set. */
  readonly jwk: Readonly<Record<string, unknown>>;
}

/** Deviations from a valid token. A member set to `undefined` is left out. */
export interface TokenOverrides {
  readonly header?: Readonly<Record<string, unknown>>;
  readonly claims?: Readonly<Record<string, unknown>>;
  /** The key to sign with; the header has its ID. Default: the issuer's current key. */
  readonly key?: TestKey;
}

/** One part of a token: bytes or text are used as is, anything else as JSON. */
export type TokenPart = string | Uint8Array | Readonly<Record<string, unknown>>;

/** An issuer without a network; its `fetch` returns what it would respond. */
export interface TestIssuer {
  readonly issuer: string;
  readonly audience: string;
  readonly clock: TestClock;
  /** Serves discovery and the key set, and counts requests. Pass it to the code under test. */
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** The number of requests for each, and all other URLs that were requested. */
  readonly requests: { discovery: number; keys: number; readonly others: string[] };
  /** The responses; replace them as needed. */
  readonly responses: {
    discovery: (init: RequestInit) => Response | Promise<Response>;
    keys: (init: RequestInit) => Response | Promise<Response>;
  };
  /** The keys that are published. The last one signs. */
  readonly keys: TestKey[];
  /** Creates a token that is valid except for the overrides. */
  sign(overrides?: TokenOverrides): string;
  /** Replaces the keys with a new one, or with the given ones. */
  rotate(...keys: TestKey[]): void;
  /** Makes the issuer unreachable, or reachable again. */
  setDown(down: boolean): void;
}

const curves: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' };

/** RSA keys take long to generate, so tests share two, by turns. */
const rsaPairs: KeyPairKeyObjectResult[] = [];
let rsaCount = 0;
function nextRsaPair(): KeyPairKeyObjectResult {
  const index = rsaCount++ % 2;
  rsaPairs[index] ??= generateKeyPairSync('rsa', { modulusLength: 2048 });
  return rsaPairs[index];
}

export function createTestKey(algorithm = 'ES256', kid: string = randomUUID()): TestKey {
  const namedCurve = curves[algorithm];
  const { privateKey, publicKey } =
    namedCurve !== undefined
      ? generateKeyPairSync('ec', { namedCurve })
      : /^Ed/.test(algorithm)
        ? generateKeyPairSync('ed25519')
        : nextRsaPair();
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: algorithm };
  return { algorithm, kid, privateKey, publicKey, jwk };
}

/** Signs bytes with the key's JWS algorithm. */
function signBytes({ algorithm, privateKey }: TestKey, bytes: Uint8Array): Buffer {
  if (/^Ed/.test(algorithm)) return sign(null, bytes, privateKey);
  const hash = `sha${algorithm.slice(2)}`;
  if (algorithm.startsWith('ES')) {
    return sign(hash, bytes, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  }
  if (algorithm.startsWith('PS')) {
    const padding = constants.RSA_PKCS1_PSS_PADDING;
    const saltLength = constants.RSA_PSS_SALTLEN_DIGEST;
    return sign(hash, bytes, { key: privateKey, padding, saltLength });
  }
  return sign(hash, bytes, privateKey);
}

/** Encodes any header and payload as a compact JWS, well-formed or not. */
export function encodeJws(
  header: TokenPart,
  payload: TokenPart,
  signer: TestKey | ((bytes: Buffer) => Uint8Array),
): string {
  const input = `${encodePart(header)}.${encodePart(payload)}`;
  const bytes = Buffer.from(input);
  const signature = typeof signer === 'function' ? signer(bytes) : signBytes(signer, bytes);
  return `${input}.${Buffer.from(signature).toString('base64url')}`;
}

const encodePart = (part: TokenPart): string =>
  Buffer.from(
    typeof part === 'string' || part instanceof Uint8Array ? part : JSON.stringify(part),
  ).toString('base64url');

/** A JSON response, as from an issuer. */
export const jsonResponse = (body: unknown, init: ResponseInit = {}): Response =>
  new Response(JSON.stringify(body), {
    headers: { 'content-type': 'application/json' },
    ...init,
  });

/** Header and claims of a token that is valid in every profile. */
export function validParts(from: Pick<TestIssuer, 'issuer' | 'audience' | 'clock'>, key: TestKey) {
  return {
    header: { alg: key.algorithm, typ: 'at+jwt', kid: key.kid },
    claims: {
      iss: from.issuer,
      aud: from.audience,
      sub: 'auth0|somebody',
      client_id: 'test-client',
      iat: from.clock.seconds(),
      exp: from.clock.seconds() + 600,
      jti: randomUUID(),
    },
  };
}

export function createTestIssuer(
  options: {
    readonly issuer?: string;
    readonly audience?: string;
    readonly clock?: TestClock;
    readonly key?: TestKey;
  } = {},
): TestIssuer {
  const { issuer = 'https://issuer.test/', audience = 'https://api.test' } = options;
  const clock = options.clock ?? createTestClock();
  const keys = [options.key ?? createTestKey()];
  const base = issuer.replace(/\/$/, '');
  const keysUrl = `${base}/.well-known/jwks.json`;
  let isDown = false;

  const self: TestIssuer = {
    issuer,
    audience,
    clock,
    keys,
    requests: { discovery: 0, keys: 0, others: [] },
    responses: {
      discovery: () => jsonResponse({ issuer, jwks_uri: keysUrl }),
      keys: () => jsonResponse({ keys: keys.map((key) => key.jwk) }),
    },
    async fetch(url, init) {
      const kind =
        url === `${base}/.well-known/openid-configuration`
          ? 'discovery'
          : url === keysUrl
            ? 'keys'
            : undefined;
      if (kind === undefined) {
        self.requests.others.push(url);
        return new Response('', { status: 404 });
      }
      self.requests[kind] += 1;
      if (isDown) throw new TypeError('fetch failed');
      return self.responses[kind](init);
    },
    sign(overrides = {}) {
      const key = overrides.key ?? keys.at(-1);
      if (key === undefined) throw new Error('The test issuer has no key to sign with.');
      const valid = validParts(self, key);
      return encodeJws(
        { ...valid.header, ...overrides.header },
        { ...valid.claims, ...overrides.claims },
        key,
      );
    },
    rotate(...replacements) {
      keys.splice(0, keys.length, ...(replacements.length > 0 ? replacements : [createTestKey()]));
    },
    setDown(down) {
      isDown = down;
    },
  };
  return self;
}

/** One `fetch` for several issuers, by the issuer that the URL begins with. */
export const fetchOf =
  (...issuers: readonly TestIssuer[]): TestIssuer['fetch'] =>
  (url, init) => {
    const owner = issuers.find(({ issuer }) => url.startsWith(issuer.replace(/\/?$/, '/')));
    if (owner === undefined) throw new Error(`No test issuer answers for ${url}`);
    return owner.fetch(url, init);
  };
