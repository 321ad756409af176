import { findClaim, isClaimPath, maxClaimNames } from '../../shared/claim-path.ts';
import { isIterable, isObject, type JsonObject } from '../../shared/type-guards.ts';
import { AuthError } from '../auth-error.ts';
import { readClientId } from './client.ts';
import { getOwn } from './json.ts';

/**
 * Where the scopes of a token are: paths of claims, or a function of all claims.
 *
 * A path is the name of a claim, such as `cognito:groups` or `https://example.com/roles`, or leads to a
 * member of a claim: `realm_access.roles`. At each step, the longest name that the object has counts, so
 * names can contain dots. `{client}` stands for the client that the token was issued to, and requires
 * `clients`. What is found there can be a space-delimited string, an array of strings, or an object whose
 * names are the scopes, without those whose value is null or false. Everything else grants nothing.
 *
 * The function gets the verified claims, which cannot be changed, once for each token, and returns at most
 * 10,000 strings. If it throws or returns anything else, the token is rejected (`token_scopes`).
 */
export type ScopeSource =
  | readonly string[]
  | ((claims: Readonly<Record<string, unknown>>) => Iterable<string>);

/** Reads the scopes of verified claims. */
export type ReadScopes = (claims: JsonObject) => Set<string>;

/** Of one function. */
const maxScopes = 10_000;

/**
 * Creates the function that reads the scopes of the tokens of one issuer.
 *
 * @param onFailure called with the first failure of a function
 */
export function createScopeReader(
  source: ScopeSource | undefined,
  onFailure: (error: unknown) => void,
): ReadScopes {
  if (typeof source === 'function') return createFunctionReader(source, onFailure);
  if (source !== undefined) {
    return (claims) => new Set(source.flatMap((path) => scopesIn(findValue(claims, path))));
  }
  return readStandardScopes;
}

/**
 * The scopes where most issuers state them: the union of `scope` (RFC 9068 §2.2.3) and `scp`, each a
 * space-delimited string or an array, and `permissions`, an array. Values of other types grant nothing.
 */
const readStandardScopes: ReadScopes = (claims) => {
  const permissions = getOwn(claims, 'permissions');
  return new Set([
    ...listed(getOwn(claims, 'scope')),
    ...listed(getOwn(claims, 'scp')),
    ...(Array.isArray(permissions) ? listed(permissions) : []),
  ]);
};

/** What is wrong with a source. Undefined if it is valid. */
export function findScopeSourceProblem(
  source: unknown,
  { hasClients }: { readonly hasClients: boolean },
): string | undefined {
  if (source === undefined || typeof source === 'function') return undefined;
  if (!Array.isArray(source) || source.length === 0 || !source.every(isClaimPath)) {
    return `scopes must be a function of the claims, or a list of paths such as realm_access.roles, each of at most ${maxClaimNames} names.`;
  }
  return !hasClients && source.some((path) => path.includes(clientPlaceholder))
    ? `scopes contains ${clientPlaceholder}, which requires clients: otherwise every client of the issuer could define scopes of this API.`
    : undefined;
}

/** In a path, stands for the client that the token was issued to. */
export const clientPlaceholder = '{client}';

function createFunctionReader(
  source: Extract<ScopeSource, (...args: never) => unknown>,
  onFailure: (error: unknown) => void,
): ReadScopes {
  let hasFailed = false;
  return (claims) => {
    try {
      return readAll(source(claims));
    } catch (cause) {
      if (!hasFailed) {
        hasFailed = true;
        onFailure(cause);
      }
      throw new AuthError('token_scopes', { cause });
    }
  };
}

function readAll(returned: unknown): Set<string> {
  if (!isIterable(returned)) {
    throw new TypeError('scopes must return a list of strings, without a promise.');
  }
  const scopes = new Set<string>();
  let count = 0;
  for (const scope of returned) {
    count += 1;
    if (typeof scope !== 'string' || count > maxScopes) {
      throw new TypeError(`scopes must return at most ${maxScopes} strings, and nothing else.`);
    }
    scopes.add(scope);
  }
  return scopes;
}

function findValue(claims: JsonObject, path: string): unknown {
  const names = path.split('.');
  if (!path.includes(clientPlaceholder)) return findClaim(claims, names);
  const client = readClientId(claims);
  // Kept in one piece: a client ID can contain dots.
  return client === undefined
    ? undefined
    : findClaim(
        claims,
        names.map((name) => name.replaceAll(clientPlaceholder, () => client)),
      );
}

/** A space-delimited string (RFC 6749 §3.3), or an array of strings. */
function listed(value: unknown): readonly string[] {
  const texts: readonly unknown[] =
    typeof value === 'string' ? value.split(' ') : Array.isArray(value) ? value : [];
  return texts.filter((text): text is string => typeof text === 'string' && text !== '');
}

function scopesIn(value: unknown): readonly string[] {
  if (!isObject(value) || Array.isArray(value)) return listed(value);
  return Object.keys(value).filter((name) => value[name] != null && value[name] !== false);
}
