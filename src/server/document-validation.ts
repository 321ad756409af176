import { NoSchemaIntrospectionCustomRule, Source } from 'graphql';
import { OperationLimiter } from '../limits/operation-limiter.ts';
import type { OperationLimits } from '../limits/operation-limits.ts';
import type { DocumentValidation } from '../trusted-documents/validate-document.ts';
import { checkDocument, documentLimits } from './use-document-limits.ts';

/** What of the configuration decides which documents can run. */
export interface DocumentConditions {
  readonly limits: OperationLimits;
  readonly introspection: 'on' | 'viewer' | 'off';
}

/** How trusted documents are validated, so that those that could never run are found before they are sent. */
export function documentValidation({
  limits,
  introspection,
}: DocumentConditions): DocumentValidation {
  const limiter = new OperationLimiter(limits);
  return {
    rules: introspection === 'off' ? [NoSchemaIntrospectionCustomRule] : [],
    checkText: (text) => checkDocument(new Source(text), documentLimits),
    findExceeded: (schema, document) =>
      limiter.isEnforced
        ? limiter.checkDocument({ schema, document }).map(({ message }) => message)
        : [],
  };
}
