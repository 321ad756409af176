import type { ExecutionArgs } from 'graphql';
import type { Viewer } from '../../authentication/viewer.ts';
import { viewerOf } from '../../authorization/enforcement/execution.ts';
import { contextDefaults } from '../../authorization/enforcement/filter-context.ts';
import { CachedResults } from '../../gate/cached-results.ts';
import { commonHeaders } from '../../gate/common-headers.ts';
import { type AllowedExecution, createGate } from '../../gate/gate.ts';
import { checkGateOptions, type GateOptions, gateOptionNames } from '../../gate/gate-options.ts';
import { joinObservers } from '../../gate/join-observers.ts';
import { fromNodeRequest, type NodeRequest } from '../../gate/node-request.ts';
import type { EndStep } from '../../gate/observer.ts';
import { executionOutcome } from '../../gate/operation-runner.ts';
import { type RefusalResponse, refuseUnexpected } from '../../gate/refusal-response.ts';
import type { ApolloAuthPlugin } from './apollo-auth-plugin.ts';
import {
  finishResponse,
  rejectForeignResult,
  sendRefusal,
  setHeaders,
  setRefusedHead,
  toRequestError,
} from './apollo-responses.ts';

/** What `createApolloAuth` adds to the context of every resolver. */
export interface ApolloAuthContext {
  /** The viewer of the request. */
  readonly viewer: Viewer;
}

/** Options for `createApolloAuth`. */
export type ApolloAuthOptions = Omit<GateOptions, 'onPolicyError'>;

/** The two parts that connect Apollo Server to the rules of its schema. Each needs the other. */
export interface ApolloAuth {
  /** For `new ApolloServer({ plugins })`. */
  readonly plugin: ApolloAuthPlugin;
  /**
   * Authenticates an HTTP request, once for all operations of a batch. For the `context` of
   * `startStandaloneServer` and `expressMiddleware`, or called by a context function of your own.
   */
  readonly context: (integration: { readonly req: NodeRequest }) => Promise<ApolloAuthContext>;
}

const names = gateOptionNames.filter((name) => name !== 'onPolicyError');

/** The key that marks a server that has been started with a plugin. */
const hasPlugin = Symbol('has a plugin of createApolloAuth');

/**
 * Connects Apollo Server 5 to the rules of its schema. Each HTTP request is authenticated once, before
 * GraphQL is parsed; each operation is checked before it executes; resolvers find the viewer in
 * `contextValue.viewer`. Refusals get their status, `WWW-Authenticate` header and errors. Those of rules
 * are sent as they are, whatever `formatError` returns.
 *
 * Responses to authenticated viewers, and those with a refusal, have `Cache-Control: no-store`. Apollo's
 * response cache keeps nothing that rules apply to, and a result that another plugin supplies for such
 * an operation, instead of executing it, is not sent.
 *
 * Errors that policies throw are written to Apollo's logger. Refusals are not: see `onRefusal`.
 *
 * Not done: limits of documents before they are parsed; hiding guarded names in introspection and in validation errors, which
 * `introspection` and `hideSchemaDetailsFromClientErrors` of Apollo turn off for all viewers. `rootValue`
 * is not passed to the policies of a mutation's root fields. A gateway's schema is not supported.
 *
 * @throws {TypeError} If an option is wrong or unknown; and from `server.start()`, if the schema is not
 *   the result of `guardSchema`, or if the server has two of these plugins.
 *
 * @example
 * ```ts
 * import { ApolloServer } from '@apollo/server';
 * import { startStandaloneServer } from '@apollo/server/standalone';
 * import { createApolloAuth } from 'graphql-resource-server/apollo-server';
 *
 * const auth = createApolloAuth({ authenticator });
 * const server = new ApolloServer({ schema: guardSchema(schema), plugins: [auth.plugin] });
 * await startStandaloneServer(server, { context: auth.context });
 * ```
 */
export function createApolloAuth(options: ApolloAuthOptions): ApolloAuth {
  checkGateOptions('createApolloAuth', options, names);
  const { authenticator } = options;
  let logError = (_message: string): void => {};
  const gate = createGate({
    ...options,
    onPolicyError: (error, policy) =>
      logError(`Policy "${policy}" threw; access denied: ${String(error)}`),
  });
  const { beginStep, describe } = joinObservers(options);
  const cached = new CachedResults();

  const plugin: ApolloAuthPlugin = {
    async serverWillStart(service) {
      if (hasPlugin in service) {
        throw new TypeError(
          'The server has two plugins of createApolloAuth: keep one, whose context function it uses.',
        );
      }
      // All plugins of a server are started with the same object.
      Object.defineProperty(service, hasPlugin, { value: true });
      gate.prepare(service.schema);
      logError = (message) => service.logger.error(message);
    },

    async requestDidStart({ request, contextValue, response: { http } }) {
      if (request.http !== undefined && !('viewer' in contextValue)) {
        throw new TypeError(
          'The context has no viewer: start the server with the context function of createApolloAuth, or return what it returns from your own.',
        );
      }
      const viewer = viewerOf(contextValue);
      setHeaders(http, commonHeaders({ kind: 'authenticated', viewer }, authenticator));
      let outcome: AllowedExecution | RefusalResponse | undefined;
      let authorized: ExecutionArgs | undefined;
      let isPublic = false;
      let isExecuted = false;
      let endExecution: EndStep | undefined;

      return {
        // Before a plugin can respond in place of the execution, such as a cache.
        async didResolveOperation(requestContext) {
          const { schema, document } = requestContext;
          isPublic = cached.isPublic(schema, document);
          // For response caches.
          if (!isPublic) requestContext.overallCachePolicy.restrict({ maxAge: 0 });
          const { operationName, variables: variableValues } = request;
          const args = { schema, document, operationName, variableValues, contextValue };
          authorized = args;
          outcome = await gate.authorize(args);
          if (outcome.kind === 'refused') {
            setRefusedHead(http, outcome);
            throw toRequestError(outcome);
          }
          // What Apollo executes.
          Object.assign(requestContext, { document: outcome.args.document });
        },

        async executionDidStart() {
          isExecuted = true;
          if (authorized === undefined || beginStep === undefined) return undefined;
          endExecution = beginStep({ kind: 'execute', operation: describe(authorized) });
          return {
            async executionDidEnd(error: Error | undefined) {
              if (error !== undefined) endExecution?.({ kind: 'failed', error });
            },
          };
        },

        async willSendResponse({ errors = [], response }) {
          if (outcome === undefined) return;
          if (outcome.kind === 'refused') return sendRefusal(response, outcome);
          if (isExecuted) {
            const finished = await finishResponse(response, errors, outcome);
            endExecution?.(executionOutcome(finished));
            return;
          }
          if (!isPublic && rejectForeignResult(response)) {
            logError(
              'A plugin responded to an operation that rules apply to, in place of its execution. The response was not sent, because it can be that of another viewer.',
            );
          }
        },

        async willSendSubsequentPayload(_requestContext, { hasNext }) {
          // Reports what was refused since the last part.
          if (outcome?.kind === 'allowed')
            outcome.finish(Object.assign({ errors: [] }, { hasNext }));
        },
      };
    },
  };

  async function context({ req }: { readonly req: NodeRequest }): Promise<ApolloAuthContext> {
    const outcome = await gate.authenticate(fromNodeRequest(req)).catch((error: unknown) => {
      // Apollo would send its message.
      logError(`A request could not be authenticated: ${String(error)}`);
      return refuseUnexpected();
    });
    if (outcome.kind === 'authenticated') return { ...contextDefaults, viewer: outcome.viewer };
    throw toRequestError(outcome, commonHeaders(outcome, authenticator));
  }

  return { plugin, context };
}
