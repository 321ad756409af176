import {
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type KeyObject,
  randomBytes,
  sign,
  verify,
} from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { calculateJwkThumbprint } from 'jose';
import { isJsonObject } from '../shared/type-guards.ts';
import { LocalIssuerError } from './local-issuer-error.ts';

/** The public key that verifies tokens, as published in the JWKS. */
export interface PublicSigningKey {
  readonly kty: 'RSA';
  readonly n: string;
  readonly e: string;
  readonly kid: string;
  readonly alg: 'RS256';
  readonly use: 'sig';
}

/** The key that signs tokens, as a JWK (RFC 7518 §6.3). */
export interface SigningKey extends PublicSigningKey {
  readonly d: string;
  readonly p: string;
  readonly q: string;
  readonly dp: string;
  readonly dq: string;
  readonly qi: string;
}

/** The keys that the local issuer keeps across restarts. */
export interface SigningKeys {
  readonly signingKey: SigningKey;
  readonly cookieKeys: readonly string[];
}

/**
 * Reads the issuer's keys from a file, or generates them and writes the file, readable by its owner
 * only. Tokens signed before a restart still verify after it. Of several processes that generate keys at
 * the same time, all use those of the first, unless the file system has no hard links.
 *
 * @throws LocalIssuerError if the file cannot be read, parsed or written. A damaged file is never
 *   overwritten, so that it can be inspected.
 */
export async function loadIssuerKeys(path: string): Promise<SigningKeys> {
  const text = await readIfPresent(path);
  if (text !== undefined) return parseKeys(text, path);
  const keys = await generateKeys();
  return parseKeys(await createKeyFile(path, `${JSON.stringify(keys, null, 2)}\n`), path);
}

async function readIfPresent(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (errorCode(cause) === 'ENOENT') return undefined;
    throw keyFileError(path, `it cannot be read (${errorCode(cause)})`, 'Make it readable', cause);
  }
}

/** Creates the file, unless another process did in the meantime. Returns what is in it. */
async function createKeyFile(path: string, text: string): Promise<string> {
  const draft = `${path}.${process.pid}.${randomBytes(4).toString('hex')}`;
  try {
    // Named when it is complete: no process ever reads a part of it. A link replaces no file.
    await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
    const isLinked = await link(draft, path).then(
      () => true,
      () => false,
    );
    if (isLinked) return text;
    const existing = await readIfPresent(path);
    if (existing !== undefined) return existing;
    // No hard links, or the path is a symbolic link to a file that does not exist.
    await rename(draft, path);
    return text;
  } catch (cause) {
    if (cause instanceof LocalIssuerError) throw cause;
    const fix = 'Create its folder or make it writable';
    throw keyFileError(path, `it cannot be written (${errorCode(cause)})`, fix, cause);
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}

async function generateKeys(): Promise<SigningKeys> {
  // Asynchronous: runs on another thread while the rest loads.
  const { privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const cookieKeys = [randomBytes(32).toString('base64url')];
  return { signingKey: await toSigningKey(privateKey.export({ format: 'jwk' })), cookieKeys };
}

async function parseKeys(text: string, path: string): Promise<SigningKeys> {
  try {
    const value: unknown = JSON.parse(text);
    if (!isJsonObject(value)) throw new TypeError('not an object');
    const { signingKey, cookieKeys } = value;
    if (!isJsonObject(signingKey)) throw new TypeError('no signing key');
    if (!Array.isArray(cookieKeys) || cookieKeys.length === 0)
      throw new TypeError('no cookie keys');
    const checkedCookieKeys = cookieKeys.map((key) => requireString(key));
    const key = await toSigningKey(signingKey);
    assertSigns(createPrivateKey({ key: { ...key }, format: 'jwk' }));
    return { signingKey: key, cookieKeys: checkedCookieKeys };
  } catch (cause) {
    throw keyFileError(path, 'it is damaged', 'Delete it', cause);
  }
}

async function toSigningKey(jwk: Readonly<Record<string, unknown>>): Promise<SigningKey> {
  if (jwk.kty !== 'RSA') throw new TypeError('not an RSA key');
  const n = requireString(jwk.n);
  const e = requireString(jwk.e);
  return {
    kty: 'RSA',
    n,
    e,
    d: requireString(jwk.d),
    p: requireString(jwk.p),
    q: requireString(jwk.q),
    dp: requireString(jwk.dp),
    dq: requireString(jwk.dq),
    qi: requireString(jwk.qi),
    kid: await calculateJwkThumbprint({ kty: 'RSA', n, e }),
    alg: 'RS256',
    use: 'sig',
  };
}

/** The public part of a signing key. */
export function toPublicJwk({ kty, n, e, kid, alg, use }: SigningKey): PublicSigningKey {
  return { kty, n, e, kid, alg, use };
}

// Importing a key does not check that its parameters match; signing and verifying does.
function assertSigns(privateKey: KeyObject): void {
  const sample = Buffer.from('sample');
  const signature = sign('sha256', sample, privateKey);
  if (!verify('sha256', sample, createPublicKey(privateKey), signature)) {
    throw new TypeError('not a key pair');
  }
}

function keyFileError(
  path: string,
  problem: string,
  fix: string,
  cause: unknown,
): LocalIssuerError {
  const message = `The local issuer's key file ${path} cannot be used: ${problem}. ${fix} and start again${
    fix === 'Delete it' ? '; tokens issued before will no longer verify' : ''
  }.`;
  return new LocalIssuerError('key-file', message, { cause });
}

function requireString(value: unknown): string {
  if (typeof value !== 'string' || value === '') throw new TypeError('not a string');
  return value;
}

function errorCode(cause: unknown): string {
  return isJsonObject(cause) && typeof cause.code === 'string' ? cause.code : 'unknown reason';
}
