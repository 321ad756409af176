/**
 * The entry of this room. Given Node's request and response, it serves the plain case of GraphQL over
 * HTTP by the steps of the gate, without a server framework, and hands everything else over to Yoga
 * with what was already done. Its responses are Yoga's, byte for byte.
 */

import type { IncomingMessage, ServerResponse } from 'node:http';
import { normalizedExecutor } from '@graphql-tools/executor';
import { type GraphQLError, type GraphQLSchema, getOperationAST } from 'graphql';
import type { AuthScheme } from '../../authentication/auth-error-reasons.ts';
import { schemeOf } from '../../authentication/scheme-of.ts';
import type { Viewer } from '../../authentication/viewer.ts';
import { asRefusalError } from '../../authorization/rules/refusal.ts';
import { formatErrors } from '../../gate/format-result.ts';
import type { Gate } from '../../gate/gate.ts';
import { fromNodeRequest } from '../../gate/node-request.ts';
import type { OperationOutcome, OperationRunner } from '../../gate/operation-runner.ts';
import type { RefusalResponse } from '../../gate/refusal-response.ts';
import { LimitError } from '../../shared/limit-error.ts';
import type { TrustedDocuments } from '../../trusted-documents/trusted-documents.ts';
import { createContextFactory, type DirectEnvironment, extendContext } from './direct-context.ts';
import type { HandedOverRequests, RequestProgress } from './handed-over.ts';
import {
  isPlain,
  parseParams,
  type ResponseType,
  readBody,
  responseTypeFor,
  restoreBody,
} from './plain-request.ts';
import type { PreparedOperations } from './prepared-operations.ts';

/** Options for `createDirectListener`. */
export interface DirectListenerOptions extends DirectEnvironment {
  readonly path: string;
  readonly schema: GraphQLSchema;
  readonly gate: Gate;
  readonly runner: OperationRunner;
  readonly operations: PreparedOperations;
  /** The documents that requests can name. Default: none. */
  readonly documents?: TrustedDocuments | undefined;
  /** Whether requests can have an `onError`. */
  readonly onError: 'propagate' | 'request';
  readonly maxBodyBytes: number;
  /** Adds to the context of each operation. What is already there stays. */
  readonly createContext?:
    | ((viewer: Viewer, request: Request) => object | Promise<object>)
    | undefined;
  /** The nonce for clients with the scheme DPoP. */
  readonly dpopNonce?: (() => string | undefined) | undefined;
  readonly handedOver: HandedOverRequests;
}

/**
 * Serves a request, or hands it over, also after it has returned true.
 *
 * @param headers The headers that every response has: names and values alternate.
 * @param handOver Has Yoga serve the request.
 * @returns Whether the request is one to serve. If not, nothing has been done.
 */
export type DirectListener = (
  request: IncomingMessage,
  response: ServerResponse,
  headers: readonly string[],
  handOver: () => void,
) => boolean;

/** One request and its response. */
interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly headers: readonly string[];
  readonly type: ResponseType;
}

/** Whether a request has its response, or why not. */
type Served = 'served' | 'abandoned' | 'not plain';

/** Creates the listener that serves most requests. */
export function createDirectListener(options: DirectListenerOptions): DirectListener {
  const { path, schema, gate, runner, operations, createContext, dpopNonce } = options;

  const createDirectContext = createContextFactory(options);

  /** Serves a request as far as it is the plain case, and notes in `progress` what was done. */
  async function serve(received: Exchange, progress: RequestProgress): Promise<Served> {
    const { request, response } = received;
    const reading = readBody(request);
    progress.authentication = gate.authenticate(fromNodeRequest(request));
    const authenticated = await progress.authentication;
    if (authenticated.kind === 'refused') {
      return respondRefused(received, authenticated, authenticated.scheme);
    }
    const exchange = authenticated.headers
      ? withHeaders(received, authenticated.headers)
      : received;

    const body = await reading;
    if (body === undefined) return 'abandoned';
    progress.body = body;
    const parsed = parseParams(body, options.documents);
    if (parsed === undefined) return 'not plain';
    const { onError, ...params } = parsed;
    if (onError !== undefined && options.onError === 'propagate') return 'not plain';
    const document = operations.get(params.query);
    if (!document || !getOperationAST(document, params.operationName)) return 'not plain';

    const { viewer } = authenticated;
    const context = createDirectContext({ request, response, body, params, viewer });
    if (createContext !== undefined) {
      // Rejected by what it throws, so that it is not called again.
      progress.added = new Promise((resolve) => resolve(createContext(viewer, context.request)));
      extendContext(context, await progress.added);
    }
    progress.outcome = runner.execute(
      {
        schema,
        document,
        contextValue: context,
        variableValues: params.variables,
        operationName: params.operationName,
      },
      normalizedExecutor,
      true,
      onError,
    );
    return respondOutcome(exchange, await progress.outcome, viewer);
  }

  function respondOutcome(exchange: Exchange, outcome: OperationOutcome, viewer: Viewer): Served {
    const scheme = schemeOf(viewer);
    if (outcome.kind === 'stream') return 'not plain';
    const { data, errors } = outcome.kind === 'refused' ? outcome : outcome.result;
    // Yoga masks other errors, which can arise beside refusals.
    if (!(errors ?? []).every(isRefusal)) return 'not plain';
    if (outcome.kind === 'refused') return respondRefused(exchange, outcome, scheme);
    if (data === undefined) return 'not plain';
    const shown = errors ? { errors: formatErrors(errors, data !== null), data } : { data };
    const isPersonal = errors !== undefined || viewer.kind === 'authenticated';
    return respond(exchange, 200, isPersonal, scheme, noHeaders, shown);
  }

  function respondRefused(
    exchange: Exchange,
    { status, headers, errors, data }: RefusalResponse,
    scheme: AuthScheme | undefined,
  ): Served {
    const shown = { errors: formatErrors(errors, false), ...(data === null ? { data } : {}) };
    return respond(exchange, status, true, scheme, Object.entries(headers).flat(), shown);
  }

  /** @param isPersonal Whether the response depends on the viewer, or refuses something. */
  function respond(
    { response, headers, type }: Exchange,
    status: number,
    isPersonal: boolean,
    scheme: AuthScheme | undefined,
    ownHeaders: readonly string[],
    body: object,
  ): Served {
    if (response.destroyed) return 'abandoned';
    // A resolver used `context.res`.
    if (response.headersSent || response.getHeaderNames().length > 0) return 'not plain';
    const text = JSON.stringify(body);
    const nonce = scheme === 'DPoP' ? dpopNonce?.() : undefined;
    const head = [
      ...headers,
      ...(isPersonal ? personal : shareable),
      'Content-Type',
      `${type}; charset=utf-8`,
      ...ownHeaders,
      'content-length',
      String(Buffer.byteLength(text)),
    ];
    if (nonce !== undefined) head.push('dpop-nonce', nonce);
    response.writeHead(status, head);
    response.end(text);
    return 'served';
  }

  return (request, response, headers, handOver) => {
    const type = isPlain(request, path, options.maxBodyBytes)
      ? responseTypeFor(request)
      : undefined;
    if (type === undefined) return false;
    const progress: RequestProgress = {};
    const handOverProgress = (): void => {
      if (response.headersSent) {
        // By a resolver, or what failed is the response itself.
        if (!response.writableEnded) response.destroy();
        return;
      }
      const byResolvers = Object.entries(response.getHeaders());
      options.handedOver.add(request, progress);
      if (progress.body !== undefined) restoreBody(request, progress.body);
      handOver();
      for (const [name, value] of byResolvers) if (value) response.setHeader(name, value);
    };
    serve({ request, response, headers, type }, progress).then(
      (served) => {
        if (served === 'not plain') handOverProgress();
      },
      // What failed fails again in Yoga, which masks and reports it.
      handOverProgress,
    );
    return true;
  };
}

function withHeaders(exchange: Exchange, own: Readonly<Record<string, string>>): Exchange {
  return { ...exchange, headers: [...exchange.headers, ...Object.entries(own).flat()] };
}

const isRefusal = (error: GraphQLError): boolean =>
  error instanceof LimitError || asRefusalError(error) !== undefined;

const noHeaders: readonly string[] = [];
/** Spelled as in Yoga's responses. */
const personal = ['cache-control', 'no-store'];
const shareable = ['Cache-Control', 'no-cache'];
