import type { GraphQLSchema } from 'graphql';
import { NoSchemaIntrospectionCustomRule } from 'graphql';
import { createYoga, type Plugin, type YogaServerInstance } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import { createDirectListener, type DirectListener } from '../adapters/node/direct-listener.ts';
import {
  type DirectPlugin,
  findDirectPlugins,
  servedDirectly,
} from '../adapters/node/direct-plugin.ts';
import type { HandedOverRequests } from '../adapters/node/handed-over.ts';
import { PreparedOperations } from '../adapters/node/prepared-operations.ts';
import type { AuthContext, UseAuthOptions } from '../adapters/yoga/auth-options.ts';
import { createYogaAuth } from '../adapters/yoga/use-auth.ts';
import { usePreparedOperations } from '../adapters/yoga/use-prepared-operations.ts';
import { createViewerIntrospection } from '../adapters/yoga/use-viewer-introspection.ts';
import type { Gate } from '../gate/gate.ts';
import { maskUnexpectedErrors } from '../gate/mask-errors.ts';
import type { GateObserver } from '../gate/observer.ts';
import type { OperationLimits } from '../limits/operation-limits.ts';
import { type Clock, systemClock } from '../shared/clock.ts';
import type { ConcurrencyLimits } from '../streams/concurrency-limiter.ts';
import type { TrustedDocuments } from '../trusted-documents/trusted-documents.ts';
import type { ApiPlugin, Viewer } from './api-definition.ts';
import { exposeUnavailable } from './expose-unavailable.ts';
import { graphqlPath, metadataUrl } from './http/paths.ts';
import type { ServerLogger } from './logger.ts';
import type { RequestRecords } from './request-records.ts';
import { documentLimits, useDocumentLimits } from './use-document-limits.ts';
import { useErrorStatus } from './use-error-status.ts';
import { useIncrementalDelivery } from './use-incremental-delivery.ts';
import { useRequestErrors } from './use-request-errors.ts';
import { useRequestParser } from './use-request-parser.ts';
import { useSubscriptionRoots } from './use-subscription-roots.ts';
import { useTrustedDocuments } from './use-trusted-documents.ts';

/** Creates the context of an operation. */
type CreateOperationContext = (viewer: Viewer, request: Request) => object | Promise<object>;

/** Options for `createApi`. */
export interface ApiOptions {
  readonly schema: GraphQLSchema;
  /** What it adds to the context of each operation. Default: nothing. */
  readonly createContext?: CreateOperationContext | undefined;
  readonly authenticator: UseAuthOptions['authenticator'];
  /** The API's own URL as clients see it. */
  readonly publicUrl: string;
  readonly introspection: 'on' | 'viewer' | 'off';
  /** How much of a query is refused. */
  readonly refuse: 'selection' | 'operation';
  /** Whether requests can have an `onError`. */
  readonly onError: 'propagate' | 'request';
  /** Limits of operations. Default: none. */
  readonly limits?: OperationLimits | undefined;
  readonly maxBodyBytes: number;
  /** Counts requests. Undefined: there are no rate limits. */
  readonly rateLimit?: UseAuthOptions['rateLimit'] | undefined;
  /** Limits of concurrent subscriptions. */
  readonly streams: ConcurrencyLimits;
  /** Whether operations can use `@defer` and `@stream`; the schema must have their definitions. */
  readonly incrementalDelivery: boolean;
  /** The documents that clients run by their hash. Default: none. */
  readonly documents?: TrustedDocuments | undefined;
  /** Seconds for which caches may reuse what they return to anonymous viewers. Default: 0. */
  readonly documentsMaxAge?: number;
  /** Yoga plugins of the API itself. */
  readonly plugins: readonly ApiPlugin[];
  readonly log: ServerLogger;
  /** The observers of the gate. Default: none. */
  readonly observers?: readonly GateObserver[];
  /** Finds the IDs of requests for lines of errors. Undefined: they have none. */
  readonly requests?: RequestRecords | undefined;
  /** The clock by which subscriptions end. Default: the system's. */
  readonly clock?: Clock | undefined;
}

/** GraphQL over HTTP. */
export interface GraphqlApi {
  /** Serves every request. */
  readonly yoga: YogaServerInstance<object, AuthContext>;
  /** Serves most requests, in a fraction of the time; undefined if a plugin must see every request. */
  readonly direct: DirectListener | undefined;
  /** The gate of both. */
  readonly gate: Gate;
}

/**
 * Creates GraphQL over HTTP: Yoga with its plugins, and the listener in front of it. Must not know
 * sockets, nor where tokens come from.
 */
export function createApi(options: ApiOptions): GraphqlApi {
  const { schema, createContext, authenticator, maxBodyBytes, onError, clock } = options;
  const { documents, documentsMaxAge = 0 } = options;
  const maskError = exposeUnavailable({
    maskError: maskUnexpectedErrors({ report: options.log.reportUnexpectedError }),
    log: options.log,
    clock: clock ?? systemClock,
  });
  const auth = createYogaAuth(
    {
      authenticator,
      resourceMetadata: metadataUrl(options.publicUrl),
      refuse: options.refuse,
      ...(options.limits ? { limits: options.limits } : {}),
      onError,
      streams: options.streams,
      ...(options.rateLimit ? { rateLimit: options.rateLimit } : {}),
      ...(options.observers ? { observers: options.observers } : {}),
      ...(clock ? { clock } : {}),
    },
    (err, policy, context) => {
      const request = options.requests?.idOf(context);
      options.log.logger.error({ request, policy, err }, 'A policy threw: access was denied.');
    },
  );
  const attribute = (error: unknown, context: object): void => {
    options.log.attribute(error, options.requests?.idOf(context));
  };
  const plugins: readonly object[] = [
    auth.plugin,
    useRequestErrors(options.log, options.requests),
    useRequestParser({ maxBodyBytes, hasTrustedDocuments: documents !== undefined }),
    ...(documents ? useTrustedDocuments({ documents, maxAge: documentsMaxAge }) : []),
    useDocumentLimits(documentLimits),
    useSubscriptionRoots(),
    useErrorStatus(),
    useNodeConnections(),
    ...(createContext ? [useRequestContext(createContext, auth.handedOver, attribute)] : []),
    introspection[options.introspection](),
    ...(options.incrementalDelivery ? useIncrementalDelivery(maskError) : []),
    ...options.plugins,
  ];
  const directPlugins = findDirectPlugins(plugins);
  const operations = directPlugins && new PreparedOperations(directPlugins);
  const yoga = createYoga<object, AuthContext>({
    schema,
    graphqlEndpoint: graphqlPath,
    plugins: [...plugins, ...(operations ? [usePreparedOperations(operations)] : [])],
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
  const direct =
    operations &&
    createDirectListener({
      ...auth,
      path: graphqlPath,
      schema,
      operations,
      documents,
      onError,
      maxBodyBytes,
      createContext,
      dpopNonce: () => authenticator.dpopNonce?.(),
      Request: yoga.fetchAPI.Request,
      waitUntil: yoga.waitUntil,
    });
  return { yoga, direct, gate: auth.gate };
}

/** Adds what the API's `createContext` returns to the context of each operation. */
function useRequestContext(
  createContext: CreateOperationContext,
  handedOver: HandedOverRequests,
  onError: (error: unknown, context: object) => void,
): Plugin<AuthContext> & DirectPlugin {
  return {
    ...servedDirectly,
    async onContextBuilding({ context, extendContext }) {
      try {
        const created = await (handedOver.take(context, 'added') ??
          createContext(context.viewer, context.request));
        // What is already there stays, above all the viewer.
        extendContext({ ...created, ...context });
      } catch (error) {
        onError(error, context);
        throw error;
      }
    },
  };
}

/**
 * Leaves it to Node whether a connection stays open. Yoga's streams say that it does, also to clients
 * that close theirs after the response (RFC 9112 §9.6), and they would wait for its end.
 */
function useNodeConnections(): Plugin & DirectPlugin {
  return {
    ...servedDirectly,
    onResponse({ response }) {
      // Where there is none, deleting it changes how headers are spelled.
      if (response.headers.has('Connection')) response.headers.delete('Connection');
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
const introspection: Readonly<
  Record<ApiOptions['introspection'], () => Plugin<AuthContext> & DirectPlugin>
> = {
  on: () => servedDirectly,
  viewer: createViewerIntrospection,
  off: () => ({
    ...servedDirectly,
    onValidate({ addValidationRule }) {
      addValidationRule(NoSchemaIntrospectionCustomRule);
    },
  }),
};
