import type { GraphQLError } from 'graphql';
import type { AuthenticationRequest } from '../authentication/authenticator.ts';
import { schemeOf } from '../authentication/scheme-of.ts';
import type { Viewer } from '../authentication/viewer.ts';
import { UntracedGraphQLError } from '../shared/untraced-graphql-error.ts';
import type { Gate } from './gate.ts';
import type { RefusalReporter } from './refusal-events.ts';
import type { RefusalResponse } from './refusal-response.ts';

/** What one rate limit has counted for a request: how much of it is used. */
export interface RateQuota {
  /** The name of the limit, which clients see: a token of HTTP (RFC 9110 §5.6.2), such as `viewer`. */
  readonly limit: string;
  /** The points that are allowed in each window. */
  readonly points: number;
  readonly windowSeconds: number;
  /** The points that have been used in this window, those of this request included. */
  readonly used: number;
  /** Seconds until the window ends. */
  readonly resetSeconds: number;
}

/** Credentials that were refused. */
export interface AuthenticationFailure {
  /** As in `extensions.reason` of the error. */
  readonly reason: string;
  readonly status: number;
}

/**
 * Counts requests for rate limits. A request is refused if a quota has more used points than allowed. What
 * it throws, or a promise of it rejects with, is an unexpected error: the request is not served.
 *
 * Requests that are refused count too. For operations over WebSocket, the methods are called again for each
 * operation, with the request that was upgraded.
 */
export interface RateLimiter {
  /** Counts a request by where it comes from, before its credentials are verified. */
  countRequest(
    request: AuthenticationRequest,
  ): readonly RateQuota[] | Promise<readonly RateQuota[]>;
  /** Counts a request by who sent it. Anonymous viewers cannot be told apart. */
  countViewer(viewer: Viewer): readonly RateQuota[] | Promise<readonly RateQuota[]>;
  /** Counts a request whose credentials were refused. Nothing waits for it. Default: counts as any other. */
  countFailure?(request: AuthenticationRequest, failure: AuthenticationFailure): void;
}

/** Whether a request is within the limits. */
export type RateCheck =
  | { readonly kind: 'allowed'; readonly quotas: readonly RateQuota[] }
  | RateLimited;

/** A request that exceeds a limit. */
export interface RateLimited {
  readonly kind: 'limited';
  readonly quotas: readonly RateQuota[];
  /** The exceeded limit whose window ends last. */
  readonly limit: string;
  /** Seconds until that window ends, at least 1. */
  readonly retryAfter: number;
}

/** Checks requests, connections and operations against a limiter, and reports those beyond a limit. */
export class RateChecker {
  readonly #limiter: RateLimiter;
  readonly #reporter: RefusalReporter | undefined;

  constructor(limiter: RateLimiter, reporter: RefusalReporter | undefined) {
    this.#limiter = limiter;
    this.#reporter = reporter;
  }

  /** Call it before the credentials of a request are verified. */
  async checkRequest(
    request: AuthenticationRequest,
    origin: unknown = request,
  ): Promise<RateCheck> {
    return this.#judge(await this.#limiter.countRequest(request), undefined, origin);
  }

  /** Call it once the viewer is known. */
  async checkViewer(viewer: Viewer, origin: unknown): Promise<RateCheck> {
    return this.#judge(await this.#limiter.countViewer(viewer), viewer, origin);
  }

  /** Both checks, for an operation of a connection. Returns the error of one beyond a limit. */
  async checkOperation(
    request: AuthenticationRequest,
    viewer: Viewer,
    origin: unknown,
  ): Promise<GraphQLError | undefined> {
    const early = await this.checkRequest(request, origin);
    const check = early.kind === 'limited' ? early : await this.checkViewer(viewer, origin);
    return check.kind === 'limited' ? rateLimitError(check) : undefined;
  }

  /**
   * Puts both checks around authentication: where a request comes from is counted before its credentials are
   * verified, so that guessing them is refused at little cost.
   */
  limit(authenticate: Gate['authenticate']): Gate['authenticate'] {
    return async (request) => {
      const early = await this.checkRequest(request);
      if (early.kind === 'limited') return refuseRate(early);
      const outcome = await authenticate(request);
      if (outcome.kind === 'refused') {
        const reason = String(outcome.errors[0]?.extensions['reason']);
        this.countFailure(request, { reason, status: outcome.status });
        return outcome;
      }
      const { viewer } = outcome;
      const late = await this.checkViewer(viewer, request);
      const quotas = [...early.quotas, ...late.quotas];
      return late.kind === 'limited'
        ? refuseRate({ ...late, quotas }, viewer)
        : { ...outcome, headers: rateLimitHeaders(quotas) };
    };
  }

  countFailure(request: AuthenticationRequest, failure: AuthenticationFailure): void {
    this.#limiter.countFailure?.(request, failure);
  }

  #judge(quotas: readonly RateQuota[], viewer: Viewer | undefined, origin: unknown): RateCheck {
    let worst: RateQuota | undefined;
    for (const quota of quotas) {
      if (quota.used <= quota.points) continue;
      if (worst === undefined || quota.resetSeconds > worst.resetSeconds) worst = quota;
    }
    if (worst === undefined) return { kind: 'allowed', quotas };
    const { limit } = worst;
    const retryAfter = wholeSeconds(worst);
    this.#reporter?.rate({ limit, retryAfter }, viewer, origin);
    return { kind: 'limited', quotas, limit, retryAfter };
  }
}

/** The message for clients beyond a limit. */
export function rateLimitMessage({ retryAfter }: RateLimited): string {
  return `Too many requests. Try again in ${retryAfter} ${retryAfter === 1 ? 'second' : 'seconds'}.`;
}

/** The error of a request or an operation beyond a limit. */
function rateLimitError(limited: RateLimited): GraphQLError {
  const { limit, retryAfter } = limited;
  return new UntracedGraphQLError(rateLimitMessage(limited), {
    extensions: { code: 'RATE_LIMITED', limit, retryAfter },
  });
}

/**
 * Creates the response to a request beyond a limit (RFC 6585 §4).
 *
 * @param viewer Undefined if the credentials have not been verified.
 */
function refuseRate(limited: RateLimited, viewer?: Viewer): RefusalResponse {
  return {
    kind: 'refused',
    status: 429,
    headers: rateLimitedHeaders(limited),
    ...(viewer === undefined ? {} : { scheme: schemeOf(viewer), viewer }),
    errors: [rateLimitError(limited)],
  };
}

/** The headers of a response to a request beyond a limit. */
export function rateLimitedHeaders(limited: RateLimited): Readonly<Record<string, string>> {
  return { 'Retry-After': String(limited.retryAfter), ...rateLimitHeaders(limited.quotas) };
}

/**
 * Creates the headers that tell clients the limits and what is left of them
 * (draft-ietf-httpapi-ratelimit-headers-11, structured fields). None if nothing was counted.
 */
function rateLimitHeaders(quotas: readonly RateQuota[]): Readonly<Record<string, string>> {
  if (quotas.length === 0) return {};
  const policies = quotas.map(
    ({ limit, points, windowSeconds }) => `"${limit}";q=${points};w=${windowSeconds}`,
  );
  const left = quotas.map(
    (quota) =>
      `"${quota.limit}";r=${Math.max(0, quota.points - quota.used)};t=${wholeSeconds(quota)}`,
  );
  return { 'RateLimit-Policy': policies.join(', '), RateLimit: left.join(', ') };
}

/** Rounded up: a client that waits so long is in the next window. */
const wholeSeconds = ({ resetSeconds }: RateQuota): number => Math.max(1, Math.ceil(resetSeconds));
