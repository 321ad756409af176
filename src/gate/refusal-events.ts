import type { AuthError } from '../authentication/auth-error.ts';
import type {
  AuthErrorCode,
  AuthErrorReason,
  AuthScheme,
} from '../authentication/auth-error-reasons.ts';
import { type Viewer, viewerId } from '../authentication/viewer.ts';
import type { Rule } from '../authorization/directives/requirement.ts';
import { maxReportedRefusals } from '../authorization/enforcement/refusal-collector.ts';
import type { UnmetRule } from '../authorization/operation/examine-field.ts';
import { type AccessTerms, toAccessTerms } from '../authorization/review/access-terms.ts';
import { refusalExtensions } from '../authorization/rules/refusal.ts';
import type { ExceededLimit } from '../limits/operation-limiter.ts';
import type { OperationLimitName } from '../limits/operation-limits.ts';
import { limitErrorCode } from '../shared/limit-error.ts';
import { safeReport } from '../shared/safe-report.ts';
import {
  type StreamErrorCode,
  type StreamRefusalReason,
  streamErrorCode,
} from '../streams/stream-error.ts';
import { limitStatus } from './limit-refusal.ts';

/** Credentials that could not be used. */
export interface CredentialsRefusal {
  readonly kind: 'credentials';
  /** As in `extensions.reason` of the error. */
  readonly reason: AuthErrorReason | (string & {});
  /** As in `extensions.code` of the error. */
  readonly code: AuthErrorCode;
  /** The HTTP status. Over WebSocket the connection is closed instead. */
  readonly status: number;
  /** The scheme that was used. `Bearer` if there was none. */
  readonly scheme: AuthScheme;
}

/** A rule that a viewer does not meet. */
export interface RuleRefusal {
  readonly kind: 'rule';
  /** The first unmet part of the rule. */
  readonly reason: 'authentication' | 'scope' | 'claims' | 'policy' | 'step-up' | 'unavailable';
  /** As in `extensions.code` of the error. */
  readonly code: 'UNAUTHENTICATED' | 'FORBIDDEN' | (string & {});
  /** The HTTP status, if the operation was refused as a whole; absent if it has partial data. */
  readonly status?: number;
  /** What the client gets in place of an error, by the definition of the policy. */
  readonly refusedAs?: 'null' | 'omitted';
  /** The schema coordinate of the rule: of a field, an argument, an input field, a value or a type. */
  readonly coordinate: string;
  /**
   * The path of the field, from the root. Without list indices if it was refused before execution.
   * Cut off after 1,000 characters.
   */
  readonly path: readonly (string | number)[];
  /** Everything that applied, met or not, in the terms of `accessRules`. */
  readonly rule: AccessTerms;
  readonly viewer: RefusedViewer;
}

/**
 * A subscription, a WebSocket connection or an operation over it that a limit prevented; or a stream
 * that ended with its token, or an operation that came after that. An idle connection that is closed
 * with its token is not reported.
 */
export interface StreamRefusal {
  readonly kind: 'stream';
  /** As in `extensions.reason` of the error. */
  readonly reason: StreamRefusalReason;
  /** As in `extensions.code` of the error. */
  readonly code: StreamErrorCode;
  readonly viewer: RefusedViewer;
}

/**
 * An operation that exceeds a limit. Without `enforced`, it was executed nevertheless: the limits are only
 * measured.
 */
export interface LimitRefusal {
  readonly kind: 'limit';
  /** As in `extensions.limit` of the error. */
  readonly limit: OperationLimitName;
  readonly max: number;
  readonly actual: number;
  readonly enforced: boolean;
  readonly viewer: RefusedViewer;
  /** As in `extensions.code` of the error. */
  readonly code: string;
  /** The HTTP status; absent if the operation was executed. */
  readonly status?: number;
}

/** A request, a WebSocket connection or an operation over it that exceeds a rate limit. */
export interface RateRefusal {
  readonly kind: 'rate';
  /** The name of the limit, as in `extensions.limit` of the error. */
  readonly reason: string;
  /** As in `extensions.code` of the error. */
  readonly code: 'RATE_LIMITED';
  /** Seconds until the window of the limit ends. */
  readonly retryAfter: number;
  /** Absent if the credentials were not verified before. */
  readonly viewer?: RefusedViewer;
}

/** Who was refused. `id` is `viewer.id`; computed if an authenticator of your own omits it. */
export type RefusedViewer =
  | { readonly kind: 'anonymous' }
  | { readonly kind: 'authenticated'; readonly id: string };

/**
 * A refusal, as `onRefusal` gets it. It has no token, no claim value and no message; of what the
 * client sent, only the aliases in `path`.
 */
export type RefusalEvent =
  | CredentialsRefusal
  | RuleRefusal
  | StreamRefusal
  | LimitRefusal
  | RateRefusal;

/**
 * Called with each refusal, for logs, metrics and audits; synchronously, before the response is
 * sent. What it throws, or a promise of it rejects with, is ignored.
 *
 * @param origin By what the request is recognized: the `AuthenticationRequest` whose credentials are
 *   refused, or the context of the operation. Undefined if there is neither.
 */
export type ReportRefusal = (refusal: RefusalEvent, origin?: unknown) => void;

/** Makes events of refusals, and passes them on. */
export interface RefusalReporter {
  credentials(error: AuthError, origin: unknown): void;
  /** @param status If they refused the operation as a whole. */
  rules(
    unmetRules: readonly RuleToReport[],
    viewer: Viewer,
    origin: unknown,
    status?: number,
  ): void;
  stream(reason: StreamRefusalReason, viewer: Viewer, origin: unknown): void;
  /** @param enforced Whether the operation does not run. */
  limits(
    exceeded: readonly ExceededLimit[],
    viewer: Viewer,
    origin: unknown,
    enforced: boolean,
  ): void;
  /** @param viewer Undefined if the credentials have not been verified. */
  rate(exceeded: ExceededRate, viewer: Viewer | undefined, origin: unknown): void;
}

/** A rate limit that is exceeded, and the seconds until its window ends. */
interface ExceededRate {
  readonly limit: string;
  readonly retryAfter: number;
}

/** An unmet rule and where it arose. */
interface RuleToReport extends UnmetRule {
  readonly path: readonly (string | number)[];
  readonly refusedAs?: 'null' | 'omitted';
}

/** Creates the reporter for a callback. */
export function createRefusalReporter(onRefusal: ReportRefusal): RefusalReporter {
  const terms = new WeakMap<Rule, AccessTerms>();

  const report = safeReport(onRefusal);

  function describe(rule: Rule): AccessTerms {
    const known = terms.get(rule) ?? toAccessTerms({ all: rule, groups: [] });
    terms.set(rule, known);
    return known;
  }

  return {
    credentials({ reason, code, status, scheme }, origin) {
      report({ kind: 'credentials', reason, code, status, scheme }, origin);
    },

    rules(unmetRules, viewer, origin, status) {
      for (const { unmet, coordinate, path, rule, refusedAs } of unmetRules.slice(
        0,
        maxReportedRefusals,
      )) {
        report(
          {
            kind: 'rule',
            reason: unmet.kind,
            code: refusalExtensions(unmet).code,
            ...(status === undefined || refusedAs !== undefined ? {} : { status }),
            ...(refusedAs === undefined ? {} : { refusedAs }),
            coordinate,
            path: cutPath(path),
            rule: describe(rule),
            viewer: identifyViewer(viewer),
          },
          origin,
        );
      }
    },

    limits(exceeded, viewer, origin, enforced) {
      for (const { limit, max, actual } of exceeded) {
        report(
          {
            kind: 'limit',
            limit,
            max,
            actual,
            enforced,
            viewer: identifyViewer(viewer),
            code: limitErrorCode,
            ...(enforced ? { status: limitStatus } : {}),
          },
          origin,
        );
      }
    },

    stream(reason, viewer, origin) {
      const code = streamErrorCode(reason);
      report({ kind: 'stream', reason, code, viewer: identifyViewer(viewer) }, origin);
    },

    rate({ limit, retryAfter }, viewer, origin) {
      report(
        {
          kind: 'rate',
          reason: limit,
          code: 'RATE_LIMITED',
          retryAfter,
          ...(viewer === undefined ? {} : { viewer: identifyViewer(viewer) }),
        },
        origin,
      );
    },
  };
}

/** Describes a viewer for events. */
function identifyViewer(viewer: Viewer): RefusedViewer {
  return viewer.kind === 'anonymous'
    ? { kind: 'anonymous' }
    : { kind: 'authenticated', id: viewer.id ?? viewerId(viewer) };
}

const maxPathCharacters = 1_000;

/**
 * Clients choose how deep operations are, and how long their aliases. A copy: the errors of the
 * response have the original.
 */
function cutPath(path: readonly (string | number)[]): readonly (string | number)[] {
  let characters = 0;
  const end = path.findIndex((key) => {
    characters += String(key).length;
    return characters > maxPathCharacters;
  });
  return path.slice(0, end === -1 ? undefined : end);
}
