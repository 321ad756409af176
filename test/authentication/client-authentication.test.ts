import { generateKeyPairSync } from 'node:crypto';
import { importJWK, jwtVerify } from 'jose';
import { describe, expect, it } from 'vitest';
import {
  authenticateClient,
  findClientProblems,
} from '../../src/authentication/client-authentication.ts';

const now = () => Date.parse('2026-11-05T12:00:00.900Z');
const audience = 'https://issuer.test/';
const clientId = 'api';

const keyPair = (namedCurve = 'P-256') => {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
  return [privateKey.export({ format: 'jwk' }), publicKey.export({ format: 'jwk' })] as const;
};
const [privateKey, publicKey] = keyPair();
const ed25519 = generateKeyPairSync('ed25519').privateKey.export({ format: 'jwk' });

describe('a client secret', () => {
  // RFC 6749 §2.3.1: each is encoded as a form before they are joined.
  it.each([
    ['plain', 'api', 's3cret', 'api:s3cret'],
    ['a colon', 'a:b', 'c:d', 'a%3Ab:c%3Ad'],
    ['a space, a plus and a percent sign', 'a b', 'c+d%', 'a+b:c%2Bd%25'],
    ['letters beyond ASCII', 'ä', '€', '%C3%A4:%E2%82%AC'],
    ['a URL', 'https://api.test/', 'é', 'https%3A%2F%2Fapi.test%2F:%C3%A9'],
  ])('with %s goes into the header, encoded', async (_, id, clientSecret, pair) => {
    expect(await authenticateClient({ clientId: id, clientSecret }, audience, now)).toEqual({
      headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` },
      parameters: {},
    });
  });

  it('goes into the body with client_secret_post', async () => {
    const credentials = { clientId, clientSecret: 'ä b', method: 'client_secret_post' } as const;
    expect(await authenticateClient(credentials, audience, now)).toEqual({
      headers: {},
      parameters: { client_id: clientId, client_secret: 'ä b' },
    });
  });
});

describe('a client key', () => {
  it.each([
    ['ES256', privateKey, publicKey],
    ['RS256', ...rsaPair({})],
    ['PS256', ...rsaPair({ alg: 'PS256', use: 'sig', key_ops: ['sign'] })],
  ])('signs an assertion with %s', async (alg, signing, verifying) => {
    const credentials = { clientId, privateKey: { ...signing, kid: 'one' } };
    const { headers, parameters } = await authenticateClient(credentials, audience, now);
    const assertion = parameters['client_assertion'] ?? '';
    expect({ headers, parameters }).toEqual({
      headers: {},
      parameters: {
        client_id: clientId,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: expect.any(String),
      },
    });
    const verified = await jwtVerify(assertion, await importJWK(verifying, alg), {
      currentDate: new Date(now()),
    });
    const seconds = Math.floor(now() / 1000);
    expect(verified.protectedHeader).toEqual({ alg, typ: 'JWT', kid: 'one' });
    expect(verified.payload).toEqual({
      iss: clientId,
      sub: clientId,
      aud: audience,
      iat: seconds,
      exp: seconds + 60,
      jti: expect.stringMatching(/^[\w-]{22}$/),
    });
  });

  it('signs a new assertion each time', async () => {
    const sign = async () =>
      (await authenticateClient({ clientId, privateKey }, audience, now)).parameters;
    expect(await sign()).not.toEqual(await sign());
  });
});

function rsaPair(members: object) {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return [
    { ...pair.privateKey.export({ format: 'jwk' }), ...members },
    pair.publicKey.export({ format: 'jwk' }),
  ] as const;
}

describe('the credentials of a client', () => {
  const eitherOr = 'client must have either clientSecret or privateKey.';
  const key =
    'client.privateKey must be a private key as a JWK (RSA, EC or Ed25519), whose alg, if present, fits it.';
  const method =
    'client.method must be client_secret_basic or client_secret_post with a secret, private_key_jwt with a key.';

  it.each<[string, unknown, readonly string[]]>([
    ['a secret', { clientId, clientSecret: 's' }, []],
    ['a secret and its method', { clientId, clientSecret: 's', method: 'client_secret_post' }, []],
    ['an EC key', { clientId, privateKey }, []],
    ['an Ed25519 key', { clientId, privateKey: ed25519, method: 'private_key_jwt' }, []],
    ['nothing', {}, ['client.clientId must be the ID of this API at the issuer.', eitherOr]],
    ['both', { clientId, clientSecret: 's', privateKey }, [eitherOr]],
    [
      'an empty secret',
      { clientId, clientSecret: '' },
      ['client.clientSecret must be the secret of this API at the issuer.'],
    ],
    ['a public key', { clientId, privateKey: publicKey }, [key]],
    ['a symmetric key', { clientId, privateKey: { kty: 'oct', k: 'AAAA', d: 'A' } }, [key]],
    ['an alg of another key', { clientId, privateKey: { ...privateKey, alg: 'RS256' } }, [key]],
    ['HMAC', { clientId, privateKey: { ...privateKey, alg: 'HS256' } }, [key]],
    ['a PEM', { clientId, privateKey: '-----BEGIN' }, [key]],
    ['the method of a key', { clientId, clientSecret: 's', method: 'private_key_jwt' }, [method]],
    ['the method of a secret', { clientId, privateKey, method: 'client_secret_basic' }, [method]],
    [
      'a misspelled member',
      { clientId, clientSecret: 's', methods: '' },
      ['There is no option client.methods: clientId, clientSecret, privateKey, method.'],
    ],
    [
      'text',
      'api:secret',
      ['client must be an object: { clientId, clientSecret }, or { clientId, privateKey }.'],
    ],
  ])('%s', (_, client, problems) => {
    expect(findClientProblems(client, 'client')).toEqual(problems);
  });
});
