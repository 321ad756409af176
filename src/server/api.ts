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
import { graphqlPath, metadataUrl } from './http/paths.ts';
import { type ServerLogger, useAbandonedRequests } from './logger.ts';
import { useDocumentLimits } from './use-document-limits.ts';
import { useIncrementalDelivery } from './use-incremental-delivery.ts';
import { useRequestParser } from './use-request-parser.ts';
import { useSubscriptionRoots } from './use-subscription-roots.ts';

/** Options for `createApi`. */
export interface ApiOptions {
  readonly schema: GraphQLSchema;
  /** What it adds to the context of each operation. Default: nothing. */
  readonly createContext?: CreateContext | undefined;
  readonly authenticator: UseAuthOptions['authenticator'];
  /** The API's own origin as clients see it. */
  readonly publicUrl: string;
  readonly introspection: 'on' | 'viewer' | 'off';
  readonly maxBodyBytes: number;
  /** Limits of concurrent subscriptions. */
  readonly streams: ConcurrencyLimits;
  /** Whether operations can use `@defer` and `@stream`; the schema must have their definitions. */
  readonly incrementalDelivery: boolean;
  readonly log: ServerLogger;
  /** The clock by which subscriptions end. Default: the system's. */
  readonly clock?: Clock | undefined;
}

/**
 * Creates GraphQL over HTTP: Yoga with its plugins. Given a guarded schema and an authenticator, gives
 * back a listener of requests. Must not know sockets, nor where tokens come from.
 */
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
        execution: 'compiled',
        ...(options.log.reportRefusal ? { onRefusal: options.log.reportRefusal } : {}),
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
    // A parsed document is about fifty times as large as its text: limited by text, not by number.
    parserAndValidationCache: { documentCache: boundedCache(), errorCache: boundedCache() },
    // Done elsewhere, faster or stricter, or not wanted.
    maxRequestBodySize: false,
    multipart: false,
    cors: false,
    graphiql: false,
    landingPage: false,
    // Yoga responds to every URL that ends with this; no URL contains a space.
    healthCheckEndpoint: ' ',
  });
}

/** Adds what the API's `createContext` returns to the context of each operation. */
function useRequestContext(createContext: CreateContext): Plugin<AuthContext> {
  return {
    async onContextBuilding({ context, extendContext }) {
      const created = await createContext(context.viewer, context.request);
      // What is already there stays, above all the viewer.
      extendContext({ ...created, ...context });
    },
  };
}

/** A cache by text: at most a thousand texts, and a million characters. */
function boundedCache<Value extends object>(): LRUCache<string, Value> {
  return new LRUCache({
    max: 1000,
    maxSize: 1_000_000,
    // The size of an entry must not be zero, and a text can be empty.
    sizeCalculation: (_, text) => text.length + 1,
  });
}

/** The plugin for each value of INTROSPECTION. */
const introspection: Readonly<Record<ApiOptions['introspection'], () => Plugin<AuthContext>>> = {
  on: () => ({}),
  viewer: useViewerIntrospection,
  off: () => ({
    onValidate({ addValidationRule }) {
      addValidationRule(NoSchemaIntrospectionCustomRule);
    },
  }),
};
