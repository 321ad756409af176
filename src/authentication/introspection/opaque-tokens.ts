import { LRUCache } from 'lru-cache';
import { AuthError } from '../auth-error.ts';
import { fetchMetadata, type MetadataSource, readEndpoint } from '../issuer/discovery.ts';
import { type FetchFunction, timeoutMs } from '../issuer/fetch-json.ts';
import type { KeyStatistics } from '../issuer/issuer-keys.ts';
import type { IssuerSettings } from '../issuer/trusted-issuer.ts';
import type { AccessToken, AccessTokenSettings } from '../token/access-token.ts';
import type { TimeSettings } from '../token/claims.ts';
import { readIntrospectedToken } from './introspected-token.ts';
import type { IntrospectionSettings } from './introspection.ts';
import { createRequestBudget } from './request-budget.ts';
import {
  type IntrospectionEndpoint,
  IntrospectionError,
  requestIntrospection,
} from './request-introspection.ts';

/** Verifies opaque tokens. */
export interface OpaqueTokens<Accepted> {
  /**
   * Asks the issuer about a token, unless it was rejected recently. Requests with the same token share one.
   *
   * @param hash the SHA-256 of the token
   * @param wasActive whether the token was verified before
   * @throws {AuthError} `token_inactive`, any reason for which a JWT is rejected because of its claims,
   * `introspection_unavailable`
   */
  verify(token: string, hash: string, wasActive: boolean): Promise<Accepted>;
  /** Rejects a token for 10 seconds, without asking the issuer, for a reason that was found after `verify`. */
  reject(hash: string, error: AuthError): void;
  /** Has the issuer asked again about every token, also those about which it is being asked now. */
  forget(): void;
  /** Whether the endpoint is known. An outage is not counted: it would take all instances out of service. */
  ready(): boolean;
  /** Counters of requests to the issuer, and whether the last one failed. */
  statistics(): Omit<KeyStatistics, 'fetchedAt'>;
  /**
   * Finds the endpoint, if it is not known yet.
   *
   * @throws {AuthError} `introspection_unavailable`
   */
  warmUp(): Promise<void>;
}

/** How long a token stays rejected, so that sending it again does not cause a request. */
const rejectedMs = 10_000;

/** The most rejected tokens that are remembered: about 2 MB. */
const maxRejected = 10_000;

/**
 * How long no request is sent after one has failed for a reason that the next one shares. If it was for a
 * token that was never active, requests for those that were continue.
 */
const pauseMs = 1_000;

/** The most that a `Retry-After` of the issuer is respected. */
const maxPauseMs = 30_000;

/** Failures are reported at most once in this time. */
const reportMs = 1_000;

/** Discovery and introspection have ended by then, one way or the other. */
const maxRequestMs = 3 * timeoutMs + 1_000;

/** Longer tokens are not sent to the issuer. */
const maxLength = 4_096;

/** A `token68` (RFC 9110 §11.2). It takes linear time. */
const token68 = /^[A-Za-z0-9\-._~+/]+=*$/;

/** A JWS has three segments (RFC 7515 §7.1), a JWE five (RFC 7516 §7.1). */
const jwtSegments: ReadonlySet<number> = new Set([3, 5]);

/** Whether a token can be opaque. Any other one must not be sent to the issuer. */
export const isOpaqueToken = (token: string): boolean =>
  token.length <= maxLength && token68.test(token) && !jwtSegments.has(token.split('.').length);

/**
 * Creates the verification of opaque tokens of the issuer that has introspection. Nothing is requested
 * before the first one.
 *
 * @param accept called once for each active token whose claims are right. If it throws an `AuthError`, the
 * token is rejected.
 * @returns undefined if none has it
 */
export function createOpaqueTokens<Accepted>(
  { issuers, ...time }: AccessTokenSettings,
  accept: (token: AccessToken) => Accepted,
): OpaqueTokens<Accepted> | undefined {
  for (const issuer of issuers.values()) {
    if (issuer.introspection) return createTokensOf(issuer, issuer.introspection, time, accept);
  }
  return undefined;
}

function createTokensOf<Accepted>(
  issuer: IssuerSettings,
  introspection: IntrospectionSettings,
  time: TimeSettings,
  accept: (token: AccessToken) => Accepted,
): OpaqueTokens<Accepted> {
  const { cacheMs, maxPerSecond, onFetchFailure, onFetchRecovery } = introspection;
  const total = { fetches: 0, failures: 0 };
  let isFailing = false;
  const { now } = time;
  const budget = createRequestBudget(maxPerSecond, now);
  // With `max`, the memory for that many would be reserved right away.
  const rejected = new LRUCache<string, Rejection>({ maxSize: maxRejected });
  const inFlight = new Map<string, Verification<Accepted>>();
  // Apart, because a client can send a token with which the issuer fails (a firewall in front of it).
  const pausedUntil = { active: Number.NEGATIVE_INFINITY, other: Number.NEGATIVE_INFINITY };
  let lastReport = Number.NEGATIVE_INFINITY;
  let url = introspection.url;

  /** If the clock was set back, the pause ends: it lasts at most as long as any pause. */
  const remainingPause = (wasActive: boolean) => {
    const left = pausedUntil[wasActive ? 'active' : 'other'] - now();
    return left > maxPauseMs ? 0 : Math.max(0, left);
  };

  const unavailable = (wasActive: boolean, cause?: unknown) =>
    new AuthError('introspection_unavailable', {
      retryAfter: Math.max(1, Math.ceil(remainingPause(wasActive) / 1000)),
      cause,
    });

  function report(error: unknown): void {
    const time = now();
    if (time >= lastReport && time < lastReport + reportMs) return;
    lastReport = time;
    onFetchFailure(issuer.issuer, error);
  }

  /** @param pausesActive whether tokens that were active before would get the same error */
  function fail(error: unknown, pausesActive: boolean): void {
    total.failures += 1;
    isFailing = true;
    if (!(error instanceof IntrospectionError) || error.isOutage) {
      const asked = error instanceof IntrospectionError ? (error.retryAfter ?? 0) * 1000 : 0;
      pausedUntil.other = now() + Math.min(Math.max(asked, pauseMs), maxPauseMs);
      if (pausesActive) pausedUntil.active = pausedUntil.other;
    }
    report(error);
  }

  async function findEndpoint(): Promise<IntrospectionEndpoint> {
    try {
      url ??= await findUrl(issuer, introspection.fetch);
    } catch (error) {
      fail(error, true);
      throw unavailable(true, error);
    }
    return { ...introspection, issuer: issuer.issuer, url, now };
  }

  async function introspect(token: string, wasActive: boolean): Promise<AccessToken> {
    const since = now();
    const endpoint = await findEndpoint();
    total.fetches += 1;
    const result = await requestIntrospection(token, endpoint).catch((error: unknown) => {
      fail(error, wasActive);
      throw unavailable(wasActive, error);
    });
    if (isFailing) {
      isFailing = false;
      onFetchRecovery(issuer.issuer);
    }
    if (result.kind === 'inactive') throw new AuthError('token_inactive');
    const read = readIntrospectedToken(result.claims, issuer, time);
    const until = Math.min(read.lifetime.end, since + cacheMs);
    return { ...read, length: result.length, source: { kind: 'introspection', since, until } };
  }

  function countInFlight(): number {
    for (const [hash, { since }] of inFlight) {
      // The runtime can drop a request, with the response that caused it.
      if (isOver(since, maxRequestMs)) inFlight.delete(hash);
    }
    return inFlight.size;
  }

  const isOver = (since: number, duration: number) => now() < since || now() >= since + duration;

  const reject = (hash: string, error: AuthError) =>
    void rejected.set(hash, { error, since: now() }, { size: 1 });

  async function start(token: string, hash: string, wasActive: boolean): Promise<Accepted> {
    try {
      return accept(await introspect(token, wasActive));
    } catch (error) {
      if (error instanceof AuthError && error.status === 401) reject(hash, error);
      throw error;
    }
  }

  return {
    reject,
    async verify(token, hash, wasActive) {
      const rejection = rejected.get(hash);
      if (rejection !== undefined && !isOver(rejection.since, rejectedMs)) throw rejection.error;
      const shared = inFlight.get(hash);
      if (shared !== undefined && !isOver(shared.since, maxRequestMs)) return shared.token;
      if (remainingPause(wasActive) > 0 || !budget.take(countInFlight(), wasActive)) {
        throw unavailable(wasActive);
      }
      const verification = { token: start(token, hash, wasActive), since: now() };
      inFlight.set(hash, verification);
      try {
        return await verification.token;
      } finally {
        if (inFlight.get(hash) === verification) inFlight.delete(hash);
      }
    },
    forget() {
      inFlight.clear();
    },
    ready: () => url !== undefined,
    statistics: () => ({ ...total, isFailing }),
    async warmUp() {
      if (url === undefined && remainingPause(true) > 0) throw unavailable(true);
      await findEndpoint();
    },
  };
}

async function findUrl(source: MetadataSource, fetch: FetchFunction): Promise<string> {
  try {
    return readEndpoint(await fetchMetadata(source, fetch), 'introspection_endpoint');
  } catch (cause) {
    const message = `The introspection endpoint of ${source.issuer} cannot be found.`;
    throw new IntrospectionError(message, { isOutage: true, cause });
  }
}

/** A token that is known to be rejected. */
interface Rejection {
  readonly error: AuthError;
  /** Milliseconds since the epoch. */
  readonly since: number;
}

/** A token about which the issuer is being asked. */
interface Verification<Accepted> {
  readonly token: Promise<Accepted>;
  /** Milliseconds since the epoch. */
  readonly since: number;
}
