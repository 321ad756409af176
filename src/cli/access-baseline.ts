import { readFileSync } from 'node:fs';
import type { GraphQLSchema } from 'graphql';
import type { AccessRule } from '../authorization/review/access-rules.ts';
import type { RuleConditions } from '../authorization/review/compare-rules.ts';
import { operationAccess } from '../authorization/review/operation-access.ts';
import { readManifest } from '../trusted-documents/manifest.ts';
import { validateDocument } from '../trusted-documents/validate-document.ts';
import type { AccessBaseline } from './access-report.ts';
import { CommandError } from './command.ts';

/**
 * Reads the rules that `access --json` has printed.
 *
 * @param saveCommand How to create the file.
 * @throws {CommandError} If the file is not one.
 */
export function readBaseline(file: string, saveCommand: string): AccessBaseline {
  const content = readJson(file, saveCommand);
  if (!Array.isArray(content) || !content.every(isBaselineEntry)) {
    throw new CommandError(`${file} is not an access baseline. Regenerate it: ${saveCommand}`);
  }
  return content;
}

function isBaselineEntry(value: unknown): value is AccessBaseline[number] {
  return isRuleConditions(value) && 'coordinate' in value && typeof value.coordinate === 'string';
}

function isRuleConditions(value: unknown): value is RuleConditions {
  if (typeof value !== 'object' || value === null) return false;
  if (!('access' in value)) return false;
  if (value.access !== 'public' && value.access !== 'authenticated') return false;
  const lists = ['scope', 'claims', 'policy', 'acr'].map((name) => Reflect.get(value, name));
  const maxAge: unknown = Reflect.get(value, 'maxAge');
  const inner = ['anyOf', 'allOf'].map((name) => Reflect.get(value, name));
  return (
    inner.every(
      (list) => list === undefined || (Array.isArray(list) && list.every(isRuleConditions)),
    ) &&
    lists.every(
      (list) =>
        list === undefined ||
        (Array.isArray(list) && list.length > 0 && list.every((one) => typeof one === 'string')),
    ) &&
    (maxAge === undefined || typeof maxAge === 'number')
  );
}

/** What documents required when a manifest was built, and what they require now. */
export interface DocumentRules {
  readonly baseline: AccessBaseline;
  readonly now: readonly AccessRule[];
  /** Those that do not match the schema any more, as lines to print. */
  readonly invalid: readonly string[];
}

/**
 * Reads the rules of the documents of a manifest, and finds those for a schema.
 *
 * @param saveCommand How to create the file.
 * @throws {CommandError} If the file is not a manifest.
 */
export function readDocumentRules(
  file: string,
  schema: GraphQLSchema,
  saveCommand: string,
): DocumentRules {
  const content = readJson(file, saveCommand);
  const manifest = readManifest(content);
  if (manifest.kind === 'problems') {
    throw new CommandError(`${file} ${manifest.problems[0]}. Create it: ${saveCommand}`);
  }
  const baseline: AccessBaseline[number][] = [];
  const now: AccessRule[] = [];
  const invalid: string[] = [];
  for (const { name, document, members } of manifest.entries) {
    const coordinate = `document ${name}`;
    const { name: _name, type: _type, document: _document, ...rule } = members;
    if (!isRuleConditions(rule)) {
      throw new CommandError(
        `${file} does not have the rule of ${name}. Create it: ${saveCommand}`,
      );
    }
    const result = validateDocument(document, schema);
    const terms = result.kind === 'valid' ? operationAccess(schema, result.document) : undefined;
    if (terms === undefined) {
      const problem = result.kind === 'invalid' ? result.problem : 'has no operation';
      invalid.push(`- ${coordinate}  ${problem}`);
      continue;
    }
    baseline.push({ coordinate, ...rule });
    now.push({ coordinate, ...terms });
  }
  return { baseline, now, invalid };
}

function readJson(file: string, saveCommand: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (cause) {
    throw new CommandError(`${file} cannot be read as JSON. Create it: ${saveCommand}`, { cause });
  }
}
