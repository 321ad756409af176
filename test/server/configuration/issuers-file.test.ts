import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { readConfiguration } from '../../../src/server/configuration/configuration.ts';
import { ConfigurationError } from '../../../src/server/configuration/configuration-error.ts';
import { createTestKey } from '../../support/tokens.ts';

const directory = mkdtempSync(join(tmpdir(), 'issuers-'));
const path = join(directory, 'i.json');
afterAll(() => rmSync(directory, { recursive: true, force: true }));

const { jwk } = createTestKey();
const entry = { issuer: 'https://login.example.com/', audience: 'https://api.example.com' };

function read(content: unknown, variables: Readonly<Record<string, string>> = {}) {
  const isRaw = typeof content === 'string' || content instanceof Uint8Array;
  writeFileSync(path, isRaw ? content : JSON.stringify(content));
  return readConfiguration({ ISSUERS: path, ...variables });
}

function problemsOf(...args: Parameters<typeof read>): readonly string[] {
  try {
    read(...args);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems.map(({ message }) => message.replace(path, 'i.json'));
  }
}

test('has all that JSON can say of an issuer', () => {
  const issuers = [
    entry,
    {
      issuer: 'http://adfs.example.com/adfs/services/trust',
      audience: ['api', 'other'],
      keys: { discovery: 'https://adfs.example.com/adfs/.well-known/openid-configuration' },
      requiredClaims: ['email'],
      profile: 'rfc9068',
      algorithms: ['ES256'],
    },
    {
      issuer: 'acme',
      clients: ['spa'],
      keys: { jwksUri: 'http://fusionauth:9011/.well-known/jwks.json', allowHttp: true },
      scopes: ['roles', 'resource_access.{client}.roles'],
      machineTokens: 'accept',
    },
    {
      issuer: 'urn:static',
      audience: 'api',
      keys: { jwks: { keys: [jwk] } },
      introspection: {
        client: { clientId: 'api', clientSecret: 'secret' },
        url: 'https://login.example.com/introspect',
        cacheSeconds: 0,
      },
    },
  ];
  expect(read(issuers).issuer).toEqual({ kind: 'remote', issuers });
});

test('is enough in production', () => {
  const production = { NODE_ENV: 'production', PUBLIC_URL: 'https://api.example.com' };
  expect(read([entry], production).issuer).toEqual({ kind: 'remote', issuers: [entry] });
});

describe('problems of the file', () => {
  const list =
    'ISSUERS "i.json" must be a JSON list of at least one object, such as [{ "issuer": …, "audience": … }]';
  const secret = { clientId: 'api', clientSecret: 'secret' };
  const cases: readonly [string, unknown, readonly (string | RegExp)[]][] = [
    ['not JSON', '[\n{"issuer": }]', [/^ISSUERS "i\.json" is not valid JSON: fix (?:it|line 2)$/]],
    ['an empty file', '', ['ISSUERS "i.json" is not valid JSON: fix it']],
    [
      'not UTF-8',
      Uint8Array.of(0x5b, 0xff, 0x5d),
      ['ISSUERS "i.json" is not UTF-8 text: save it in that encoding'],
    ],
    [
      'a member twice',
      '[{"issuer":"https://a.example","audience":"a","audience":"b"}]',
      ['ISSUERS "i.json" has an object with two members of one name: keep one of them'],
    ],
    ['an object', entry, [list]],
    ['an empty list', [], [list]],
    ['a list of texts', ['https://login.example.com/'], [list]],
    ['a list of lists', [[]], [list]],
    ['null', 'null', [list]],
    [
      'an unknown member',
      [entry, { ...entry, issuer: 'https://two.example.com', 'audience\n': 'x' }],
      [
        /^ISSUERS "i\.json" is invalid: Unknown option issuers\[1\]\.audience\\u\{a\}\. The options are: issuer, /,
      ],
    ],
    [
      'members of other types',
      [{ issuer: 1, audience: 2 }],
      [
        /issuers\[0\]\.issuer must be the full URL/,
        /issuers\[0\]\.audience must be the identifier/,
      ],
    ],
    [
      'members that are null',
      [{ ...entry, clients: null, keys: null, introspection: null, scopes: 5 }],
      [
        /issuers\[0\]\.clients must be a list/,
        /issuers\[0\]\.scopes must be/,
        /issuers\[0\]\.introspection must be an object/,
        /issuers\[0\]\.keys must have exactly one of discovery, jwksUri and jwks/,
      ],
    ],
    [
      'values that no issuer has',
      [{ ...entry, requiredClaims: [5], profile: 'x', algorithms: ['HS256'], machineTokens: true }],
      [
        /issuers\[0\]\.machineTokens must be accept or reject$/,
        /issuers\[0\]\.requiredClaims must be/,
        /issuers\[0\]\.profile must be one of: jwt, rfc9068$/,
        /issuers\[0\]\.algorithms must be a list of/,
      ],
    ],
    ['one issuer twice', [entry, entry], [/issuers\[1\]\.issuer is listed twice/]],
    [
      'keys over http',
      [{ ...entry, keys: { jwksUri: 'http://keycloak:8080/keys' } }],
      [/issuers\[0\]\.keys\.jwksUri must be .* allowHttp: true for any other/],
    ],
    [
      'introspection at two of them',
      [entry, { ...entry, issuer: 'https://two.example.com' }].map((one) => ({
        ...one,
        introspection: { client: secret },
      })),
      [/introspection must be set for one issuer only/],
    ],
  ];
  test.each(cases)('%s', (_name, content, expected) => {
    expect(problemsOf(content)).toEqual(
      expected.map((one) => (typeof one === 'string' ? one : expect.stringMatching(one))),
    );
  });

  test('no file', () => {
    const missing = join(directory, 'none.json');
    expect(() => readConfiguration({ ISSUERS: missing })).toThrow(
      `ISSUERS "${missing}" does not exist: give the path of a JSON file with a list of issuers`,
    );
  });

  test('a directory', () => {
    expect(() => readConfiguration({ ISSUERS: directory })).toThrow(
      `ISSUERS "${directory}" is a directory: replace it with a JSON file with a list of issuers, or remove it`,
    );
  });

  test('nothing of its content is repeated', () => {
    expect(problemsOf('[{"clientSecret": "hunter2"')).toEqual([
      expect.not.stringContaining('hunter2'),
    ]);
    const invalid = [{ ...entry, introspection: { client: { ...secret, method: 'hunter2' } } }];
    expect(problemsOf(invalid)).toEqual([expect.not.stringContaining('hunter2')]);
  });
});

describe('beside other settings', () => {
  test.each([
    ['AUTH0_DOMAIN', 'example.eu.auth0.com'],
    ['AUTH0_AUDIENCE', 'api'],
    ['OIDC_ISSUER', 'not valid'],
    ['OIDC_AUDIENCE', 'api'],
    ['OIDC_DISCOVERY_URL', 'https://login.example.com/document'],
    ['JWKS_URL', 'https://login.example.com/keys'],
    ['ALLOWED_CLIENTS', 'spa'],
    ['INTROSPECTION_CLIENT_ID', 'api'],
    ['INTROSPECTION_CLIENT_SECRET', 'secret'],
    ['INTROSPECTION_URL', 'https://login.example.com/introspect'],
  ])('%s', (name, value) => {
    expect(problemsOf([entry], { [name]: value })).toEqual([
      `${name} cannot be combined with ISSUERS: set it for each issuer in that file, or remove ISSUERS`,
    ]);
  });

  test('what an issuer leaves out is checked as it is set for all', () => {
    expect(problemsOf([entry], { SCOPE_CLAIMS: 'resource_access.{client}.roles' })).toEqual([
      expect.stringMatching(/issuers\[0\]\.scopes contains \{client\}, which requires clients/),
    ]);
    const profile = { ACCESS_TOKEN_PROFILE: 'rfc9068' };
    expect(problemsOf([{ ...entry, machineTokens: 'accept' }], profile)).toEqual([
      expect.stringMatching(/issuers\[0\]\.machineTokens: 'accept' requires the profile jwt/),
    ]);
  });
});
