import type { Logger } from 'pino';
import type { Viewer } from '../authentication/viewer.ts';
import type { Decision } from '../gate/decision.ts';
import type { RefusalEvent } from '../gate/refusal-events.ts';
import type { LogConfiguration } from './configuration/log-settings.ts';
import type { ServerObserver } from './observation.ts';
import { requestOutcome } from './request-outcome.ts';
import type { RequestEnd, RequestRecord, RequestRecords } from './request-record.ts';

/** Characters of what clients and issuers choose: the name of an operation, the ID of a client. */
const maxNameLength = 64;
/** Characters of the hash of a subject. */
const maxSubjectLength = 16;

/**
 * Writes a line for each request, for each refusal and, for a sample of operations, what was allowed and
 * denied. No line has a token, a claim other than the ID of the client, a variable, a path or an alias.
 *
 * @param random Decides which operations are in the sample. Default: `Math.random`.
 * @returns undefined if none of these are logged
 */
export function createRequestLog(
  logger: Logger,
  { requests: logsRequests, decisions }: LogConfiguration,
  random: () => number = Math.random,
): ServerObserver | undefined {
  if (!logger.isLevelEnabled('info')) return undefined;

  return {
    ...(logsRequests ? { onEnd: (record, end) => logRequest(logger, record, end) } : {}),
    observeGate: (requests) => ({
      onRefusal: (refusal, origin) => logRefusal(logger, refusal, requests.of(origin)),
      ...(decisions > 0
        ? {
            onDecision(decision) {
              if (random() < decisions) logDecision(logger, decision, requests);
            },
          }
        : {}),
    }),
  };
}

function logRequest(logger: Logger, record: RequestRecord, end: RequestEnd): void {
  const { operation, outcome } = record;
  const isRefused = outcome?.kind === 'refused';
  const line = {
    request: record.id,
    ...traceOf(record),
    method: record.method,
    route: record.route,
    operation: operation && shorten(operation.name),
    type: operation?.type,
    document: operation?.documentHash,
    ...describeViewer(record.viewer),
    status: end.status,
    outcome: requestOutcome(record, end),
    code: isRefused ? outcome.code : undefined,
    reason: isRefused ? outcome.reason : undefined,
    errors: outcome && 'errors' in outcome && outcome.errors > 0 ? outcome.errors : undefined,
    results: outcome?.kind === 'ended' ? outcome.results : undefined,
    ms: Math.round(end.durationMs * 100) / 100,
  };
  // Load balancers send them all the time, and a line of its own says why an instance is not ready.
  if (record.route === 'health') logger.debug(line, requestServed);
  else if (end.status !== undefined && end.status >= 500) logger.warn(line, 'A request failed.');
  else logger.info(line, requestServed);
}

const requestServed = 'A request was served.';

const refusalMessages: Readonly<Record<RefusalEvent['kind'], string>> = {
  credentials: 'Credentials were refused.',
  rule: 'Access was denied.',
  stream: 'A stream was refused or ended.',
  limit: 'An operation exceeded a limit.',
  rate: 'A rate limit was reached.',
};

/** The path of a refusal is left out: it has the aliases that the client chose. */
function logRefusal(
  logger: Logger,
  refusal: RefusalEvent,
  record: RequestRecord | undefined,
): void {
  const common = {
    request: record?.id,
    ...traceOf(record),
    refusal: refusal.kind,
    ...describeViewer(record?.viewer),
  };
  const { kind, ...details } = refusal;
  const { viewer, path, ...shown } = { viewer: undefined, path: undefined, ...details };
  // A rate limit is reported before its request has ended, and so before the record has the viewer.
  if (record?.viewer === undefined && viewer?.kind === 'authenticated') {
    Object.assign(common, { viewer: { subject: viewer.id.slice(0, maxSubjectLength) } });
  }
  logger.info({ ...common, ...shown }, refusalMessages[kind]);
}

function logDecision(
  logger: Logger,
  { operation, coordinates }: Decision,
  requests: RequestRecords,
): void {
  const decisions = coordinates();
  const line = {
    request: requests.of(operation.args.contextValue)?.id,
    operation: shorten(operation.name),
    document: operation.documentHash,
    ...describeViewer(operation.viewer),
    allow: decisions.flatMap(({ verdict, coordinate }) =>
      verdict === 'allow' ? [coordinate] : [],
    ),
    deny: decisions.flatMap((one) => {
      if (one.verdict === 'allow') return [];
      const { verdict: _, ...denial } = one;
      return [denial];
    }),
  };
  logger.info(line, 'The rules were applied to an operation.');
}

/** A line can be written after the trace has ended, or outside of it. */
function traceOf(record: RequestRecord | undefined): object {
  return record?.traceId === undefined ? {} : { trace_id: record.traceId };
}

/** A viewer without claims: the issuer, a hash of issuer and subject, and the ID of the client. */
function describeViewer(viewer: Viewer | undefined): object {
  if (viewer?.kind !== 'authenticated') return {};
  const { issuer, id, clientId } = viewer;
  const subject = id.slice(0, maxSubjectLength);
  return { viewer: { issuer, subject }, client: shorten(clientId) };
}

/** Shortens what someone else chose, and replaces what could end a line or change a terminal. */
function shorten(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const start = text.length > maxNameLength ? `${text.slice(0, maxNameLength)}…` : text;
  return start.replace(/[^\x20-\x7E…]/g, '?');
}
