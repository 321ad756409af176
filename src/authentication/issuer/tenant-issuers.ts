import { LRUCache } from 'lru-cache';
import { isObject } from '../../shared/type-guards.ts';
import { withTimeout } from '../../shared/with-timeout.ts';
import { AuthError } from '../auth-error.ts';
import { timeoutMs } from './fetch-json.ts';
import type { IssuerKeys } from './issuer-keys.ts';
import { findIssuerProblems } from './issuer-problems.ts';
import { createKeys } from './key-source.ts';
import {
  type AcceptedTokens,
  type IssuerContext,
  type IssuerSettings,
  resolveIssuer,
  type TrustedIssuer,
} from './trusted-issuer.ts';

/** What a token and its request say about their tenant. Nothing of it has been verified. */
export interface TenantRequest {
  /** The claim `iss` of the token. */
  readonly issuer: string;
  /** The `Host` header or, without one, the host of the URL: lowercase, with the port if there is one. */
  readonly host: string | undefined;
  /** The path of the URL, without query. */
  readonly path: string;
}

/**
 * Finds the issuer of a tenant. It is called with a token whose signature has not been verified, so it
 * looks for the issuer among the known ones, and fetches nothing from it.
 *
 * Undefined means that the tenant is unknown, which rejects the token with `token_issuer`. If it throws,
 * takes longer than 5 seconds, or returns an invalid or another issuer, the response is 503
 * (`keys_unavailable`), and `onTenantFailure` is called with the error, which is also the `cause` of the
 * `AuthError`.
 *
 * Results are used for 5 minutes, and undefined for 30 seconds.
 */
export type IssuerResolver = (
  request: TenantRequest,
) => TrustedIssuer | undefined | Promise<TrustedIssuer | undefined>;

/** The issuers of tenants that have sent tokens. */
export interface TenantIssuers {
  /** What `find` would resolve to without calling the resolver. */
  findNow(request: TenantRequest): IssuerSettings | undefined;
  /** @throws {AuthError} `token_issuer` or `keys_unavailable` */
  find(request: TenantRequest): Promise<IssuerSettings>;
  /** Call it when a token has been verified against what was found for its request. */
  keep(request: TenantRequest): void;
}

/** The most results that are remembered, of each kind. */
export const maxTenants = 1_000;
/** Characters of issuer, host and path together. Longer ones are not those of a tenant. */
const maxLength = 2_000;
/** Calls at the same time, each for another tenant. As many again for those whose tokens were verified. */
const maxPending = 100;
const foundMs = 5 * 60_000;
const unknownMs = 30_000;
/** Clients can cause failures as often as they like. */
const reportMs = 1_000;
/** Seconds after which a client can try again. */
const retryAfter = 5;

interface Found {
  readonly settings: IssuerSettings;
  readonly since: number;
}

/** Creates the issuers of a resolver, without any tenant. */
export function createTenantIssuers(
  resolver: IssuerResolver,
  defaults: AcceptedTokens,
  context: IssuerContext,
): TenantIssuers {
  const { now } = context;
  const verified = new LRUCache<string, Found>({ max: maxTenants });
  // Apart, because clients can invent them: hosts and paths, which a resolver can ignore, and issuers.
  const unverified = new LRUCache<string, Found>({ max: maxTenants });
  const unknown = new LRUCache<string, number>({ max: maxTenants });
  const pending = new Map<string, Promise<IssuerSettings | undefined>>();
  // Tenants that are found again keep their keys.
  const keys = new LRUCache<string, IssuerKeys>({ max: maxTenants });

  /** Also false if the clock was set back. */
  const isWithin = (since: number, duration: number) => now() >= since && now() < since + duration;

  const createTenantKeys: typeof createKeys = (source, options) => {
    const id = JSON.stringify([options.issuer, source, [...options.algorithms]]);
    const created = keys.get(id) ?? createKeys(source, options);
    keys.set(id, created);
    return created;
  };

  let lastReport = Number.NEGATIVE_INFINITY;
  function report(error: unknown): void {
    if (isWithin(lastReport, reportMs)) return;
    lastReport = now();
    context.onTenantFailure(error);
  }

  function recall(id: string): IssuerSettings | undefined {
    const result = verified.get(id) ?? unverified.get(id);
    return result !== undefined && isWithin(result.since, foundMs) ? result.settings : undefined;
  }

  async function resolveTenant(
    request: TenantRequest,
    id: string,
  ): Promise<IssuerSettings | undefined> {
    const found = Promise.resolve(request).then(resolver);
    const tenant = await withTimeout(found, timeoutMs, timeoutMessage);
    if (tenant === undefined) {
      unknown.set(id, now());
      return undefined;
    }
    checkTenant(tenant, request, defaults);
    const settings = resolveIssuer(tenant, defaults, context, createTenantKeys);
    (verified.has(id) ? verified : unverified).set(id, { settings, since: now() });
    return settings;
  }

  function start(request: TenantRequest, id: string): Promise<IssuerSettings | undefined> {
    if (pending.size >= (verified.has(id) ? 2 : 1) * maxPending)
      throw new Error('Too many tenants are being looked up.');
    const result = resolveTenant(request, id).finally(() => pending.delete(id));
    pending.set(id, result);
    return result;
  }

  return {
    findNow: (request) => recall(toId(request)),
    async find(request) {
      const id = toId(request);
      if (id.length > maxLength) throw new AuthError('token_issuer');
      const recalled = recall(id);
      if (recalled !== undefined) return recalled;
      const missed = unknown.get(id);
      if (missed !== undefined && isWithin(missed, unknownMs)) throw new AuthError('token_issuer');
      let settings: IssuerSettings | undefined;
      try {
        settings = await (pending.get(id) ?? start(request, id));
      } catch (cause) {
        report(cause);
        throw new AuthError('keys_unavailable', { retryAfter, cause });
      }
      if (settings === undefined) throw new AuthError('token_issuer');
      return settings;
    },
    keep(request) {
      const id = toId(request);
      const result = unverified.get(id);
      if (result === undefined) return;
      unverified.delete(id);
      verified.set(id, result);
    },
  };
}

/** JSON is unambiguous. */
const toId = ({ issuer, host, path }: TenantRequest): string =>
  JSON.stringify([issuer, host, path]);

/** The message names no value, because the issuer comes from the token. */
function checkTenant(
  tenant: unknown,
  { issuer }: TenantRequest,
  defaults: AcceptedTokens,
): asserts tenant is TrustedIssuer {
  if (!isTrustedIssuer(tenant)) {
    throw new TypeError('The resolver of issuers must return an issuer or undefined.');
  }
  const problems = [...findIssuerProblems(tenant, defaults, '')];
  if (tenant.issuer !== issuer) problems.push('issuer must be that of the token.');
  if (tenant.introspection !== undefined) {
    problems.push('introspection requires a list of issuers: an opaque token names no tenant.');
  }
  if (problems.length > 0) {
    throw new TypeError(`The resolver of issuers: ${problems.join(' ')}`);
  }
}

/** Only its form: `findIssuerProblems` checks the members. */
const isTrustedIssuer = (value: unknown): value is TrustedIssuer => isObject(value);

const timeoutMessage = `The resolver of issuers did not return within ${timeoutMs / 1000} seconds.`;

/** The host and the path of a request. */
export function readTarget(
  url: string,
  headers: Pick<Headers, 'get'>,
): Omit<TenantRequest, 'issuer'> {
  const absolute = !url.startsWith('/') && URL.canParse(url) ? new URL(url) : undefined;
  const [path = ''] = (absolute?.pathname ?? url).split(/[?#]/, 1);
  const host = headers.get('host')?.trim() || absolute?.host;
  return { host: host?.toLowerCase(), path };
}
