import { type Plugin, processRegularResult } from 'graphql-yoga';
import { AuthError } from '../authentication/auth-error.ts';
import type { Authenticator } from '../authentication/authenticator.ts';
import { anonymous, type Viewer } from '../authentication/viewer.ts';
import { viewerOf } from '../authorization/execution.ts';
import { guardOf } from '../authorization/guard.ts';
import type { ReportPolicyError } from '../authorization/policies.ts';
import { refusalOf } from '../authorization/refusal-error.ts';
import { acceptsStream } from './accepts-stream.ts';
import { type ChallengeSettings, refusedCredentials, schemeOf } from './answer.ts';
import { answerResult } from './answer-result.ts';
import { checkOptions } from './check-options.ts';
import { type Clock, systemClock } from './clock.ts';
import { connectionViewer } from './connection-viewer.ts';
import type { PlaceLimits } from './places.ts';
import { rawHeadersOf } from './raw-headers.ts';
import { refuseOperation } from './refuse-operation.ts';
import { releaseWithRequest } from './release-with-request.ts';
import { defaultStreamLimits } from './stream-limits.ts';
import { isStream, Streams } from './streams.ts';
import { unacceptableStream } from './unacceptable-stream.ts';
import { withoutSuggestion } from './without-suggestion.ts';

/** What `useAuth` adds to the context of every resolver. */
export interface AuthContext {
  /** Who is asking. */
  readonly viewer: Viewer;
}

/** How requests are authenticated and refused. */
export interface UseAuthOptions {
  /**
   * Finds out who is asking; `createAuthenticator` makes one. One that has nothing but
   * `authenticate` accepts Bearer, as far as challenges tell.
   */
  readonly authenticator: Pick<Authenticator, 'authenticate'> &
    Partial<Pick<Authenticator, 'schemes' | 'dpopAlgorithms' | 'dpopNonce'>>;
  /** The `realm` of every challenge (RFC 9110 §11.5). Default `graphql`. */
  readonly realm?: string;
  /** The URL of this API's metadata, named in every challenge (RFC 9728 §5.1). Default: none. */
  readonly resourceMetadata?: string;
  /**
   * What a query is refused by: `selection` answers the rest of it and refuses only what the
   * viewer may not have; `operation` refuses it whole. Mutations and subscriptions are always
   * refused whole. Default `selection`.
   */
  readonly refuse?: 'selection' | 'operation';
  /**
   * How many subscriptions may be open at once. Default: 100 for one viewer, 10,000 in all. Anonymous
   * viewers cannot be told apart, and count in all only.
   */
  readonly streams?: Partial<PlaceLimits>;
  /** The clock by which streams end with their tokens. Default: the system's. */
  readonly clock?: Clock;
}

/**
 * The Yoga plugin that joins authentication and authorization. Each HTTP request is authenticated
 * once, before GraphQL is parsed; each operation is examined before it executes; resolvers find
 * the viewer in `context.viewer`. Refusals become status, headers and body here and nowhere else.
 *
 * Subscriptions, and results that come in parts, end when the viewer's token ends, with one last
 * error whose `extensions.reason` is `token_expired`; and when Yoga is disposed of.
 *
 * What policies throw goes to Yoga's logger.
 *
 * @throws {TypeError} For an option that is wrong or unknown; and from `createYoga`, when its schema
 *   is not the result of `guardSchema`.
 */
export function useAuth(options: UseAuthOptions): Plugin<AuthContext> {
  checkOptions(options);
  const { authenticator } = options;
  const settings: ChallengeSettings = {
    realm: options.realm ?? 'graphql',
    ...(options.resourceMetadata === undefined
      ? {}
      : { resourceMetadata: options.resourceMetadata }),
    schemes: authenticator.schemes ?? ['Bearer'],
    ...(authenticator.dpopAlgorithms ? { dpopAlgorithms: authenticator.dpopAlgorithms } : {}),
  };
  let reportPolicyError: ReportPolicyError = () => {};
  const gate = {
    settings,
    refuseWhole: options.refuse === 'operation',
    reportPolicyError: (error: unknown, policy: string) => reportPolicyError(error, policy),
  };
  const streams = new Streams(options.clock ?? systemClock, {
    ...defaultStreamLimits,
    ...options.streams,
  });
  const viewers = new WeakMap<Request, Viewer>();
  /** Requests whose answer depends on who asked, or refuses: no cache may keep it. */
  const personal = new WeakSet<Request>();
  /** Requests of the scheme DPoP: their clients are told the nonce for the next one. */
  const proving = new WeakSet<Request>();

  return {
    onYogaInit({ yoga }) {
      reportPolicyError = (error, policy) =>
        yoga.logger.error(`The policy "${policy}" failed, which refuses:`, error);
    },

    onSchemaChange({ schema }) {
      guardOf(schema);
    },

    async onRequestParse({ request, serverContext }) {
      const rawHeaders = rawHeadersOf(serverContext);
      const { method, url, headers } = request;
      try {
        const viewer = await authenticator.authenticate({
          method,
          url,
          headers,
          ...(rawHeaders ? { rawHeaders } : {}),
        });
        viewers.set(request, viewer);
        if (viewer.kind === 'authenticated') personal.add(request);
        if (schemeOf(viewer) === 'DPoP') proving.add(request);
      } catch (error) {
        personal.add(request);
        if (!(error instanceof AuthError)) throw error;
        if (error.scheme === 'DPoP') proving.add(request);
        throw refusedCredentials(error, settings);
      }
    },

    onContextBuilding({ context, extendContext }) {
      const viewer = connectionViewer(context) ?? viewers.get(context.request) ?? anonymous;
      extendContext({ viewer });
    },

    async onExecute({ args, setResultAndStopExecution }) {
      const refused = await refuseOperation(args, gate);
      if (refused) return setResultAndStopExecution(refused);
      return {
        onExecuteDone({ result, setResult }) {
          if (!isStream(result)) return;
          setResult(streams.watch(result, viewerOf(args.contextValue), { hasNext: false }));
        },
      };
    },

    async onSubscribe({ args, context, subscribeFn, setSubscribeFn, setResultAndStopExecution }) {
      const refused = await refuseOperation(args, gate);
      if (refused) return setResultAndStopExecution(refused);
      if (!acceptsStream(context, ['text/event-stream'])) {
        return setResultAndStopExecution(unacceptableStream());
      }
      const viewer = viewerOf(args.contextValue);
      setSubscribeFn((all) => streams.subscribe(viewer, () => subscribeFn(all)));
    },

    onExecutionResult({ request, result, setResult }) {
      if (isStream(result)) {
        // What comes later is not known yet.
        personal.add(request);
        releaseWithRequest(result, request.signal);
      }
      if (!result || !('errors' in result) || result.errors === undefined) return;
      if (result.data === undefined) {
        setResult({ ...result, errors: result.errors.map(withoutSuggestion) });
      }
      const missing = result.errors.flatMap((error) => refusalOf(error)?.missing ?? []);
      if (missing.length === 0) return;
      personal.add(request);
      const viewer = viewers.get(request) ?? anonymous;
      const answer = answerResult(result, missing, viewer, settings);
      if (answer) setResult(answer);
    },

    onResultProcess({ result, resultProcessor, setResult, setResultProcessor }) {
      if (!resultProcessor && isStream(result)) {
        // Nobody will read it.
        result[Symbol.asyncIterator]().return?.();
        setResult(unacceptableStream());
        setResultProcessor(processRegularResult, 'application/json');
        return;
      }
      // Whoever accepts no media type of GraphQL is told what is wrong all the same, in JSON.
      if (!resultProcessor && 'errors' in result) {
        setResultProcessor(processRegularResult, 'application/json');
      }
    },

    onResponse({ request, response }) {
      if (personal.has(request)) response.headers.set('Cache-Control', 'no-store');
      const nonce = proving.has(request) ? authenticator.dpopNonce?.() : undefined;
      if (nonce !== undefined) response.headers.set('DPoP-Nonce', nonce);
    },

    onDispose() {
      streams.stop();
    },
  };
}
