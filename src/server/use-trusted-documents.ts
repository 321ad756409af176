import { usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations';
import type { Plugin } from 'graphql-yoga';
import { type DirectPlugin, servedDirectly } from '../adapters/node/direct-plugin.ts';
import { viewerOf } from '../authorization/enforcement/execution.ts';
import { isAsyncIterable } from '../shared/type-guards.ts';
import { readDocumentReference } from '../trusted-documents/document-id.ts';
import {
  badReference,
  type TrustedDocuments,
  textRefused,
  unknownDocument,
} from '../trusted-documents/trusted-documents.ts';

/** Options for `useTrustedDocuments`. */
export interface TrustedDocumentsOptions {
  readonly documents: TrustedDocuments;
  /** Seconds for which caches may reuse public responses. 0: they may not. */
  readonly maxAge: number;
}

/**
 * Runs documents that a request names by their hash, with Yoga's plugin. Lets caches reuse the response
 * to a GET if the viewer is anonymous and nothing was refused or failed.
 */
export function useTrustedDocuments({
  documents,
  maxAge,
}: TrustedDocumentsOptions): readonly (Plugin & DirectPlugin)[] {
  const { mode } = documents;
  const persistedOperations: Plugin = usePersistedOperations({
    allowArbitraryOperations: mode === 'also',
    extractPersistedOperationId(params) {
      const reference = readDocumentReference(params);
      if (reference.kind === 'invalid') throw badReference(reference.problem);
      return reference.kind === 'id' ? reference.id : null;
    },
    getPersistedOperation: (id) => documents.get(id) ?? null,
    customErrors: {
      notFound: () => unknownDocument(mode),
      persistedQueryOnly: textRefused,
      keyNotFound: () => badReference(emptyQuery),
    },
  });
  const own = { ...persistedOperations, ...servedDirectly };
  return maxAge === 0 ? [own] : [useMaxAge(maxAge), own];
}

const emptyQuery = 'The query must not be empty.';

/** Marks responses that caches may reuse. Goes before the parameters are replaced. */
function useMaxAge(maxAge: number): Plugin & DirectPlugin {
  const byHash = new WeakSet<Request>();
  const shareable = new WeakSet<Request>();
  return {
    // Which serves no GET.
    ...servedDirectly,

    onParams({ request, params }) {
      if (request.method === 'GET' && !params.query) byHash.add(request);
    },

    onExecutionResult({ request, result, context }) {
      if (!byHash.has(request) || viewerOf(context).kind !== 'anonymous') return;
      if (!result || isAsyncIterable(result) || result.errors || !result.data) return;
      shareable.add(request);
    },

    onResponse({ request, response }) {
      if (!shareable.has(request) || response.status !== 200) return;
      // Also if a plugin replaced the result.
      if (response.headers.get('Cache-Control') === 'no-store') return;
      response.headers.set('Cache-Control', `public, max-age=${maxAge}`);
      // What is left for one client is not what is left for those that get the cached response.
      response.headers.delete('RateLimit');
    },
  };
}
