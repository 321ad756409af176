import { normalizedExecutor } from '@graphql-tools/executor';
import type { ExecutionArgs, ExecutionResult, GraphQLError, GraphQLSchema } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { schemeOf } from '../../authentication/scheme-of.ts';
import { anonymous } from '../../authentication/viewer.ts';
import { viewerOf } from '../../authorization/enforcement/execution.ts';
import { contextDefaults } from '../../authorization/enforcement/filter-context.ts';
import type { ReportPolicyError } from '../../authorization/rules/policies.ts';
import { CompiledOperations } from '../../execution/compiled-operations.ts';
import { CachedResults } from '../../gate/cached-results.ts';
import { findNodeRequest } from '../../gate/find-node-request.ts';
import { createGate, type Gate } from '../../gate/gate.ts';
import { joinObservers } from '../../gate/join-observers.ts';
import { type OperationOutcome, OperationRunner } from '../../gate/operation-runner.ts';
import { type RefusalResponse, toResult } from '../../gate/refusal-response.ts';
import { systemClock } from '../../shared/clock.ts';
import type { ErrorBehavior } from '../../shared/error-behavior.ts';
import { isObject } from '../../shared/type-guards.ts';
import { UntracedGraphQLError } from '../../shared/untraced-graphql-error.ts';
import { resolveLimits } from '../../streams/concurrency-limiter.ts';
import { mapResults } from '../../streams/map-results.ts';
import { Streams } from '../../streams/streams.ts';
import { type DirectPlugin, servedDirectly } from '../node/direct-plugin.ts';
import { HandedOverRequests } from '../node/handed-over.ts';
import { type AuthContext, checkOptions, type UseAuthOptions } from './auth-options.ts';
import { acceptsStream, streamNotAcceptable } from './content-negotiation.ts';
import { RequestErrorBehaviors } from './request-error-behavior.ts';
import { RequestRecords } from './request-records.ts';
import { useAuthorizedResults } from './use-authorized-results.ts';

/** The Yoga plugin that `useAuth` creates. */
export interface AuthPlugin extends Plugin<AuthContext> {
  /**
   * The session of a request, for `useResponseCache({ session })`: a key that is equal only for
   * requests with the same verified claims; null for anonymous requests.
   */
  session(request: Request): string | null;
}

/**
 * The Yoga plugin that joins authentication and authorization. Each HTTP request is authenticated
 * once, before GraphQL is parsed; each operation is checked before it executes; resolvers find the
 * viewer in `context.viewer`. Refusals get their status, `WWW-Authenticate` header and errors.
 *
 * Rules are checked directly around execution, wherever the plugin is listed. A result that another
 * plugin supplies instead, such as a cached one, is sent only if it was made for the same viewer or
 * if no rule applies to it.
 *
 * Subscriptions and incremental delivery end when the viewer's token expires or is revoked, with a
 * final error whose `extensions.reason` is `token_expired` or `token_revoked`, and when Yoga is
 * disposed of.
 *
 * Errors that policies throw are written to Yoga's logger. Refusals are not: see `onRefusal`.
 *
 * @throws {TypeError} If an option is wrong or unknown; and from `createYoga`, if its schema is not
 *   the result of `guardSchema`.
 *
 * @example
 * ```ts
 * const yoga = createYoga<object, AuthContext>({
 *   schema: guardSchema(schema),
 *   plugins: [useAuth({ authenticator })],
 * });
 * ```
 */
export function useAuth(options: UseAuthOptions): AuthPlugin {
  return createYogaAuth(options).plugin;
}

/** The plugin, and what the direct listener shares with it. */
export interface YogaAuth {
  readonly plugin: AuthPlugin & DirectPlugin;
  readonly gate: Gate;
  readonly runner: OperationRunner;
  readonly handedOver: HandedOverRequests;
}

/** Marks the plugins of `useAuth`, of which a server has one. */
const authPlugin = Symbol('useAuth');

/**
 * Creates what `useAuth` returns.
 *
 * @param onPolicyError Called with each error that a policy throws. Default: it is in the log of Yoga.
 */
export function createYogaAuth(
  options: UseAuthOptions,
  onPolicyError?: ReportPolicyError,
): YogaAuth {
  checkOptions(options);
  const { execution = 'compiled', onError = 'propagate', ...others } = options;
  const { streams: limits, clock = systemClock, ...gateOptions } = others;
  const { authenticator } = options;
  let logError: (...parts: unknown[]) => void = () => {};
  let schemaOf = (_context: object): GraphQLSchema | undefined => undefined;

  const gate = createGate({
    ...gateOptions,
    onPolicyError:
      onPolicyError ??
      ((error, policy) => logError(`Policy "${policy}" threw; access denied:`, error)),
  });
  const observation = joinObservers(options);
  const streams = new Streams(
    clock,
    resolveLimits(limits),
    observation.refusals?.stream,
    authenticator.checkRevocation,
  );
  const cached = new CachedResults();
  const records = new RequestRecords();
  const errorBehaviors = onError === 'request' ? new RequestErrorBehaviors(records) : undefined;
  const handedOver = new HandedOverRequests();
  const runner = new OperationRunner({
    gate,
    streams,
    observation,
    compiled: execution === 'compiled' ? new CompiledOperations() : undefined,
  });

  /** Goes before every other plugin, so that it is directly around the executor. */
  const innermost: Plugin<AuthContext> = {
    onRequest({ request }) {
      // A cache would respond to it before anything is authenticated.
      try {
        request.headers.delete('if-none-match');
      } catch {
        // Immutable headers: a response to them has no body.
      }
    },

    // Before plugins that make a key of the parameters, and Yoga, which rejects those that it does not know.
    onParams({ params, request, context, setParams }) {
      if (errorBehaviors) setParams(errorBehaviors.separate(params, request, context));
    },

    onExecute({ executeFn, setExecuteFn }) {
      const isOrdinary = executeFn === normalizedExecutor;
      setExecuteFn(async (args) => {
        const behavior = errorBehaviors?.begin(args.contextValue) ?? 'PROPAGATE';
        const outcome = await (handedOver.take(args.contextValue, 'outcome') ??
          runner.execute(args, executeFn, isOrdinary, behavior));
        return settle(args, outcome, behavior);
      });
    },

    onSubscribe({ subscribeFn, setSubscribeFn }) {
      setSubscribeFn(async (args) => {
        const rejectUnacceptable = (): ExecutionResult | undefined =>
          !isObject(args.contextValue) || acceptsStream(args.contextValue, ['text/event-stream'])
            ? undefined
            : streamNotAcceptable();
        const behavior = errorBehaviors?.begin(args.contextValue) ?? 'PROPAGATE';
        const outcome = await runner.subscribe(args, subscribeFn, rejectUnacceptable, behavior);
        return settle(args, outcome, behavior);
      });
    },
  };

  const outermost = useAuthorizedResults({
    records,
    cached,
    schemaOf: (context) => schemaOf(context),
    logError: (message) => logError(message),
  });

  /** Notes what an operation resulted in, and makes a result for Yoga of it. */
  function settle(
    args: ExecutionArgs,
    outcome: OperationOutcome,
    behavior: ErrorBehavior,
  ): ExecutionResult | AsyncIterable<ExecutionResult> {
    if (outcome.kind === 'refused') {
      const { status, headers } = outcome;
      return { ...toResult(outcome), extensions: { http: { status, headers } } };
    }
    const operation = records.operation(args.contextValue);
    if (operation !== undefined) operation.isAllowed = true;
    const viewer = viewerOf(args.contextValue);
    const label = (result: ExecutionResult): ExecutionResult =>
      cached.label(result, args.schema, args.document, viewer, behavior);
    if (outcome.kind === 'stream') {
      return mapResults(outcome.results, (part) => ({ result: label(part) }));
    }
    if (operation !== undefined) operation.data = outcome.result.data;
    return label(outcome.result);
  }

  const plugin: AuthPlugin & DirectPlugin & { readonly [authPlugin]: true } = {
    ...servedDirectly,
    [authPlugin]: true,

    onPluginInit({ plugins }) {
      if (plugins.includes(outermost)) return;
      if (plugins.some((one) => one !== plugin && isObject(one) && authPlugin in one)) {
        throw new TypeError(
          'The plugins have useAuth twice, which would verify each token and proof twice: keep one.',
        );
      }
      // The engine is the first plugin of every Yoga.
      plugins.splice(1, 0, innermost);
      plugins.push(outermost);
    },

    onYogaInit({ yoga }) {
      logError = (...parts) => yoga.logger.error(...parts);
      schemaOf = (context) => yoga.getEnveloped(context).schema;
    },

    onSchemaChange({ schema }) {
      gate.prepare(schema);
    },

    async onRequestParse({ request, serverContext }) {
      const record = records.create(request);
      const { method, url, headers } = request;
      const outcome = await (handedOver.take(serverContext, 'authentication') ??
        gate.authenticate({
          method,
          url,
          headers,
          raw: request,
          ...findNodeRequest(serverContext),
        }));
      if (outcome.kind === 'refused') {
        record.usesDpop = outcome.scheme === 'DPoP';
        throw toRequestError(outcome);
      }
      const { viewer } = outcome;
      record.viewer = viewer;
      record.isCacheable = viewer.kind === 'anonymous';
      record.usesDpop = schemeOf(viewer) === 'DPoP';
      record.headers = outcome.headers;
    },

    onEnveloped({ context, extendContext }) {
      // For plugins and context factories.
      if (!context) return;
      const own = 'filter' in context ? { filter: context.filter } : {};
      extendContext({ ...contextDefaults, ...own, viewer: records.viewerOf(context) });
    },

    onContextBuilding({ context, extendContext }) {
      // Again, in case a context factory replaced it.
      extendContext({ viewer: records.viewerOf(context) });
    },

    onResponse({ request, response }) {
      const record = records.of(request);
      if (record?.isCacheable === false) {
        // Of event streams, which Yoga gives one. Where there is none, it changes how headers are spelled.
        if (response.headers.has('Cache-Control')) response.headers.delete('Cache-Control');
        response.headers.set('Cache-Control', 'no-store');
      }
      for (const [name, value] of Object.entries(record?.headers ?? {})) {
        response.headers.set(name, value);
      }
      const nonce = record?.usesDpop ? authenticator.dpopNonce?.() : undefined;
      if (nonce !== undefined) response.headers.set('DPoP-Nonce', nonce);
    },

    onDispose() {
      streams.stop();
    },

    session: (request) => cached.sessionOf(records.of(request)?.viewer ?? anonymous) ?? null,
  };
  return { plugin, gate, runner, handedOver };
}

function toRequestError({ errors: [error], status, headers }: RefusalResponse): GraphQLError {
  return new UntracedGraphQLError(error?.message ?? '', {
    extensions: { ...error?.extensions, http: { status, headers } },
  });
}
