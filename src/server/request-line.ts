import type { DocumentNode } from 'graphql';
import type { AuthenticatedViewer, Viewer } from '../authentication/viewer.ts';
import type { ObservedOperation } from '../gate/observed-operation.ts';
import type { StepOutcome } from '../gate/step-outcome.ts';
import { requestOutcome } from './request-outcome.ts';
import type { RequestEnd, RequestRecord } from './request-record.ts';

/** Characters of what clients and issuers choose: the name of an operation, the ID of a client. */
const maxNameLength = 64;
/** Characters of the hash of a subject. */
export const maxSubjectLength = 16;

/**
 * Writes the line of a request as text: serialized as one object, it would cost as much as the rest of its
 * observation. What all requests with the same document or token have is serialized once.
 */
export class RequestLines {
  readonly #operations = new WeakMap<DocumentNode, OperationText>();
  readonly #viewers = new WeakMap<AuthenticatedViewer, string>();

  /** The members of the line, as JSON without its braces. */
  write(record: RequestRecord, end: RequestEnd): string {
    const { operation, viewer, outcome } = record;
    const status = end.status === undefined ? '' : `,"status":${end.status}`;
    const ms = Math.round(end.durationMs * 100) / 100;
    // The id and the route have no character that JSON escapes.
    return `"request":"${record.id}"${member('method', record.method)},"route":"${record.route}"${
      operation === undefined ? '' : this.#describeOperation(operation)
    }${this.#describeViewer(viewer)}${status},"outcome":"${requestOutcome(record, end)}"${
      outcome === undefined ? '' : describeOutcome(outcome)
    },"ms":${ms}`;
  }

  #describeOperation(operation: ObservedOperation): string {
    const { document, operationName } = operation.args;
    const known = this.#operations.get(document);
    if (known !== undefined && known.operationName === operationName) return known.text;
    const text =
      member('operation', shorten(operation.name)) +
      member('type', operation.type) +
      member('document', operation.documentHash);
    this.#operations.set(document, { operationName, text });
    return text;
  }

  #describeViewer(viewer: Viewer | undefined): string {
    if (viewer?.kind !== 'authenticated') return '';
    const known = this.#viewers.get(viewer);
    if (known !== undefined) return known;
    const text = `,"viewer":${JSON.stringify(describeViewer(viewer))}${member('client', clientOf(viewer))}`;
    this.#viewers.set(viewer, text);
    return text;
  }
}

/** What the operations with a name in a document have in common. Few documents have several. */
interface OperationText {
  readonly operationName: string | null | undefined;
  readonly text: string;
}

function describeOutcome(outcome: StepOutcome): string {
  switch (outcome.kind) {
    case 'refused':
      return member('code', outcome.code) + member('reason', outcome.reason);
    case 'completed':
    case 'rejected':
      return outcome.errors > 0 ? `,"errors":${outcome.errors}` : '';
    case 'ended':
      return `,"results":${outcome.results}`;
    default:
      return '';
  }
}

function member(name: string, value: string | undefined): string {
  return value === undefined ? '' : `,"${name}":${JSON.stringify(value)}`;
}

/** A viewer without claims: the issuer, and the start of a hash of issuer and subject. */
export function describeViewer(viewer: Viewer | undefined): object | undefined {
  if (viewer?.kind !== 'authenticated') return undefined;
  return { issuer: viewer.issuer, subject: viewer.id.slice(0, maxSubjectLength) };
}

export function clientOf(viewer: Viewer | undefined): string | undefined {
  return viewer?.kind === 'authenticated' ? shorten(viewer.clientId) : undefined;
}

/** Shortens what someone else chose, and replaces what could end a line or change a terminal. */
export function shorten(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const start = text.length > maxNameLength ? `${text.slice(0, maxNameLength)}…` : text;
  return start.replace(/[^\x20-\x7E…]/g, '?');
}
