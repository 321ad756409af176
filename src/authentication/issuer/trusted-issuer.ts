import {
  type Introspection,
  type IntrospectionSettings,
  resolveIntrospection,
} from '../introspection/introspection.ts';
import type { AccessTokenProfile } from '../token/access-token-profile.ts';
import { type SignatureAlgorithm, signatureAlgorithms } from '../token/public-key.ts';
import { createScopeReader, type ReadScopes, type ScopeSource } from '../token/scope-source.ts';
import type { FetchFunction } from './fetch-json.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { createKeys, type KeySource } from './key-source.ts';

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
  readonly onFetchRecovery: (issuer: string) => void;
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
export function acceptedAlgorithms(
  options: AcceptedTokens,
  defaults: AcceptedTokens,
): ReadonlySet<SignatureAlgorithm> {
  const listed = options.algorithms ?? defaults.algorithms;
  return new Set(Array.isArray(listed) ? listed : signatureAlgorithms);
}

/** One text, or a list of them, as a list. */
export const toList = (value: string | readonly string[] | undefined): readonly string[] =>
  typeof value === 'string' ? [value] : (value ?? []);
