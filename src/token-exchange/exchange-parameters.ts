import { isIterable } from '../shared/type-guards.ts';
import { TokenExchangeError } from './token-exchange-error.ts';

/** What a token is exchanged for. */
export interface ExchangeTarget {
  /** The identifier of the API to call, or several (RFC 8693 §2.1). */
  readonly audience?: string | readonly string[];
  /** The URL of the API to call, or several (RFC 8707 §2). Most issuers take `audience` instead. */
  readonly resource?: string | readonly string[];
  /** Separated by spaces, or a list. Default: what the issuer grants without being asked. */
  readonly scope?: string | Iterable<string>;
  /**
   * The type of the token that is exchanged, as a URI. Auth0 finds the Custom Token Exchange Profile by
   * it. Default `urn:ietf:params:oauth:token-type:access_token`.
   */
  readonly subjectTokenType?: string;
  /**
   * The type of the new token, as a URI. Default: an access token, and with a `subjectTokenType` of your
   * own, what the issuer returns.
   */
  readonly requestedTokenType?: string;
  /** The token of who acts for the subject, and its type. Default: the client is the actor. */
  readonly actor?: { readonly token: string; readonly type: string };
  /**
   * Other parameters, such as `organization` of Auth0. Those that authenticate the client or that have
   * an option of their own are rejected.
   */
  readonly parameters?: Readonly<Record<string, string | readonly string[]>>;
}

/** Parameters of a form: several can have the same name. */
export type FormParameters = readonly (readonly [name: string, value: string])[];

/** The types of access tokens (RFC 8693 §3). */
export const accessTokenType = 'urn:ietf:params:oauth:token-type:access_token';

/** The most values of one name, and the most parameters in addition. */
const maxValues = 20;
/** Characters. */
const maxLength = 2_048;
/** Characters of a token. */
const maxTokenLength = 16_384;

/** An absolute URI (RFC 3986 §4.3). It takes linear time. */
const absoluteUri = /^[a-z][a-z0-9+.-]*:[\x21-\x22\x24-\x7E]+$/i;

/** A `scope-token` (RFC 6749 §3.3). */
const scopeToken = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

const targetNames: Readonly<Record<keyof ExchangeTarget, true>> = {
  audience: true,
  resource: true,
  scope: true,
  subjectTokenType: true,
  requestedTokenType: true,
  actor: true,
  parameters: true,
};

/** Parameters with an option of their own, or of the client's authentication. In lower case. */
const reserved: ReadonlySet<string> = new Set([
  'grant_type',
  'audience',
  'resource',
  'scope',
  'subject_token',
  'subject_token_type',
  'requested_token_type',
  'actor_token',
  'actor_token_type',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type',
]);

/**
 * The parameters of a token request (RFC 8693 §2.1), except for the token that is exchanged.
 *
 * @throws {TokenExchangeError} `parameter_invalid`, which names the first invalid one
 */
export function toParameters(target: ExchangeTarget): FormParameters {
  for (const name of Object.keys(target)) {
    const known = Object.keys(targetNames);
    check(known.includes(name), name, `does not exist. There are: ${known.join(', ')}`);
  }
  const { subjectTokenType: type = accessTokenType, actor, parameters = {} } = target;
  checkUri(type, 'subjectTokenType');
  const requestedType =
    target.requestedTokenType ?? (type === accessTokenType ? accessTokenType : undefined);
  const list: (readonly [string, string])[] = [
    ['grant_type', 'urn:ietf:params:oauth:grant-type:token-exchange'],
    ['subject_token_type', type],
  ];
  for (const audience of toTexts(target.audience, 'audience')) list.push(['audience', audience]);
  for (const resource of toTexts(target.resource, 'resource')) {
    checkUri(resource, 'resource');
    list.push(['resource', resource]);
  }
  const scopes = toScopes(target.scope);
  if (scopes.length > 0) list.push(['scope', scopes.join(' ')]);
  if (requestedType !== undefined) {
    checkUri(requestedType, 'requestedTokenType');
    list.push(['requested_token_type', requestedType]);
  }
  if (actor !== undefined) {
    check(isToken(actor.token), 'actor.token', 'must be a token, without the scheme Bearer');
    checkUri(actor.type, 'actor.type');
    list.push(['actor_token', actor.token], ['actor_token_type', actor.type]);
  }
  const others = Object.entries(parameters);
  check(others.length <= maxValues, 'parameters', `must be at most ${maxValues}`);
  for (const [name, values] of others) {
    check(
      /^[\w.-]{1,64}$/.test(name) && !reserved.has(name.toLowerCase()),
      'parameters',
      'must have names other than those of the token request itself',
    );
    for (const value of toTexts(values, `parameters.${name}`)) list.push([name, value]);
  }
  return list;
}

function toScopes(scope: ExchangeTarget['scope']): readonly string[] {
  if (scope === undefined) return [];
  const isText = typeof scope === 'string';
  const names: readonly unknown[] = isText
    ? scope.split(' ').filter((name) => name !== '')
    : isIterable(scope)
      ? [...scope]
      : [undefined];
  check(
    names.every((name) => typeof name === 'string' && scopeToken.test(name)) &&
      names.join(' ').length <= maxLength,
    'scope',
    'must be scopes, separated by spaces or as a list',
  );
  return [...new Set(names.map(String))];
}

/** Whether a text can be a token that is exchanged. */
export const isToken = (token: unknown): token is string =>
  typeof token === 'string' && token.length <= maxTokenLength && /^[\x21-\x7E]+$/.test(token);

function toTexts(values: unknown, name: string): readonly string[] {
  if (values === undefined) return [];
  const list: readonly unknown[] = Array.isArray(values) ? values : [values];
  check(list.length <= maxValues, name, `must have at most ${maxValues} values`);
  return list.map((value) => {
    if (typeof value !== 'string' || value === '' || value.length > maxLength) {
      throw invalid(name, `must be a text of 1 to ${maxLength} characters, or a list of them`);
    }
    return value;
  });
}

const checkUri = (value: string, name: string): void =>
  check(
    typeof value === 'string' && value.length <= maxLength && absoluteUri.test(value),
    name,
    'must be an absolute URI without fragment',
  );

function check(isValid: boolean, name: string, problem: string): void {
  if (!isValid) throw invalid(name, problem);
}

const invalid = (name: string, problem: string): TokenExchangeError =>
  new TokenExchangeError('parameter_invalid', `exchangeToken: ${name} ${problem}.`);
