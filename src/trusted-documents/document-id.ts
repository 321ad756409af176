/**
 * The entry of this room. Given a manifest, it finds the document that a request names by its hash. Must
 * not know HTTP, Yoga, WebSocket or files.
 */
import { sha256Hex } from '../shared/sha256.ts';
import { isJsonObject } from '../shared/type-guards.ts';

/** The identifier of a document: `sha256:` and the SHA-256 of its text, in lower-case hexadecimal. */
export function documentIdOf(text: string): string {
  return `sha256:${sha256Hex(text)}`;
}

/** Where a request can name its document. */
export interface DocumentParams {
  /** As in the appendix of GraphQL over HTTP about persisted documents. */
  readonly documentId?: unknown;
  /** With `persistedQuery`, as Apollo's clients send it. */
  readonly extensions?: unknown;
}

/** The document that a request names. */
export type DocumentReference =
  | { readonly kind: 'none' }
  | { readonly kind: 'id'; readonly id: string }
  /** `problem` is a sentence for the client. */
  | { readonly kind: 'invalid'; readonly problem: string };

/**
 * Reads which document a request names, by `documentId`, `extensions.persistedQuery` or both. A hash
 * without the prefix means the same as with it.
 */
export function readDocumentReference(params: DocumentParams): DocumentReference {
  const { documentId, extensions } = params;
  const persistedQuery = isJsonObject(extensions) ? extensions['persistedQuery'] : undefined;
  const ids: string[] = [];
  if (documentId !== undefined && documentId !== null) {
    if (typeof documentId !== 'string') {
      return { kind: 'invalid', problem: 'documentId must be a string, such as "sha256:…".' };
    }
    ids.push(withPrefix(documentId));
  }
  if (persistedQuery !== undefined && persistedQuery !== null) {
    if (
      !isJsonObject(persistedQuery) ||
      persistedQuery['version'] !== 1 ||
      typeof persistedQuery['sha256Hash'] !== 'string'
    ) {
      return {
        kind: 'invalid',
        problem: 'extensions.persistedQuery must have the version 1 and a string sha256Hash.',
      };
    }
    ids.push(withPrefix(persistedQuery['sha256Hash']));
  }
  const [id, other = id] = ids;
  if (id === undefined) return { kind: 'none' };
  return id === other
    ? { kind: 'id', id }
    : {
        kind: 'invalid',
        problem: 'documentId and extensions.persistedQuery must name the same document: send one.',
      };
}

const withPrefix = (id: string): string => (/^[0-9a-f]{64}$/.test(id) ? `sha256:${id}` : id);
