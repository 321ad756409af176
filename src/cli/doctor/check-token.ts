import { AuthError } from '../../authentication/auth-error.ts';
import {
  type AuthErrorReason,
  isAuthErrorReason,
} from '../../authentication/auth-error-reasons.ts';
import { createAuthenticator } from '../../authentication/authenticator.ts';
import { jwsLength, readCompactJws } from '../../authentication/token/compact-jws.ts';
import { getOwn } from '../../authentication/token/json.ts';
import { signatureAlgorithms } from '../../authentication/token/public-key.ts';
import type { AuthenticatedViewer } from '../../authentication/viewer.ts';
import type { JsonObject } from '../../shared/type-guards.ts';
import {
  audiencesOf,
  type DiagnosedApi,
  type DoctorEnvironment,
  issuersOf,
} from './diagnosed-api.ts';
import { type Finding, showValue } from './finding.ts';

/** What is checked of a token besides its verification. */
export interface TokenCheck {
  /** The value of the `Authorization` header. */
  readonly authorization: string;
  /** Every scope that a rule names. */
  readonly scopes: readonly string[];
}

/**
 * Verifies a token as the API does, and explains why it is rejected. Shown of it are its issuer, audience,
 * times, type and algorithm, and which scopes it has of those that the rules name: nothing else.
 */
export async function checkToken(
  { authorization, scopes }: TokenCheck,
  api: DiagnosedApi,
  { fetch, now }: DoctorEnvironment,
): Promise<readonly Finding[]> {
  const authenticator = createAuthenticator({
    ...api.authenticator,
    // Wherever the API reads tokens: this one is passed as a header.
    tokenFrom: 'authorization',
    fetch,
    clock: { now: () => new Date(now()) },
  });
  try {
    const viewer = await authenticator.authenticate({
      method: 'POST',
      url: '/graphql',
      headers: { get: (name) => (name.toLowerCase() === 'authorization' ? authorization : null) },
    });
    if (viewer.kind === 'anonymous') return [noCredentials];
    return [{ verdict: 'ok', text: 'Token: the API accepts it.' }, checkScopes(viewer, scopes)];
  } catch (error) {
    if (!(error instanceof AuthError)) throw error;
    // Found after everything else of the token was verified.
    if (error.reason === 'token_bound') {
      return [
        {
          verdict: 'ok',
          text: 'Token: it is valid, and bound to a key. Send it as DPoP, with a proof: a Bearer request with it is rejected (token_bound).',
        },
      ];
    }
    return [explain(error, readParts(authorization), api, now())];
  }
}

const noCredentials: Finding = {
  verdict: 'problem',
  text: 'Token: the header has no scheme that the API knows, so the request counts as one without a token.',
  fix: 'Put Bearer and a space before the token.',
  section: 'the-word-bearer-is-missing',
};

function checkScopes({ scopes: held }: AuthenticatedViewer, named: readonly string[]): Finding {
  const missing = named.filter((scope) => !held.has(scope));
  const present = named.filter((scope) => held.has(scope));
  const list = (scopes: readonly string[]) => (scopes.length === 0 ? 'none' : scopes.join(' '));
  const text = `Scopes that rules name: the token has ${list(present)}, and lacks ${list(missing)}.`;
  if (named.length === 0 || present.length > 0) return { verdict: 'note', text };
  return {
    verdict: 'note',
    text: `${text} If it should have them, request them, or have the issuer add them: at Auth0, with Enable RBAC and Add Permissions in the Access Token. See docs/troubleshooting.md#permission-assigned-but-scope-missing-from-the-token`,
  };
}

interface TokenParts {
  readonly header: JsonObject;
  readonly claims: JsonObject;
}

const noParts: TokenParts = { header: {}, claims: {} };

function readParts(authorization: string): TokenParts {
  const jws = readCompactJws(authorization.trim().split(/ +/).at(-1) ?? '', jwsLength.max);
  return jws.kind === 'jws' ? { header: jws.header, claims: jws.payload } : noParts;
}

function explain(error: AuthError, parts: TokenParts, api: DiagnosedApi, now: number): Finding {
  const { reason } = error;
  const details = isAuthErrorReason(reason) ? explanations[reason]?.(parts, api, now) : undefined;
  return {
    verdict: 'problem',
    text: `Token: ${error.message} (${error.reason})${details?.seen === undefined ? '' : ` ${details.seen}`}`,
    fix: details?.fix ?? 'The section on this reason says what to do.',
    section: error.reason,
  };
}

interface Explanation {
  /** What the token has, and what is expected. */
  readonly seen?: string;
  readonly fix: string;
}

type Explain = (parts: TokenParts, api: DiagnosedApi, now: number) => Explanation;

const seconds = (claims: JsonObject, name: string): string => {
  const value = getOwn(claims, name);
  if (typeof value !== 'number') return `${name} is ${showValue(value)}`;
  const time = new Date(value * 1_000);
  return `${name} is ${Number.isNaN(time.getTime()) ? value : time.toISOString()}`;
};

/** Of the reasons about which the token says more than the error. */
const explanations: { readonly [Reason in AuthErrorReason]?: Explain } = {
  authorization_malformed: () => ({
    fix: 'Pass the token as it is: without quotes, spaces and line breaks.',
  }),
  token_not_jws: () => ({
    fix: 'It is opaque or encrypted, or not a token. Request it with the audience of this API; or, if the issuer has opaque tokens only, have them introspected (INTROSPECTION_CLIENT_ID).',
  }),
  token_issuer({ claims }, { authenticator }) {
    const issuer = getOwn(claims, 'iss');
    const trusted = issuersOf(authenticator);
    const isSlash =
      typeof issuer === 'string' &&
      trusted.some((one) => one.replace(/\/$/, '') === issuer.replace(/\/$/, ''));
    return {
      seen: `Its iss is ${showValue(issuer)}; trusted: ${trusted.join(', ') || 'looked up for each token'}.`,
      fix: isSlash
        ? 'They differ in the slash at the end: configure the issuer exactly as in iss.'
        : 'Configure the issuer exactly as in iss, or get the token from the configured issuer.',
    };
  },
  token_audience({ claims }, { authenticator }) {
    const accepted = audiencesOf(authenticator, getOwn(claims, 'iss')).join(', ') || 'none at all';
    return {
      seen: `Its aud is ${showValue(getOwn(claims, 'aud'))}; accepted: ${accepted}.`,
      fix: 'Request the access token with this audience, and send that, not the ID token; or configure the audience that the token names.',
    };
  },
  token_expired: ({ claims }, _api, now) => ({
    seen: `Its ${seconds(claims, 'exp')}; now it is ${new Date(now).toISOString()}.`,
    fix: 'Get a new token. If it is new, synchronize the clock of this machine with NTP.',
  }),
  token_not_yet_valid: ({ claims }, _api, now) => ({
    seen: `Its ${seconds(claims, 'nbf')}, its ${seconds(claims, 'iat')}; now it is ${new Date(now).toISOString()}.`,
    fix: 'Synchronize the clocks of this machine and of the issuer with NTP.',
  }),
  token_times: ({ claims }) => ({
    seen: `Its ${seconds(claims, 'exp')}, its ${seconds(claims, 'nbf')}, its ${seconds(claims, 'iat')}.`,
    fix: 'Have the issuer set them as numbers of seconds.',
  }),
  token_algorithm: ({ header }, { authenticator }) => ({
    seen: `Its alg is ${showValue(getOwn(header, 'alg'))}; accepted: ${(authenticator.algorithms ?? signatureAlgorithms).join(', ')}.`,
    fix: 'Choose one of them at the issuer, or add its own to TOKEN_ALGORITHMS. none and HS* are never accepted.',
  }),
  token_type: ({ header, claims }) => ({
    seen: `Its typ is ${showValue(getOwn(header, 'typ'))}; token_use is ${showValue(getOwn(claims, 'token_use'))}.`,
    fix: 'Send the access_token of the token response, not the id_token. With ACCESS_TOKEN_PROFILE=rfc9068, typ must be at+jwt.',
  }),
  token_signature: ({ header }) => ({
    seen: `Its kid is ${showValue(getOwn(header, 'kid'))}.`,
    fix: 'Get a new token, and pass all of it. If that fails too, its issuer signs with a key that it does not publish.',
  }),
  token_claim: () => ({
    fix: 'Have the issuer add the claim, or remove it from REQUIRED_CLAIMS.',
  }),
  bearer_not_accepted: () => ({
    fix: 'Get a token that is bound to a key, or set DPOP=optional.',
  }),
  keys_unavailable: () => ({
    fix: 'See the problem of the issuer above.',
  }),
};
