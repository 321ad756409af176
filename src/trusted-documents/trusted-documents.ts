import type { GraphQLError } from 'graphql';
import { UntracedGraphQLError } from '../shared/untraced-graphql-error.ts';
import { type DocumentParams, readDocumentReference } from './document-id.ts';

/** Which operations are run: `only` those of trusted documents, or `also` those that clients send as text. */
export type TrustedDocumentsMode = 'only' | 'also';

/** What to run for a request. */
export type DocumentResolution =
  /** What the client sent as its query, if anything. */
  | { readonly kind: 'sent' }
  | { readonly kind: 'trusted'; readonly text: string }
  | { readonly kind: 'refused'; readonly error: GraphQLError };

/** The documents that clients run by their hash. */
export class TrustedDocuments {
  readonly mode: TrustedDocumentsMode;
  readonly #texts: ReadonlyMap<string, string>;

  /** @param texts The documents, by their identifiers. */
  constructor(texts: ReadonlyMap<string, string>, mode: TrustedDocumentsMode) {
    this.#texts = texts;
    this.mode = mode;
  }

  get(id: string): string | undefined {
    return this.#texts.get(id);
  }

  /** Decides what to run. Where text is allowed, a hash beside it has no effect. */
  resolve(params: DocumentParams & { readonly query?: unknown }): DocumentResolution {
    const query = params.query ?? '';
    if (typeof query === 'string' && query !== '') {
      return this.mode === 'also' ? { kind: 'sent' } : { kind: 'refused', error: textRefused() };
    }
    // Malformed, whatever is beside it.
    if (query !== '') return { kind: 'sent' };
    const reference = readDocumentReference(params);
    if (reference.kind === 'invalid') {
      return { kind: 'refused', error: badReference(reference.problem) };
    }
    if (reference.kind === 'none') return { kind: 'sent' };
    const text = this.get(reference.id);
    return text === undefined
      ? { kind: 'refused', error: unknownDocument(this.mode) }
      : { kind: 'trusted', text };
  }
}

/**
 * The error for a hash that is unknown. Where text is allowed, it has the message and the code with which
 * Apollo clients and compatible ones send the text next; otherwise neither.
 */
export function unknownDocument(mode: TrustedDocumentsMode): GraphQLError {
  return mode === 'also'
    ? refusal('PersistedQueryNotFound', 'PERSISTED_QUERY_NOT_FOUND')
    : refusal('This document is not one of the trusted documents.', 'PERSISTED_QUERY_NOT_IN_LIST');
}

/** The error for a text where only hashes are allowed. */
export const textRefused = (): GraphQLError =>
  refusal(
    'Only trusted documents are run: send the documentId of one, without a query.',
    'PERSISTED_QUERY_ID_REQUIRED',
  );

/** The error for a reference that names no document. */
export const badReference = (problem: string): GraphQLError =>
  new UntracedGraphQLError(problem, { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });

/**
 * As for other errors of GraphQL documents, the status is 200 for `application/json`: several clients
 * read errors from nothing else.
 */
const refusal = (message: string, code: string): GraphQLError =>
  new UntracedGraphQLError(message, { extensions: { code, http: { spec: true, status: 400 } } });
