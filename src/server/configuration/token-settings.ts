import { type DpopAlgorithm, dpopAlgorithms } from '../../authentication/dpop/proof-key.ts';
import {
  type SignatureAlgorithm,
  signatureAlgorithms,
} from '../../authentication/token/public-key.ts';
import { auth0Domain, endpointUrl, issuerText } from './address-parsers.ts';
import { setting } from './setting.ts';
import {
  audience,
  claimName,
  claimPath,
  clientCredential,
  filePath,
  generatedSecret,
  httpName,
  listOf,
  oneOf,
  wholeNumber,
} from './setting-parsers.ts';

/** Whose access tokens are accepted, how they are sent and what they must have. */
export const tokenSettings = {
  AUTH0_DOMAIN: setting<string | undefined>({
    description: 'Domain of the Auth0 tenant that issues the access tokens: no scheme, no slash.',
    default: 'the local issuer',
    fallback: undefined,
    example: 'example.eu.auth0.com',
    usedBy: 'server',
    parse: auth0Domain,
  }),
  AUTH0_AUDIENCE: setting<readonly string[]>({
    description: 'Identifier of the API at Auth0, or several, comma-separated: any one matches.',
    default: 'the local issuer',
    fallback: [],
    example: 'https://api.example.com',
    usedBy: 'server',
    parse: listOf(audience),
  }),
  OIDC_ISSUER: setting<readonly string[]>({
    description:
      'Any other issuer: its full URL exactly as in the claim iss, or several, comma-separated.',
    default: 'none',
    fallback: [],
    example: 'https://login.example.com/',
    usedBy: 'server',
    parse: listOf(issuerText),
  }),
  OIDC_AUDIENCE: setting<readonly string[]>({
    description: 'Identifier of the API at OIDC_ISSUER, or several, comma-separated.',
    default: 'none',
    fallback: [],
    example: 'https://api.example.com',
    usedBy: 'server',
    parse: listOf(audience),
  }),
  OIDC_DISCOVERY_URL: setting<string | undefined>({
    description:
      'Discovery document of OIDC_ISSUER, if it is not below it. The issuer can then be any text.',
    default: 'below OIDC_ISSUER',
    fallback: undefined,
    example: 'https://login.example.com/policy/.well-known/openid-configuration',
    usedBy: 'server',
    parse: endpointUrl(
      'a discovery document',
      'https://login.example.com/policy/.well-known/openid-configuration',
    ),
  }),
  JWKS_URL: setting<string | undefined>({
    description: 'Keys of OIDC_ISSUER, without discovery. The issuer can then be any text.',
    default: 'jwks_uri of discovery',
    fallback: undefined,
    example: 'https://login.example.com/keys',
    usedBy: 'server',
    parse: endpointUrl(
      'a key set',
      'https://login.example.com/keys',
      '. For http inside a cluster, list the issuer in ISSUERS, with allowHttp beside jwksUri',
    ),
  }),
  ISSUERS: setting<string | undefined>({
    description:
      'JSON file with a list of issuers that differ in audience, keys or more, instead of the above. See docs/issuers.md.',
    default: 'none',
    fallback: undefined,
    example: 'issuers.json',
    usedBy: 'server',
    parse: filePath,
  }),
  INTROSPECTION_CLIENT_ID: setting<string | undefined>({
    description:
      'Client ID of the API at its issuer, to have opaque access tokens introspected. See docs/issuers.md.',
    default: 'opaque tokens are rejected',
    fallback: undefined,
    example: 'YOUR_API_CLIENT_ID',
    usedBy: 'server',
    parse: clientCredential,
  }),
  INTROSPECTION_CLIENT_SECRET: setting<string | undefined>({
    description: 'Secret of INTROSPECTION_CLIENT_ID.',
    default: 'none',
    fallback: undefined,
    example: 'YOUR_API_CLIENT_SECRET',
    usedBy: 'server',
    parse: clientCredential,
  }),
  INTROSPECTION_URL: setting<string | undefined>({
    description: 'Introspection endpoint of the issuer.',
    default: 'introspection_endpoint of discovery',
    fallback: undefined,
    example: 'https://login.example.com/oauth2/introspect',
    usedBy: 'server',
    parse: endpointUrl('an endpoint', 'https://login.example.com/oauth2/introspect'),
  }),
  TOKEN_EXCHANGE_CLIENT_ID: setting<string | undefined>({
    description:
      'Client ID of the API at its issuer, to call other APIs on behalf of viewers. See docs/calling-onward.md.',
    default: 'tokens are not exchanged',
    fallback: undefined,
    example: 'YOUR_API_CLIENT_ID',
    usedBy: 'server',
    parse: clientCredential,
  }),
  TOKEN_EXCHANGE_CLIENT_SECRET: setting<string | undefined>({
    description: 'Secret of TOKEN_EXCHANGE_CLIENT_ID.',
    default: 'none',
    fallback: undefined,
    example: 'YOUR_API_CLIENT_SECRET',
    usedBy: 'server',
    parse: clientCredential,
  }),
  ALLOWED_CLIENTS: setting<readonly string[] | undefined>({
    description:
      'Clients whose tokens are accepted, by client ID, comma-separated. OIDC_AUDIENCE can then be left out.',
    default: 'every client',
    fallback: undefined,
    example: 'YOUR_CLIENT_ID,YOUR_OTHER_CLIENT_ID',
    usedBy: 'server',
    parse: listOf(clientCredential),
  }),
  SCOPE_CLAIMS: setting<readonly string[] | undefined>({
    description:
      'Where the scopes of a token are: claims, or paths into them, comma-separated. See docs/issuers.md.',
    default: 'scope, scp and permissions',
    fallback: undefined,
    example: 'scope,realm_access.roles',
    usedBy: 'server',
    parse: listOf(claimPath),
  }),
  MACHINE_TOKENS: setting<'accept' | 'reject'>({
    description:
      'Tokens of clients that act for themselves, without the claim sub: accept or reject.',
    default: 'reject',
    fallback: 'reject',
    example: 'accept',
    usedBy: 'server',
    parse: oneOf('accept', 'reject'),
  }),
  REQUIRED_CLAIMS: setting<readonly string[]>({
    description: 'Claims that every access token must have, or paths into them, comma-separated.',
    default: 'none',
    fallback: [],
    example: 'org_id,email',
    usedBy: 'server',
    parse: listOf(claimName),
  }),
  ACCESS_TOKEN_PROFILE: setting<'jwt' | 'rfc9068'>({
    description:
      'jwt (typ at+jwt, JWT or none) or rfc9068 (typ at+jwt with every claim of RFC 9068).',
    default: 'jwt',
    fallback: 'jwt',
    example: 'rfc9068',
    usedBy: 'server',
    parse: oneOf('jwt', 'rfc9068'),
  }),
  TOKEN_ALGORITHMS: setting<readonly SignatureAlgorithm[]>({
    description:
      'Accepted signature algorithms of access tokens, comma-separated. none and HS* are never accepted.',
    default: 'all asymmetric ones',
    fallback: signatureAlgorithms,
    example: 'PS256,ES256,EdDSA',
    usedBy: 'server',
    parse: listOf(oneOf(...signatureAlgorithms)),
  }),
  CLOCK_TOLERANCE: setting<number>({
    description: 'Seconds by which the clocks of issuer and API may differ, from 0 to 300.',
    default: '5',
    fallback: 5,
    example: '30',
    usedBy: 'server',
    parse: wholeNumber({ from: 0, to: 300, of: 'seconds' }),
  }),
  MAX_TOKEN_BYTES: setting<number>({
    description: 'Maximum access token, in bytes, from 1024 (1 KiB) to 65536 (64 KiB).',
    default: '8192',
    fallback: 8_192,
    example: '16384',
    usedBy: 'server',
    parse: wholeNumber({ from: 1024, to: 65_536, of: 'bytes' }),
  }),
  TOKEN_COOKIE: setting<string | undefined>({
    description:
      'Cookie in which the access token can come too, from pages of PUBLIC_URL and ALLOWED_ORIGINS.',
    default: 'none',
    fallback: undefined,
    example: '__Host-access_token',
    usedBy: 'server',
    parse: httpName('a cookie', '__Host-access_token'),
  }),
  TOKEN_HEADER: setting<string | undefined>({
    description:
      'Header in which a proxy sends the access token, instead of Authorization, for pages of the same origins.',
    default: 'none',
    fallback: undefined,
    example: 'X-Goog-IAP-JWT-Assertion',
    usedBy: 'server',
    parse: httpName('a header', 'X-Goog-IAP-JWT-Assertion'),
  }),
  DPOP: setting<'off' | 'optional' | 'required'>({
    description: 'DPoP (tokens bound to a key of the client): optional, required or off.',
    default: 'optional',
    fallback: 'optional',
    example: 'required',
    usedBy: 'server',
    parse: oneOf('off', 'optional', 'required'),
  }),
  DPOP_ALGORITHMS: setting<readonly DpopAlgorithm[]>({
    description: 'Accepted signature algorithms of DPoP proofs, comma-separated.',
    default: dpopAlgorithms.join(', '),
    fallback: dpopAlgorithms,
    example: 'PS256,ES256,EdDSA',
    usedBy: 'server',
    parse: listOf(oneOf(...dpopAlgorithms)),
  }),
  DPOP_NONCE: setting<'off' | 'required'>({
    description: 'Whether DPoP proofs must contain a nonce of the API: off or required.',
    default: 'off',
    fallback: 'off',
    example: 'required',
    usedBy: 'server',
    parse: oneOf('off', 'required'),
  }),
  DPOP_NONCE_SECRET: setting<string | undefined>({
    description:
      'Secret for nonces, 32 characters or more; with REDIS_URL, the same for all workers and instances.',
    default: 'generated at each start',
    fallback: undefined,
    example: 'YOUR_SECRET_OF_32_CHARACTERS_OR_MORE',
    usedBy: 'server',
    parse: generatedSecret,
  }),
} as const;
