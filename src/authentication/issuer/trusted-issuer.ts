import { isObject } from '../../shared/type-guards.ts';
import {
  findIntrospectionProblems,
  type Introspection,
  type IntrospectionSettings,
  resolveIntrospection,
} from '../introspection/introspection.ts';
import { type AccessTokenProfile, accessTokenProfiles } from '../token/access-token-profile.ts';
import {
  isSignatureAlgorithm,
  type SignatureAlgorithm,
  signatureAlgorithms,
} from '../token/public-key.ts';
import {
  createScopeReader,
  findScopeSourceProblem,
  type ReadScopes,
  type ScopeSource,
} from '../token/scope-source.ts';
import { type FetchFunction, isSecureUrl } from './fetch-json.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { createKeys, findKeySourceProblem, type KeySource } from './key-source.ts';

/** What is accepted of each issuer, unless an entry of `issuers` says otherwise. */
export interface AcceptedTokens {
  /**
   * Claims that every token must have, with a value other than null: names, or paths to members, such as
   * `realm_access.roles`. Default: none.
   */
  readonly requiredClaims?: readonly string[];
  /** Which JWTs are accepted as access tokens. Default `jwt`. */
  readonly profile?: AccessTokenProfile;
  /** The accepted signature algorithms. Default: all supported ones, all of them asymmetric. */
  readonly algorithms?: readonly SignatureAlgorithm[];
  /** Where scopes are. Default: the claims `scope` and `scp`, strings or arrays, and `permissions`. */
  readonly scopes?: ScopeSource;
  /**
   * Whether a token without `sub` is accepted if it is a client's own: one client is named in it, and
   * nothing of a person, a session or an actor. Requires the profile `jwt`. Default `reject`.
   */
  readonly machineTokens?: MachineTokens;
}

/** What happens with tokens that have no subject. */
export type MachineTokens = 'accept' | 'reject';

/** An issuer whose access tokens are accepted: one entry of the option `issuers`. */
export interface TrustedIssuer extends AcceptedTokens {
  /**
   * The issuer, exactly as in the `iss` claim, including any trailing slash. Without `keys`, a URL that is
   * `https`, or `http` on a loopback host; with `keys`, any text.
   */
  readonly issuer: string;
  /**
   * The identifier of this API at this issuer, or several. The `aud` claim of its tokens must contain at
   * least one of them. Can be left out if `clients` is set: then tokens must have no audience.
   */
  readonly audience?: string | readonly string[];
  /**
   * The clients whose tokens are accepted, for issuers that write no `aud`, or in addition. Each of the
   * claims `client_id`, `azp`, `cid` and `appid` that a token has must be one of them, and it must have at
   * least one. Default: every client.
   */
  readonly clients?: readonly string[];
  /** How opaque tokens of the issuer are verified, at most of one of the issuers. Default: they are not. */
  readonly introspection?: Introspection;
  /**
   * Where its keys are. Default: in the metadata below the issuer, those of OpenID Connect Discovery 1.0
   * §4 or, if there are none, of RFC 8414 §3.
   */
  readonly keys?: KeySource;
}

/** What the tokens of one issuer are verified against. */
export interface IssuerSettings {
  /** Exactly as in the `iss` claim. */
  readonly issuer: string;
  readonly keys: IssuerKeys;
  /** The URL of its metadata, if that is not below the issuer. */
  readonly discovery: string | undefined;
  /** None: tokens must have no audience. */
  readonly audiences: ReadonlySet<string>;
  /** Undefined: every client. */
  readonly clients: ReadonlySet<string> | undefined;
  readonly machineTokens: MachineTokens;
  readonly readScopes: ReadScopes;
  readonly requiredClaims: readonly string[];
  readonly profile: AccessTokenProfile;
  readonly algorithms: ReadonlySet<SignatureAlgorithm>;
  /** Undefined if opaque tokens are not accepted. */
  readonly introspection: IntrospectionSettings | undefined;
}

/** What all issuers of one authenticator share. */
export interface IssuerContext {
  readonly fetch: FetchFunction;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onFetchFailure: (issuer: string, error: unknown) => void;
  readonly onScopesFailure: (issuer: string, error: unknown) => void;
  readonly onTenantFailure: (error: unknown) => void;
}

/** Applies the defaults to valid options. */
export function resolveIssuer(
  options: TrustedIssuer,
  defaults: AcceptedTokens,
  context: IssuerContext,
  makeKeys = createKeys,
): IssuerSettings {
  const { issuer } = options;
  const algorithms = acceptedAlgorithms(options, defaults);
  return {
    issuer,
    keys: makeKeys(options.keys, { ...context, issuer, algorithms }),
    discovery: options.keys && 'discovery' in options.keys ? options.keys.discovery : undefined,
    audiences: new Set(toList(options.audience)),
    clients: options.clients === undefined ? undefined : new Set(options.clients),
    machineTokens: options.machineTokens ?? defaults.machineTokens ?? 'reject',
    readScopes: createScopeReader(options.scopes ?? defaults.scopes, (error) =>
      context.onScopesFailure(issuer, error),
    ),
    requiredClaims: [...(options.requiredClaims ?? defaults.requiredClaims ?? [])],
    profile: options.profile ?? defaults.profile ?? 'jwt',
    algorithms,
    introspection: options.introspection && resolveIntrospection(options.introspection, context),
  };
}

/** Ignores what is not a list: that is reported. */
function acceptedAlgorithms(
  options: AcceptedTokens,
  defaults: AcceptedTokens,
): ReadonlySet<SignatureAlgorithm> {
  const listed = options.algorithms ?? defaults.algorithms;
  return new Set(Array.isArray(listed) ? listed : signatureAlgorithms);
}

/** One text, or a list of them, as a list. */
export const toList = (value: string | readonly string[] | undefined): readonly string[] =>
  typeof value === 'string' ? [value] : (value ?? []);

/** Names of options, so that an unknown one can be reported. */
export const acceptedTokensNames: Readonly<Record<keyof AcceptedTokens, true>> = {
  requiredClaims: true,
  profile: true,
  algorithms: true,
  scopes: true,
  machineTokens: true,
};

const trustedIssuerNames: Readonly<Record<keyof TrustedIssuer, true>> = {
  issuer: true,
  audience: true,
  introspection: true,
  keys: true,
  clients: true,
  ...acceptedTokensNames,
};

/**
 * Problems of one issuer.
 *
 * @param prefix what its options are called, such as `issuers[0].`
 */
export function findIssuerProblems(
  options: TrustedIssuer,
  defaults: AcceptedTokens,
  prefix: string,
): readonly string[] {
  const { clients } = options;
  const problems = Object.keys(options)
    .filter((name) => !Object.hasOwn(trustedIssuerNames, name))
    .map(
      (name) =>
        `Unknown option ${prefix}${name}. The options are: ${Object.keys(trustedIssuerNames).join(', ')}.`,
    );
  if (options.keys === undefined && !isIssuerUrl(options.issuer)) {
    problems.push(
      `${prefix}issuer must be the full URL of an issuer, exactly as in the iss claim: https (or http on a loopback host), without query or fragment, such as https://tenant.eu.auth0.com/. If it is not a URL, say in ${prefix}keys where its keys are.`,
    );
  }
  if (options.keys !== undefined && !isIssuerText(options.issuer)) {
    problems.push(
      `${prefix}issuer must be the text of the iss claim, without white space around it.`,
    );
  }
  const needsAudience = options.audience !== undefined || clients === undefined;
  if (needsAudience && !isText(options.audience) && !isListOfTexts(options.audience)) {
    problems.push(
      `${prefix}audience must be the identifier of this API, or a list of them: non-empty strings, such as https://api.example.com. If the issuer writes no aud, leave it out and set clients.`,
    );
  }
  if (clients !== undefined && !isListOfTexts(clients)) {
    problems.push(
      `${prefix}clients must be a list of the clients whose tokens are accepted, as in their client_id, azp, cid or appid.`,
    );
  }
  const scopes = findScopeSourceProblem(options.scopes ?? defaults.scopes, {
    hasClients: clients !== undefined,
  });
  if (scopes !== undefined) problems.push(`${prefix}${scopes}`);
  const machineTokens = options.machineTokens ?? defaults.machineTokens;
  if (machineTokens === 'accept' && (options.profile ?? defaults.profile) === 'rfc9068') {
    problems.push(
      `${prefix}machineTokens: 'accept' requires the profile jwt: with rfc9068, every token must have a subject.`,
    );
  }
  if (options.introspection !== undefined) {
    problems.push(...findIntrospectionProblems(options.introspection, `${prefix}introspection`));
    if (isEndpointUnknown(options)) {
      problems.push(
        `${prefix}introspection.url is required: an issuer that is not an https URL has no metadata unless ${prefix}keys.discovery says where.`,
      );
    }
  }
  const keyProblem = findKeySourceProblem(
    options.keys,
    `${prefix}keys`,
    acceptedAlgorithms(options, defaults),
  );
  if (keyProblem !== undefined) problems.push(keyProblem);
  return [...problems, ...findAcceptedTokensProblems(options, prefix)];
}

/** The characters of an `error_description` (RFC 6750 §3), which names a missing claim. */
const claimNamePattern = /^[\x20-\x21\x23-\x5B\x5D-\x7E]+$/;

/** Problems of what is accepted. @param prefix as for `findIssuerProblems` */
export function findAcceptedTokensProblems(
  {
    requiredClaims = [],
    profile = 'jwt',
    algorithms = signatureAlgorithms,
    machineTokens = 'reject',
  }: AcceptedTokens,
  prefix: string,
): readonly string[] {
  const problems: string[] = [];
  if (machineTokens !== 'accept' && machineTokens !== 'reject') {
    problems.push(`${prefix}machineTokens must be accept or reject.`);
  }
  if (
    !Array.isArray(requiredClaims) ||
    !requiredClaims.every((name) => isText(name) && claimNamePattern.test(name))
  ) {
    problems.push(
      `${prefix}requiredClaims must be a list of claim names: printable ASCII without quotes and backslashes, such as email.`,
    );
  }
  if (!accessTokenProfiles.has(profile)) {
    problems.push(`${prefix}profile must be one of: ${[...accessTokenProfiles].join(', ')}.`);
  }
  if (
    !Array.isArray(algorithms) ||
    algorithms.length === 0 ||
    !algorithms.every(isSignatureAlgorithm)
  ) {
    problems.push(
      `${prefix}algorithms must be a list of: ${signatureAlgorithms.join(', ')}. none and HS* are never accepted.`,
    );
  }
  return problems;
}

/** Whether there are no metadata with the introspection endpoint. */
const isEndpointUnknown = ({ issuer, keys, introspection }: TrustedIssuer): boolean =>
  isObject(introspection) &&
  introspection.url === undefined &&
  !isIssuerUrl(issuer) &&
  !(isObject(keys) && 'discovery' in keys);

const isText = (value: unknown): value is string => typeof value === 'string' && value !== '';

const isListOfTexts = (value: unknown): boolean =>
  Array.isArray(value) && value.length > 0 && value.every(isText);

const isIssuerText = (value: unknown): boolean =>
  isText(value) && value.trim() === value && !/\p{Cc}/u.test(value);

/** Whether a text is the URL of an issuer: metadata can be below it. */
export function isIssuerUrl(text: unknown): boolean {
  if (typeof text !== 'string' || !isSecureUrl(text) || /[?#\s]/.test(text)) return false;
  const { username, password } = new URL(text);
  return username === '' && password === '';
}
