import { type GraphQLSchema, NoSchemaIntrospectionCustomRule, Source } from 'graphql';
import { TrustedDocuments } from '../trusted-documents/trusted-documents.ts';
import { validateDocument } from '../trusted-documents/validate-document.ts';
import type { Configuration } from './configuration/configuration.ts';
import { ConfigurationError } from './configuration/configuration-error.ts';
import { quoteValue } from './configuration/quote-value.ts';
import { checkDocument, documentLimits } from './use-document-limits.ts';

/** Maximum number of problems that are listed. */
const maxProblems = 10;

/**
 * Compares trusted documents with the schema. Undefined if there are none.
 *
 * @throws {ConfigurationError} If a document could never run: with its name, and why.
 */
export function openTrustedDocuments(
  schema: GraphQLSchema,
  { trustedDocuments, introspection }: Pick<Configuration, 'trustedDocuments' | 'introspection'>,
): TrustedDocuments | undefined {
  if (trustedDocuments === undefined) return undefined;
  const { file, entries, mode } = trustedDocuments;
  const validation = {
    rules: introspection === 'off' ? [NoSchemaIntrospectionCustomRule] : [],
    checkText: (text: string): void => checkDocument(new Source(text), documentLimits),
  };
  const problems: string[] = [];
  for (const { id, name, document } of entries) {
    const result = validateDocument(document, schema, validation);
    if (result.kind === 'invalid') problems.push(`${name} (${id}) ${result.problem}`);
    else if (result.operation.name.value !== name) {
      problems.push(`${name} (${id}) has an operation of another name`);
    }
    if (problems.length === maxProblems) break;
  }
  if (problems.length > 0) {
    throw new ConfigurationError(
      problems.map((problem) => ({
        variable: 'TRUSTED_DOCUMENTS',
        message: `TRUSTED_DOCUMENTS ${quoteValue(file)}: ${problem}. Build it again for this schema.`,
      })),
    );
  }
  return new TrustedDocuments(new Map(entries.map(({ id, document }) => [id, document])), mode);
}
