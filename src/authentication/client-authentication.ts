import { importJWK, type JWK, SignJWT } from 'jose';
import { encodeBase64url } from '../shared/base64url.ts';
import { isJsonObject } from '../shared/type-guards.ts';
import {
  isSignatureAlgorithm,
  readPublicKey,
  type SignatureAlgorithm,
} from './token/public-key.ts';

/** How this API, as a client of an issuer, authenticates with a secret (RFC 6749 §2.3.1). */
export interface ClientSecret {
  readonly clientId: string;
  readonly clientSecret: string;
  /**
   * Where the secret is sent: in the header `Authorization` (`client_secret_basic`), or in the body
   * (`client_secret_post`). Default `client_secret_basic`, which every issuer must support.
   */
  readonly method?: 'client_secret_basic' | 'client_secret_post';
}

/**
 * How this API, as a client of an issuer, authenticates with a key: by a signed assertion that is valid
 * for one minute (`private_key_jwt`, OpenID Connect Core §9, RFC 7523 §2.2).
 */
export interface ClientKey {
  readonly clientId: string;
  /**
   * The private key, as a JWK. The issuer has the public one. `kid` and `alg`, if present, are those of
   * the assertion; without `alg`, the first algorithm of the key: RS256, ES256, ES384, ES512 or EdDSA.
   */
  readonly privateKey: Readonly<Record<string, unknown>>;
  readonly method?: 'private_key_jwt';
}

/** The credentials of this API as a client of an issuer. */
export type ClientCredentials = ClientSecret | ClientKey;

/** What authenticates a client: headers and parameters of a form that is sent by POST. */
export interface ClientAuthentication {
  readonly headers: Readonly<Record<string, string>>;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Seconds. */
const assertionLifetime = 60;

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/**
 * Authenticates this API at an endpoint of an issuer.
 *
 * @param audience whom an assertion is for: the issuer, exactly as in `iss`. It is the one audience that
 *   does not let another issuer use the assertion.
 * @param now milliseconds since the epoch
 * @throws {Error} if the runtime cannot use the private key
 */
export async function authenticateClient(
  credentials: ClientCredentials,
  audience: string,
  now: () => number,
): Promise<ClientAuthentication> {
  const { clientId } = credentials;
  if ('privateKey' in credentials) {
    const assertion = await signAssertion(credentials, audience, now());
    return {
      headers: {},
      parameters: {
        client_id: clientId,
        client_assertion_type: assertionType,
        client_assertion: assertion,
      },
    };
  }
  const { clientSecret, method } = credentials;
  if (method === 'client_secret_post') {
    return { headers: {}, parameters: { client_id: clientId, client_secret: clientSecret } };
  }
  // Encoded as a form first, so that a colon or a letter beyond ASCII arrives as it is.
  const pair = `${encodeForm(clientId)}:${encodeForm(clientSecret)}`;
  return { headers: { authorization: `Basic ${btoa(pair)}` }, parameters: {} };
}

const encodeForm = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);

async function signAssertion(
  { clientId, privateKey }: ClientKey,
  audience: string,
  now: number,
): Promise<string> {
  const alg = assertionAlgorithm(privateKey);
  if (alg === undefined) throw new Error('The private key of the client is not usable.');
  const { kid } = privateKey;
  const issuedAt = Math.floor(now / 1000);
  return new SignJWT()
    .setProtectedHeader({ alg, typ: 'JWT', ...(typeof kid === 'string' ? { kid } : {}) })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(audience)
    .setJti(encodeBase64url(crypto.getRandomValues(new Uint8Array(16))))
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + assertionLifetime)
    .sign(await importJWK(toPrivateJwk(privateKey), alg));
}

/** What restricts a key to another use would make importing it fail. */
function toPrivateJwk({ alg, key_ops, use, ext, ...jwk }: ClientKey['privateKey']): JWK {
  return jwk;
}

/** The algorithm of the key's `alg`, or else its first one. Undefined if it is not a private key. */
function assertionAlgorithm(privateKey: ClientKey['privateKey']): SignatureAlgorithm | undefined {
  const { alg, d } = privateKey;
  const algorithms = readPublicKey(privateKey)?.algorithms;
  if (typeof d !== 'string' || d === '' || algorithms === undefined) return undefined;
  if (alg === undefined) return algorithms[0];
  return isSignatureAlgorithm(alg) && algorithms.includes(alg) ? alg : undefined;
}

const clientMembers: ReadonlySet<string> = new Set([
  'clientId',
  'clientSecret',
  'privateKey',
  'method',
]);

/**
 * Finds what is wrong with the credentials of a client, which can come from JavaScript or a file.
 *
 * Not checked: whether the issuer accepts them.
 *
 * @param name of the option, for the sentences
 */
export function findClientProblems(client: unknown, name: string): readonly string[] {
  if (!isJsonObject(client)) {
    return [`${name} must be an object: { clientId, clientSecret }, or { clientId, privateKey }.`];
  }
  const { clientId, clientSecret, privateKey, method } = client;
  const checks: readonly (readonly [isValid: boolean, problem: string])[] = [
    ...Object.keys(client).map(
      (member) =>
        [
          clientMembers.has(member),
          `There is no option ${name}.${member}: ${[...clientMembers].join(', ')}.`,
        ] as const,
    ),
    [isText(clientId), `${name}.clientId must be the ID of this API at the issuer.`],
    [
      (clientSecret === undefined) !== (privateKey === undefined),
      `${name} must have either clientSecret or privateKey.`,
    ],
    [
      clientSecret === undefined || isText(clientSecret),
      `${name}.clientSecret must be the secret of this API at the issuer.`,
    ],
    [
      privateKey === undefined ||
        (isJsonObject(privateKey) && assertionAlgorithm(privateKey) !== undefined),
      `${name}.privateKey must be a private key as a JWK (RSA, EC or Ed25519), whose alg, if present, fits it.`,
    ],
    [
      method === undefined || methodsOf(client).includes(method),
      `${name}.method must be client_secret_basic or client_secret_post with a secret, private_key_jwt with a key.`,
    ],
  ];
  return checks.filter(([isValid]) => !isValid).map(([, problem]) => problem);
}

const methodsOf = ({ privateKey }: Readonly<Record<string, unknown>>): readonly unknown[] =>
  privateKey === undefined ? ['client_secret_basic', 'client_secret_post'] : ['private_key_jwt'];

const isText = (value: unknown): boolean => typeof value === 'string' && value !== '';
