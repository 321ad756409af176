import {
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  type GraphQLSchema,
} from 'graphql';
import { type GraphQLParams, type Plugin, processRegularResult } from 'graphql-yoga';
import { anonymous, type Viewer } from '../../authentication/viewer.ts';
import { viewerOf } from '../../authorization/enforcement/execution.ts';
import { guardOf } from '../../authorization/operation/guard.ts';
import type { ReportPolicyError } from '../../authorization/rules/policies.ts';
import { connectionViewer } from '../../gate/connection-viewer.ts';
import { formatErrors } from '../../gate/format-result.ts';
import { createGate, type FinishedExecution, type GateOptions } from '../../gate/gate.ts';
import { type RefusalResponse, schemeOf } from '../../gate/refusal-response.ts';
import { type Clock, systemClock } from '../../shared/clock.ts';
import {
  type ConcurrencyLimits,
  type PlaceLimits,
  resolveLimits,
} from '../../streams/concurrency-limiter.ts';
import { mapResults } from '../../streams/map-results.ts';
import { isStream, Streams } from '../../streams/streams.ts';
import { acceptsStream } from './accepts-stream.ts';
import { CachedResults } from './cached-results.ts';
import { checkOptions } from './check-options.ts';
import { rawHeadersOf } from './raw-headers.ts';
import { releaseWithRequest } from './release-with-request.ts';
import { unacceptableResult, unacceptableStream } from './unacceptable.ts';

/** What `useAuth` adds to the context of every resolver. */
export interface AuthContext {
  /** The viewer of the request. */
  readonly viewer: Viewer;
}

/** How requests are authenticated and refused. */
export interface UseAuthOptions
  extends Pick<GateOptions, 'authenticator' | 'realm' | 'resourceMetadata' | 'refuse'> {
  /**
   * How many subscriptions may be open at once. Default: 100 for one viewer, 10,000 in total.
   * Anonymous viewers cannot be told apart, and count in the total only.
   */
  readonly streams?: Partial<ConcurrencyLimits & PlaceLimits>;
  /** The clock by which streams end with their tokens. Default: the system's. */
  readonly clock?: Clock;
}

/** The Yoga plugin that `useAuth` makes. */
export interface AuthPlugin extends Plugin<AuthContext> {
  /**
   * The session of a request, for `useResponseCache({ session })`: a key that is the same only for
   * requests with the same verified claims; null for anonymous requests.
   */
  session(request: Request): string | null;
}

/** What is known of an HTTP request. */
interface RequestRecord {
  viewer: Viewer;
  /** Whether its response depends on the viewer, or refuses: no cache may keep it. */
  isPrivate: boolean;
  /** Whether it was sent with the scheme DPoP: its client is given the nonce for the next one. */
  isProof: boolean;
}

/**
 * The Yoga plugin that joins authentication and authorization. Each HTTP request is authenticated
 * once, before GraphQL is parsed; each operation is examined before it executes; resolvers find
 * the viewer in `context.viewer`. Refusals become status, headers and body here and nowhere else.
 *
 * The check stands directly before execution, wherever the plugin is listed: what other plugins
 * wrap around execution is wrapped around the check. A result that they give instead of an
 * execution, such as one of a cache, is sent only where it was made for the same viewer, or where
 * no rule applies to it.
 *
 * Subscriptions, and results that come in parts, end when the viewer's token ends, with one last
 * error whose `extensions.reason` is `token_expired`; and when Yoga is disposed of.
 *
 * What policies throw goes to Yoga's logger.
 *
 * @throws {TypeError} For an option that is wrong or unknown; and from `createYoga`, when its schema
 *   is not the result of `guardSchema`.
 */
export function useAuth(options: UseAuthOptions): AuthPlugin {
  checkOptions(options);
  const { authenticator, streams: limits, clock = systemClock, ...gateOptions } = options;
  let logError: (...parts: unknown[]) => void = () => {};
  const onPolicyError: ReportPolicyError = (error, policy) =>
    logError(`The policy "${policy}" failed, which refuses:`, error);
  const gate = createGate({ ...gateOptions, authenticator, onPolicyError });
  const streams = new Streams(clock, resolveLimits(limits));
  const cached = new CachedResults();
  const requests = new WeakMap<object, RequestRecord>();
  /** The contexts of operations that the gate has allowed. */
  const allowed = new WeakSet<object>();
  /** The context that data was made for by execution. */
  const madeFor = new WeakMap<object, unknown>();
  /** The request that a result is sent to as it is. */
  const approvedFor = new WeakMap<object, Request>();
  const params = new WeakMap<object, GraphQLParams>();
  let schemaOf = (_context: object): GraphQLSchema | undefined => undefined;

  const viewerOfContext = (context: object): Viewer =>
    connectionViewer(context) ?? recordOf(context)?.viewer ?? anonymous;

  function recordOf(context: object): RequestRecord | undefined {
    return 'request' in context && context.request instanceof Object
      ? requests.get(context.request)
      : undefined;
  }

  /** Before every other plugin, and directly around the executor: what they do is done outside. */
  const innermost: Plugin<AuthContext> = {
    onRequest({ request }) {
      // A cache would respond to it before anything is authenticated.
      try {
        request.headers.delete('if-none-match');
      } catch {
        // Headers that cannot be changed: a response to them has no body.
      }
    },

    onExecute({ executeFn, setExecuteFn }) {
      setExecuteFn(async (args) => {
        const entered = await enter(args);
        if (entered.kind === 'refused') return toResult(entered);
        const { execution, viewer, label } = entered;
        const result: ExecutionResult | AsyncIterable<ExecutionResult> = await executeFn(
          execution.args,
        );
        if (!isStream(result)) return label(toResult(execution.finish(result)));
        const parts = mapResults(result, (part) => {
          const finished = execution.finish(part);
          return finished.kind === 'completed'
            ? { result: label(finished.result) }
            : { result: lastPart(finished), isLast: true };
        });
        return streams.watch(parts, viewer, { hasNext: false });
      });
    },

    onSubscribe({ subscribeFn, setSubscribeFn }) {
      setSubscribeFn(async (args) => {
        const entered = await enter(args);
        if (entered.kind === 'refused') return toResult(entered);
        const { execution, viewer, label } = entered;
        const context: unknown = args.contextValue;
        if (isObject(context) && !acceptsStream(context, ['text/event-stream'])) {
          return unacceptableStream();
        }
        return streams.subscribe(viewer, async () => {
          const result: ExecutionResult | AsyncIterable<ExecutionResult> = await subscribeFn(
            execution.args,
          );
          if (!isStream(result)) return toResult(execution.finish(result));
          return mapResults(result, (event) => {
            const finished = execution.finish(event);
            return {
              result: label(
                finished.kind === 'completed' ? finished.result : withoutHead(finished),
              ),
            };
          });
        });
      });
    },
  };

  /** Behind every other plugin: what they have made of a request, and of its result, is final. */
  const last: Plugin<AuthContext> = {
    onParams({ context, params: final }) {
      params.set(context, final);
    },

    onExecutionResult({ request, result, context, setResult }) {
      const record = requests.get(request);
      if (!result || record === undefined) return;
      if (isStream(result)) {
        // What comes later is not known yet.
        record.isPrivate = true;
        releaseWithRequest(result, request.signal);
      }
      const { viewer } = record;
      const isSendable = (): boolean => {
        if (isStream(result)) return allowed.has(context);
        if (!carriesData(result) || madeFor.get(result.data) === context) return true;
        if (cached.isFor(result, viewer) && allowed.has(context)) return true;
        const sent = params.get(context);
        const schema = schemaOf({ ...context, request, params: sent });
        return cached.mayBeSent(result, sent, schema, viewer);
      };
      let final: ExecutionResult | AsyncIterable<ExecutionResult>;
      if (!isSendable()) {
        if (isStream(result)) result[Symbol.asyncIterator]().return?.();
        record.isPrivate = true;
        final = unauthorized();
      } else if (isStream(result)) {
        final = mapResults(result, (part) =>
          cached.isFor(part, viewer) === false
            ? { result: { ...unauthorized(), hasNext: false }, isLast: true }
            : { result: writable(part) },
        );
      } else if ('errors' in result && result.errors !== undefined) {
        if (result.extensions?.http) record.isPrivate = true;
        final = writable(result);
      } else {
        final = result;
      }
      approvedFor.set(final, request);
      setResult(final);
    },

    onResultProcess({ request, result, resultProcessor, setResult, setResultProcessor }) {
      const viewer = requests.get(request)?.viewer ?? anonymous;
      const results = Array.isArray(result) ? result : [result];
      const isReplaced = results.some(
        (one) =>
          approvedFor.get(one) !== request &&
          (isStream(one) || carriesData(one)) &&
          cached.isFor(one, viewer) !== true,
      );
      if (isReplaced) setResult(unauthorized());
      if (resultProcessor) return;
      if (isStream(result)) {
        // No one will read it.
        result[Symbol.asyncIterator]().return?.();
        setResult(unacceptableStream());
      } else if (!('errors' in result)) setResult(unacceptableResult());
      setResultProcessor(processRegularResult, 'application/json');
    },
  };

  /** Takes an operation through the gate; what it results in says who it is for. */
  async function enter(args: ExecutionArgs) {
    const { schema, document } = args;
    const context: unknown = args.contextValue;
    const execution = await gate.authorize(args);
    if (execution.kind === 'refused') return execution;
    if (isObject(context)) allowed.add(context);
    const viewer = viewerOf(context);
    const label = (result: ExecutionResult): ExecutionResult => {
      if (isObject(result.data)) madeFor.set(result.data, context);
      return cached.label(result, schema, document, viewer);
    };
    return { kind: 'allowed' as const, execution, viewer, label };
  }

  function unauthorized(): ExecutionResult {
    logError(
      'A plugin gave a result that was not authorized for this request, and it was not sent. A response cache needs the session of useAuth: useResponseCache({ session: auth.session }).',
    );
    return unauthorizedResult();
  }

  return {
    onPluginInit({ plugins }) {
      if (plugins.includes(last)) return;
      // The engine is the first plugin of every Yoga.
      plugins.splice(1, 0, innermost);
      plugins.push(last);
    },

    onYogaInit({ yoga }) {
      logError = (...parts) => yoga.logger.error(...parts);
      // Requests can have different schemas, and what is not executed has not said which.
      schemaOf = (context) => yoga.getEnveloped(context).schema;
    },

    onSchemaChange({ schema: changed }) {
      guardOf(changed);
    },

    async onRequestParse({ request, serverContext }) {
      const rawHeaders = rawHeadersOf(serverContext);
      const { method, url, headers } = request;
      const record: RequestRecord = { viewer: anonymous, isPrivate: true, isProof: false };
      requests.set(request, record);
      const outcome = await gate.authenticate({
        method,
        url,
        headers,
        ...(rawHeaders ? { rawHeaders } : {}),
      });
      if (outcome.kind === 'refused') {
        record.isProof = outcome.scheme === 'DPoP';
        throw toRequestError(outcome);
      }
      record.viewer = outcome.viewer;
      record.isPrivate = outcome.viewer.kind === 'authenticated';
      record.isProof = schemeOf(outcome.viewer) === 'DPoP';
    },

    onEnveloped({ context, extendContext }) {
      // Plugins and context factories find the viewer from the beginning.
      if (context) extendContext({ viewer: viewerOfContext(context) });
    },

    onContextBuilding({ context, extendContext }) {
      // Whatever a context factory has made of it.
      extendContext({ viewer: viewerOfContext(context) });
    },

    onResponse({ request, response }) {
      const record = requests.get(request);
      if (record?.isPrivate) response.headers.set('Cache-Control', 'no-store');
      const nonce = record?.isProof ? authenticator.dpopNonce?.() : undefined;
      if (nonce !== undefined) response.headers.set('DPoP-Nonce', nonce);
    },

    onDispose() {
      streams.stop();
    },

    session: (request) => cached.sessionOf(requests.get(request)?.viewer ?? anonymous) ?? null,
  };
}

/** As Yoga makes a response of it. */
function toResult(finished: FinishedExecution): ExecutionResult {
  if (finished.kind === 'completed') return finished.result;
  const { status, headers } = finished;
  return { ...withoutHead(finished), extensions: { http: { status, headers } } };
}

function withoutHead({ errors, data }: RefusalResponse): ExecutionResult {
  return { errors, ...(data === null ? { data } : {}) };
}

/** The part that takes the place of one that is refused; no other follows. */
function lastPart(refusal: RefusalResponse): ExecutionResult & { readonly hasNext: false } {
  return { ...withoutHead(refusal), hasNext: false };
}

function toRequestError({ errors: [error], status, headers }: RefusalResponse): GraphQLError {
  return new GraphQLError(error?.message ?? '', {
    extensions: { ...error?.extensions, http: { status, headers } },
  });
}

/** What a plugin gave instead of a result that the viewer is allowed. */
function unauthorizedResult(): ExecutionResult {
  const error = new GraphQLError('Unexpected error.', {
    extensions: { code: 'INTERNAL_SERVER_ERROR' },
  });
  return { errors: [error], extensions: { http: { status: 500 } } };
}

/** The same result, with the way in which its errors are written. */
function writable<Result extends ExecutionResult>(result: Result): Result {
  const { errors } = result;
  if (errors === undefined) return result;
  const formatted = formatErrors(errors, result.data != null);
  const stringify = (shown: object): string => JSON.stringify({ ...shown, errors: formatted });
  return { ...result, stringify };
}

function carriesData(result: object): result is { readonly data: object } {
  return 'data' in result && isObject(result.data);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
