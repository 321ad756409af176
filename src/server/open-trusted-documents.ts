import type { GraphQLSchema } from 'graphql';
import { TrustedDocuments } from '../trusted-documents/trusted-documents.ts';
import { validateDocument } from '../trusted-documents/validate-document.ts';
import type { Configuration } from './configuration/configuration.ts';
import { ConfigurationError } from './configuration/configuration-error.ts';
import { quoteValue } from './configuration/quote-value.ts';
import { type DocumentConditions, documentValidation } from './document-validation.ts';

/** Maximum number of problems that are listed. */
const maxProblems = 10;

/**
 * Compares trusted documents with the schema and the limits. Undefined if there are none.
 *
 * @throws {ConfigurationError} If a document could never run: with its name, and why.
 * @throws {CostDirectiveError} If cost directives cannot be applied as written.
 */
export function openTrustedDocuments(
  schema: GraphQLSchema,
  { trustedDocuments, ...conditions }: Pick<Configuration, 'trustedDocuments'> & DocumentConditions,
): TrustedDocuments | undefined {
  if (trustedDocuments === undefined) return undefined;
  const { file, entries, mode } = trustedDocuments;
  const validation = documentValidation(conditions);
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
        message: `TRUSTED_DOCUMENTS ${quoteValue(file)}: ${problem}. Build it again for this schema and these limits.`,
      })),
    );
  }
  return new TrustedDocuments(new Map(entries.map(({ id, document }) => [id, document])), mode);
}
