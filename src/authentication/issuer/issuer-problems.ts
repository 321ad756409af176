import { isObject } from '../../shared/type-guards.ts';
import { findIntrospectionProblems } from '../introspection/introspection.ts';
import { accessTokenProfiles } from '../token/access-token-profile.ts';
import { isSignatureAlgorithm, signatureAlgorithms } from '../token/public-key.ts';
import { findScopeSourceProblem } from '../token/scope-source.ts';
import { isSecureUrl } from './fetch-json.ts';
import { findKeySourceProblem } from './key-source.ts';
import { type AcceptedTokens, acceptedAlgorithms, type TrustedIssuer } from './trusted-issuer.ts';

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
