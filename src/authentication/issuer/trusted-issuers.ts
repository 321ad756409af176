import { safeReport } from '../../shared/safe-report.ts';
import { isJsonObject } from '../../shared/type-guards.ts';
import type { AuthenticatorOptions } from '../authenticator-options.ts';
import { findAcceptedTokensProblems, findIssuerProblems } from './issuer-problems.ts';
import { createTenantIssuers, type TenantIssuers } from './tenant-issuers.ts';
import {
  type IssuerSettings,
  resolveIssuer,
  type TrustedIssuer,
  toList,
} from './trusted-issuer.ts';

/** Whose tokens are accepted: those of a list of issuers, or of tenants that are found when needed. */
export interface TrustedIssuers {
  /** By the `iss` claim. Empty if there are tenants. */
  readonly issuers: ReadonlyMap<string, IssuerSettings>;
  readonly tenants: TenantIssuers | undefined;
}

/** Applies the defaults to valid options. */
export function resolveTrustedIssuers(
  options: AuthenticatorOptions,
  now: () => number,
): TrustedIssuers {
  const context = {
    // Looked up on each call, because tracers and tests replace the global function.
    fetch: options.fetch ?? ((url, init) => globalThis.fetch(url, init)),
    now,
    onFetchFailure: safeReport(options.onFetchFailure),
    onFetchRecovery: safeReport(options.onFetchRecovery),
    onScopesFailure: safeReport(options.onScopesFailure),
    onTenantFailure: safeReport(options.onTenantFailure),
  };
  const entries = options.issuers ?? fromShortForm(options);
  if (typeof entries === 'function') {
    return { issuers: new Map(), tenants: createTenantIssuers(entries, options, context) };
  }
  const issuers = entries.map((entry) => resolveIssuer(entry, options, context));
  return { issuers: new Map(issuers.map((one) => [one.issuer, one])), tenants: undefined };
}

/** The entries of `issuers` that the options `issuer` and `audience` stand for. */
function fromShortForm(options: AuthenticatorOptions): readonly TrustedIssuer[] {
  const { issuer, audience, clients, introspection, keys } = options;
  const shared = {
    ...(audience === undefined ? {} : { audience }),
    ...(clients === undefined ? {} : { clients }),
    ...(introspection === undefined ? {} : { introspection }),
    ...(keys === undefined ? {} : { keys }),
  };
  return toList(issuer).map((text) => ({ issuer: text, ...shared }));
}

/** The options that `issuers` replaces. */
const shortForm = ['issuer', 'audience', 'clients', 'introspection', 'keys'] as const;

/** Problems of the options that say who is trusted. */
export function findTrustProblems(options: AuthenticatorOptions): readonly string[] {
  const problems = [...findAcceptedTokensProblems(options, '')];
  if (options.issuers === undefined) {
    const entries = fromShortForm(options);
    // Without any issuer, the problem of an invalid one.
    const checked = entries.length > 0 ? entries : fromShortForm({ ...options, issuer: '' });
    if (entries.length > 1 && options.keys !== undefined) {
      problems.push('keys requires a single issuer: list several in issuers, each with its keys.');
    }
    const found = checked.flatMap((entry) => findIssuerProblems(entry, options, ''));
    return [...new Set(found), ...problems, ...findIntrospectingProblems(entries)];
  }
  for (const name of shortForm) {
    if (options[name] !== undefined) {
      problems.push(
        `${name} cannot be combined with issuers: set it in each of them, or remove issuers.`,
      );
    }
  }
  if (typeof options.issuers === 'function') return problems;
  if (!isIssuerList(options.issuers)) {
    return [
      ...problems,
      'issuers must be a list of at least one object with issuer and audience, or a function.',
    ];
  }
  const names = options.issuers.map(({ issuer }) => issuer);
  names.forEach((name, index) => {
    if (names.indexOf(name) < index) {
      problems.push(`issuers[${index}].issuer is listed twice: make one entry of the two.`);
    }
  });
  return [
    ...problems,
    ...options.issuers.flatMap((entry, index) =>
      findIssuerProblems(entry, options, `issuers[${index}].`),
    ),
    ...findIntrospectingProblems(options.issuers),
  ];
}

/** Sending a token to all of several issuers would give it to those that it is not from. */
function findIntrospectingProblems(entries: readonly TrustedIssuer[]): readonly string[] {
  return entries.filter(({ introspection }) => introspection !== undefined).length > 1
    ? [
        'introspection must be set for one issuer only, because an opaque token does not name its issuer: list the issuers in issuers, and set it in one of them.',
      ]
    : [];
}

/** Only the form of a list: `findTrustProblems` checks the members of its entries. */
export const isIssuerList = (value: unknown): value is readonly TrustedIssuer[] =>
  Array.isArray(value) && value.length > 0 && value.every(isJsonObject);
