import { type Attributes, type Span, SpanStatusCode } from '@opentelemetry/api';
import type { ObservedOperation } from '../../gate/observed-operation.ts';
import { outcomeName, type StepOutcome } from '../../gate/step-outcome.ts';

/** Clients choose the names of operations, and spans wait in memory. */
const maxNameLength = 100;

/** What spans say of an operation. Not the document: literals in it can be anything. */
export function describeOperation(operation: ObservedOperation): Attributes {
  const { type, name, documentHash } = operation;
  return {
    ...(type === undefined ? {} : { 'graphql.operation.type': type }),
    ...(name === undefined ? {} : { 'graphql.operation.name': name.slice(0, maxNameLength) }),
    'graphql.document.hash': documentHash,
  };
}

/**
 * Writes to a span how a step ended. As with HTTP servers, what the client caused is not a failure: the
 * status of the span is an error from 500 on.
 */
export function recordOutcome(span: Span, outcome: StepOutcome): void {
  span.setAttribute('resource_server.outcome', outcomeName(outcome));
  switch (outcome.kind) {
    case 'refused': {
      const { code, reason, status } = outcome;
      span.setAttribute('error.type', code ?? String(status));
      if (reason !== undefined) span.setAttribute('resource_server.reason', reason);
      if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
      break;
    }
    case 'rejected':
    case 'completed':
      if (outcome.errors > 0) span.setAttribute('resource_server.errors', outcome.errors);
      break;
    case 'ended':
      span.setAttribute('resource_server.results', outcome.results);
      span.setAttribute('resource_server.reason', outcome.reason);
      break;
    case 'failed':
      // The error itself can have anything in it, its name included.
      span.setAttribute('error.type', '_OTHER');
      span.setStatus({ code: SpanStatusCode.ERROR });
      break;
    case 'authenticated':
    case 'allowed':
    case 'stream':
      break;
  }
}
