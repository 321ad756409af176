import type { Viewer } from '../authentication/viewer.ts';
import type { Decision } from '../gate/decision.ts';
import type { RefusalEvent, RefusedViewer } from '../gate/refusal-events.ts';
import type { LogConfiguration } from './configuration/log-settings.ts';
import type { ServerLogger } from './logger.ts';
import type { ServerObserver } from './observation.ts';
import { requestOutcome } from './request-outcome.ts';
import type { RequestEnd, RequestRecord } from './request-record.ts';
import type { RequestRecords } from './request-records.ts';

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
  log: Pick<ServerLogger, 'logger' | 'writeLine'>,
  { requests: logsRequests, decisions }: LogConfiguration,
  random: () => number = Math.random,
): ServerObserver | undefined {
  if (!log.logger.isLevelEnabled('info')) return undefined;

  return {
    ...(logsRequests ? { onEnd: (record, end) => logRequest(log, record, end) } : {}),
    observeGate: (requests) => ({
      onRefusal: (refusal, origin) => logRefusal(log, refusal, requests.of(origin)),
      ...(decisions > 0
        ? {
            onDecision(decision) {
              if (random() < decisions) logDecision(log, decision, requests);
            },
          }
        : {}),
    }),
  };
}

type LineWriter = Pick<ServerLogger, 'writeLine'>;

function logRequest(log: LineWriter, record: RequestRecord, end: RequestEnd): void {
  const { operation, outcome } = record;
  const isRefused = outcome?.kind === 'refused';
  // One literal, in which undefined members are left out of the line.
  const line = {
    request: record.id,
    trace_id: record.traceId,
    method: record.method,
    route: record.route,
    operation: operation && shorten(operation.name),
    type: operation?.type,
    document: operation?.documentHash,
    viewer: describeViewer(record.viewer),
    client: clientOf(record.viewer),
    status: end.status,
    outcome: requestOutcome(record, end),
    code: isRefused ? outcome.code : undefined,
    reason: isRefused ? outcome.reason : undefined,
    errors: outcome && 'errors' in outcome && outcome.errors > 0 ? outcome.errors : undefined,
    results: outcome?.kind === 'ended' ? outcome.results : undefined,
    ms: Math.round(end.durationMs * 100) / 100,
  };
  // Load balancers send them all the time, and a line of its own says why an instance is not ready.
  if (record.route === 'health') log.writeLine('debug', line, requestServed);
  else if (end.status !== undefined && end.status >= 500)
    log.writeLine('warn', line, 'A request failed.');
  else log.writeLine('info', line, requestServed);
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
  log: LineWriter,
  refusal: RefusalEvent,
  record: RequestRecord | undefined,
): void {
  const { kind, ...details } = refusal;
  const { viewer, path: _, ...shown } = { viewer: undefined, path: undefined, ...details };
  const line = {
    request: record?.id,
    trace_id: record?.traceId,
    refusal: kind,
    // A rate limit is reported before its request has ended, and so before the record has the viewer.
    viewer: describeViewer(record?.viewer) ?? subjectOf(viewer),
    client: clientOf(record?.viewer),
    ...shown,
  };
  log.writeLine('info', line, refusalMessages[kind]);
}

function logDecision(
  log: LineWriter,
  { operation, coordinates }: Decision,
  requests: RequestRecords,
): void {
  const decisions = coordinates();
  const line = {
    request: requests.of(operation.args.contextValue)?.id,
    operation: shorten(operation.name),
    document: operation.documentHash,
    viewer: describeViewer(operation.viewer),
    client: clientOf(operation.viewer),
    allow: decisions.flatMap(({ verdict, coordinate }) =>
      verdict === 'allow' ? [coordinate] : [],
    ),
    deny: decisions.flatMap((one) => {
      if (one.verdict === 'allow') return [];
      const { verdict: _, ...denial } = one;
      return [denial];
    }),
  };
  log.writeLine('info', line, 'The rules were applied to an operation.');
}

/** A viewer without claims: the issuer, and the start of a hash of issuer and subject. */
function describeViewer(viewer: Viewer | undefined): object | undefined {
  if (viewer?.kind !== 'authenticated') return undefined;
  return { issuer: viewer.issuer, subject: viewer.id.slice(0, maxSubjectLength) };
}

function subjectOf(viewer: RefusedViewer | undefined): object | undefined {
  return viewer?.kind === 'authenticated'
    ? { subject: viewer.id.slice(0, maxSubjectLength) }
    : undefined;
}

function clientOf(viewer: Viewer | undefined): string | undefined {
  return viewer?.kind === 'authenticated' ? shorten(viewer.clientId) : undefined;
}

/** Shortens what someone else chose, and replaces what could end a line or change a terminal. */
function shorten(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const start = text.length > maxNameLength ? `${text.slice(0, maxNameLength)}…` : text;
  return start.replace(/[^\x20-\x7E…]/g, '?');
}
