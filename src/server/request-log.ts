import type { Decision } from '../gate/decision.ts';
import type { RefusalEvent, RefusedViewer } from '../gate/refusal-events.ts';
import type { LogConfiguration } from './configuration/log-settings.ts';
import type { ServerLogger } from './logger.ts';
import type { ServerObserver } from './observation.ts';
import {
  clientOf,
  describeViewer,
  maxSubjectLength,
  RequestLines,
  shorten,
} from './request-line.ts';
import type { RequestRecord } from './request-record.ts';
import type { RequestRecords } from './request-records.ts';

/**
 * Writes a line for each request, for each refusal and, for a sample of operations, what was allowed and
 * denied. No line has a token, a claim other than the ID of the client, a variable, a path or an alias.
 *
 * @param random Decides which operations are in the sample. Default: `Math.random`.
 * @returns undefined if none of these are logged
 */
export function createRequestLog(
  log: LineWriter,
  { requests: logsRequests, decisions }: LogConfiguration,
  random: () => number = Math.random,
): ServerObserver | undefined {
  if (!log.logger.isLevelEnabled('info')) return undefined;

  return {
    ...(logsRequests ? { onEnd: createWriteRequest(log) } : {}),
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

type LineWriter = Pick<ServerLogger, 'logger' | 'writeLine'>;

function createWriteRequest(log: LineWriter): Required<ServerObserver>['onEnd'] {
  const lines = new RequestLines();
  return (record, end) => {
    const { route, traceId } = record;
    // Load balancers send them all the time, and a line of its own says why an instance is not ready.
    const isFailed = end.status !== undefined && end.status >= 500;
    const level = route === 'health' ? 'debug' : isFailed ? 'warn' : 'info';
    if (!log.logger.isLevelEnabled(level)) return;
    const message = level === 'warn' ? 'A request failed.' : 'A request was served.';
    log.writeLine(level, lines.write(record, end), message, traceId);
  };
}

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
    refusal: kind,
    // A rate limit is reported before its request has ended, and so before the record has the viewer.
    viewer: describeViewer(record?.viewer) ?? subjectOf(viewer),
    client: clientOf(record?.viewer),
    ...shown,
  };
  log.writeLine('info', toMembers(line), refusalMessages[kind], record?.traceId);
}

function logDecision(
  log: LineWriter,
  { operation, coordinates }: Decision,
  requests: RequestRecords,
): void {
  const decisions = coordinates();
  const record = requests.of(operation.args.contextValue);
  const line = {
    request: record?.id,
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
  log.writeLine(
    'info',
    toMembers(line),
    'The rules were applied to an operation.',
    record?.traceId,
  );
}

function subjectOf(viewer: RefusedViewer | undefined): object | undefined {
  return viewer?.kind === 'authenticated'
    ? { subject: viewer.id.slice(0, maxSubjectLength) }
    : undefined;
}

/** The members of a line, as JSON without its braces. Undefined ones are left out. */
const toMembers = (line: object): string => JSON.stringify(line).slice(1, -1);
