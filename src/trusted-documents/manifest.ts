import { isJsonObject, type JsonObject } from '../shared/type-guards.ts';
import { documentIdOf } from './document-id.ts';

/** The value of `format` of a manifest. */
export const manifestFormat = 'graphql-resource-server/trusted-documents/1';

/** Maximum bytes of a manifest. */
export const maxManifestBytes = 16 * 1024 * 1024;

/** One document of a manifest. */
export interface ManifestEntry {
  readonly id: string;
  /** The name of its operation. */
  readonly name: string;
  readonly document: string;
  /** The entry itself: it also has the rule of the document. */
  readonly members: JsonObject;
}

/** The entries of a manifest, or what is wrong with it. */
export type ReadManifest =
  | { readonly kind: 'entries'; readonly entries: readonly ManifestEntry[] }
  /** Each continues a sentence that begins with the name of the file. */
  | { readonly kind: 'problems'; readonly problems: readonly string[] };

/**
 * Reads the content of a manifest, parsed from JSON. Checks its form, and that each identifier is the
 * hash of its document. Not checked: whether documents are valid.
 */
export function readManifest(content: unknown): ReadManifest {
  if (!isJsonObject(content) || content['format'] !== manifestFormat) {
    return {
      kind: 'problems',
      problems: [`is not a manifest of trusted documents: its format must be "${manifestFormat}"`],
    };
  }
  const { documents } = content;
  if (!isJsonObject(documents)) {
    return { kind: 'problems', problems: ['must have an object documents'] };
  }
  const entries: ManifestEntry[] = [];
  const problems: string[] = [];
  const names = new Map<string, string>();
  for (const [id, members] of Object.entries(documents)) {
    const entry = readEntry(id, members);
    if (typeof entry === 'string') {
      problems.push(entry);
      continue;
    }
    const namesake = names.get(entry.name);
    if (namesake !== undefined) {
      problems.push(
        `has two documents with the name ${entry.name}, ${namesake} and ${id}: rename one`,
      );
    }
    names.set(entry.name, id);
    entries.push(entry);
  }
  return problems.length === 0 ? { kind: 'entries', entries } : { kind: 'problems', problems };
}

function readEntry(id: string, members: unknown): ManifestEntry | string {
  const shown = JSON.stringify(id.slice(0, 80));
  if (!isJsonObject(members)) return `has an entry ${shown} that is not an object`;
  const { name, document } = members;
  if (typeof document !== 'string') return `has an entry ${shown} without a document`;
  if (typeof name !== 'string' || !/^[_A-Za-z]\w{0,199}$/.test(name)) {
    return `has an entry ${shown} without the name of its operation`;
  }
  const actual = documentIdOf(document);
  return id === actual
    ? { id, name, document, members }
    : `has an entry ${shown} (${name}) that is not the hash of its document, ${actual}: build it again`;
}
