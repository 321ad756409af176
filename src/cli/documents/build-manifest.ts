import type { GraphQLSchema } from 'graphql';
import type { RuleConditions } from '../../authorization/review/compare-rules.ts';
import { operationAccess } from '../../authorization/review/operation-access.ts';
import { CostDirectiveError } from '../../limits/cost-directive-error.ts';
import { documentIdOf } from '../../trusted-documents/document-id.ts';
import { manifestFormat, maxManifestBytes } from '../../trusted-documents/manifest.ts';
import {
  type DocumentValidation,
  validateDocument,
} from '../../trusted-documents/validate-document.ts';
import { CommandError } from '../command.ts';
import { readSourceFiles } from './find-files.ts';
import { documentsOfFiles } from './graphql-documents.ts';
import { documentsOfManifest } from './json-documents.ts';

/** A document and its rule: what it takes to be allowed everything that it can select. */
export interface RuledDocument {
  readonly id: string;
  readonly name: string;
  readonly type: 'query' | 'mutation' | 'subscription';
  readonly rule: RuleConditions;
  readonly document: string;
}

/**
 * Collects the documents of files, validated, with their rules, sorted by name.
 *
 * @param validation The limits that they must be within. Default: none.
 * @throws {CommandError} With everything that is wrong with the documents.
 */
export function collectDocuments(
  names: readonly string[],
  schema: GraphQLSchema,
  validation?: DocumentValidation,
): readonly RuledDocument[] {
  const files = readSourceFiles(names);
  const isManifest = ({ path }: { readonly path: string }): boolean => path.endsWith('.json');
  const found = [
    ...documentsOfFiles(files.filter((file) => !isManifest(file))),
    ...files.filter(isManifest).flatMap(documentsOfManifest),
  ];
  const documents = new Map<string, RuledDocument>();
  const places = new Map<string, { readonly id: string; readonly path: string }>();
  const problems: string[] = [];
  for (const { path, text } of found) {
    const id = documentIdOf(text);
    // Front ends can share documents.
    if (documents.has(id)) continue;
    const result = validateWithin(text, schema, validation);
    if (result.kind === 'invalid') {
      problems.push(`${path}: ${describe(text)} ${result.problem}.`);
      continue;
    }
    const { operation, document } = result;
    const name = operation.name.value;
    const namesake = places.get(name);
    if (namesake !== undefined) {
      problems.push(`${path}: the name ${name} is also in ${namesake.path}: rename one.`);
      continue;
    }
    places.set(name, { id, path });
    const rule = operationAccess(schema, document) ?? { access: 'public' };
    documents.set(id, { id, name, type: operation.operation, rule, document: text });
  }
  if (problems.length > 0) throw new CommandError(problems.join('\n'));
  if (documents.size === 0) {
    throw new CommandError(
      `No operation is in ${files
        .map(({ path }) => path)
        .slice(0, 10)
        .join(', ')}.`,
    );
  }
  return [...documents.values()].sort((one, other) => (one.name < other.name ? -1 : 1));
}

function validateWithin(...parameters: Parameters<typeof validateDocument>) {
  try {
    return validateDocument(...parameters);
  } catch (cause) {
    if (cause instanceof CostDirectiveError) throw new CommandError(cause.message, { cause });
    throw cause;
  }
}

/** The name of an operation, as far as its text can be read. */
const describe = (text: string): string =>
  /\b(?:query|mutation|subscription)\s+(\w{1,100})/.exec(text.slice(0, 1_000))?.[1] ?? 'a document';

/**
 * Writes a manifest as JSON.
 *
 * @throws {CommandError} If it is larger than what the server reads.
 */
export function formatManifest(documents: readonly RuledDocument[]): string {
  const entries = documents.map(({ id, name, type, rule, document }) => [
    id,
    { name, type, ...rule, document },
  ]);
  const manifest = { format: manifestFormat, documents: Object.fromEntries(entries) };
  // Where a rule comes from is in the schema.
  const text = JSON.stringify(manifest, (key, value) => (key === 'from' ? undefined : value), 2);
  if (Buffer.byteLength(text) >= maxManifestBytes) {
    throw new CommandError(
      `The manifest would have more than ${maxManifestBytes} bytes, and the API would not read it.`,
    );
  }
  return `${text}\n`;
}
