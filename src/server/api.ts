import type { GraphQLSchema } from 'graphql';
import { NoSchemaIntrospectionCustomRule } from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import type { AuthContext, UseAuthOptions } from '../adapters/yoga/auth-options.ts';
import { useAuth } from '../adapters/yoga/use-auth.ts';
import { useViewerIntrospection } from '../adapters/yoga/use-viewer-introspection.ts';
import { maskUnexpectedErrors } from '../gate/mask-errors.ts';
import type { Clock } from '../shared/clock.ts';
import type { ConcurrencyLimits } from '../streams/concurrency-limiter.ts';
import type { CreateContext } from './api-definition.ts';
import type { ServerLog } from './log.ts';
import { graphqlPath, metadataUrl } from './paths.ts';
import { useAbandonedRequests } from './use-abandoned-requests.ts';
import { useDocumentLimits } from './use-document-limits.ts';
import { useIncrementalDelivery } from './use-incremental-delivery.ts';
import { useRequestContext } from './use-request-context.ts';
import { useRequestParser } from './use-request-parser.ts';
import { useSubscriptionRoots } from './use-subscription-roots.ts';

/** What the API is made of. */
export interface ApiOptions {
  readonly schema: GraphQLSchema;
  /** What it adds to the context of each operation. Default: nothing. */
  readonly createContext?: CreateContext | undefined;
  readonly authenticator: UseAuthOptions['authenticator'];
  /** The API's own origin as clients see it. */
  readonly publicUrl: string;
  readonly introspection: 'on' | 'viewer' | 'off';
  readonly maxBodyBytes: number;
  /** How many subscriptions there may be at once. */
  readonly streams: ConcurrencyLimits;
  /** Whether operations may say `@defer` and `@stream`; the schema must have been made so. */
  readonly incrementalDelivery: boolean;
  readonly log: ServerLog;
  /** The clock by which subscriptions end. Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** GraphQL over HTTP: Yoga with the options that are safe and cheap. */
export function createApi(options: ApiOptions): YogaServerInstance<object, AuthContext> {
  const maskError = maskUnexpectedErrors({ report: options.log.reportUnexpectedError });
  return createYoga<object, AuthContext>({
    schema: options.schema,
    graphqlEndpoint: graphqlPath,
    plugins: [
      useAuth({
        authenticator: options.authenticator,
        resourceMetadata: metadataUrl(options.publicUrl),
        streams: options.streams,
        ...(options.clock ? { clock: options.clock } : {}),
      }),
      useAbandonedRequests(options.log),
      useRequestParser(options.maxBodyBytes),
      useDocumentLimits({ maxTokens: 2000, maxDepth: 100 }),
      useSubscriptionRoots(),
      ...(options.createContext ? [useRequestContext(options.createContext)] : []),
      introspection[options.introspection](),
      ...(options.incrementalDelivery ? useIncrementalDelivery(maskError) : []),
    ],
    maskedErrors: { maskError },
    logging: options.log.yoga,
    // A document takes some fifty times its text: a cache counted in documents could fill the heap.
    parserAndValidationCache: { documentCache: boundedCache(), errorCache: boundedCache() },
    // What follows is done elsewhere, cheaper or stricter, or not wanted.
    maxRequestBodySize: false,
    multipart: false,
    cors: false,
    graphiql: false,
    landingPage: false,
    // Yoga answers every URL that ends with this; no URL holds a space.
    healthCheckEndpoint: ' ',
  });
}

/** Keeps what belongs to texts: a thousand of them, and a million characters. */
function boundedCache<Value extends object>(): LRUCache<string, Value> {
  return new LRUCache({
    max: 1000,
    maxSize: 1_000_000,
    // An empty text is a text as well, and no size may be zero.
    sizeCalculation: (_, text) => text.length + 1,
  });
}

/** What clients may see of the schema itself. */
const introspection: Readonly<Record<ApiOptions['introspection'], () => Plugin<AuthContext>>> = {
  on: () => ({}),
  viewer: useViewerIntrospection,
  off: () => ({
    onValidate({ addValidationRule }) {
      addValidationRule(NoSchemaIntrospectionCustomRule);
    },
  }),
};
