import type { IncomingMessage, ServerResponse } from 'node:http';
import { GraphQLError, type GraphQLSchema } from 'graphql';
import type { Viewer } from '../../../authentication/viewer.ts';
import { createSchemaFilter } from '../../../authorization/visibility/filter-schema.ts';
import { commonHeaders } from '../../../gate/common-headers.ts';
import { formatErrors } from '../../../gate/format-result.ts';
import type { Gate } from '../../../gate/gate.ts';
import { fromNodeRequest } from '../../../gate/node-request.ts';
import type { OperationLimits } from '../../../limits/operation-limits.ts';
import { isJsonObject, isObject } from '../../../shared/type-guards.ts';
import type { UserWithScopes } from '../../test-users.ts';
import { badRequest, bodyTooLarge, disconnected, parsePost } from '../../use-request-parser.ts';
import type { GraphiqlListener } from '../listener.ts';
import { createRequestExplainer, type ExplainRequest } from './explain-request.ts';
import { createAccessReporter } from './schema-access-report.ts';

/** The path that explains an operation. */
const explainPath = '/graphiql/access';
/** The path that lists the rules of the schema. */
const rulesPath = '/graphiql/rules';

/** Options for `createAccessListener`. */
export interface AccessListenerOptions {
  readonly schema: GraphQLSchema;
  readonly introspection: 'on' | 'viewer' | 'off';
  readonly refuse: 'selection' | 'operation';
  readonly limits: OperationLimits | undefined;
  readonly maxBodyBytes: number;
  /** The test users of the local issuer, if it runs. */
  readonly users: readonly UserWithScopes[];
  /** That of the API: the same credentials, and the same rate limits. */
  readonly gate: Pick<Gate, 'authenticate'>;
  readonly dpopNonce: () => string | undefined;
  readonly reportError: (error: unknown, request: IncomingMessage) => void;
}

/** What GraphiQL requests: the response to a viewer, as JSON. */
interface Endpoint {
  readonly methods: readonly string[];
  readonly respond: (request: IncomingMessage, viewer: Viewer) => Promise<string> | string;
}

/**
 * Serves what GraphiQL shows about access, to the viewer of each request, who is authenticated as by the
 * API. There is no CORS: pages of other origins can send nothing here, and read nothing.
 */
export function createAccessListener(options: AccessListenerOptions): GraphiqlListener {
  const { schema, gate, maxBodyBytes, dpopNonce, reportError } = options;
  let filter: ((viewer: Viewer) => GraphQLSchema) | undefined;
  const visibleTo = (viewer: Viewer): GraphQLSchema => {
    filter ??= createSchemaFilter(schema);
    return filter(viewer);
  };
  const explain = createRequestExplainer({ ...options, visibleTo });
  const report = createAccessReporter({ ...options, visibleTo });
  const endpoints = new Map<string, Endpoint>([
    [
      explainPath,
      {
        methods: ['POST'],
        respond: async (request, viewer) =>
          JSON.stringify(explain(await readExplainRequest(request, maxBodyBytes), viewer)),
      },
    ],
    [rulesPath, { methods: ['GET', 'HEAD'], respond: (_, viewer) => report(viewer) }],
  ]);

  async function serve(
    request: IncomingMessage,
    response: ServerResponse,
    { methods, respond }: Endpoint,
  ): Promise<void> {
    response.setHeader('Cache-Control', 'no-store');
    if (!methods.includes(request.method ?? '')) {
      const error = badRequest(`Use ${methods.join(' or ')}.`, 405, { Allow: methods.join(', ') });
      return sendError(response, error);
    }
    const outcome = await gate.authenticate(fromNodeRequest(request));
    setHeaders(response, commonHeaders(outcome, { dpopNonce }));
    if (outcome.kind === 'refused') {
      setHeaders(response, outcome.headers);
      return sendJson(request, response, outcome.status, errorBody(outcome.errors));
    }
    try {
      sendJson(request, response, 200, await respond(request, outcome.viewer));
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      sendError(response, error);
    }
  }

  function sendError(response: ServerResponse, error: GraphQLError): void {
    const { status, headers } = readHttp(error);
    setHeaders(response, headers);
    sendJson(response.req, response, status, errorBody([error]));
  }

  return (request, response, path) => {
    const endpoint = endpoints.get(path);
    if (endpoint === undefined) return false;
    serve(request, response, endpoint).catch((error: unknown) => {
      // Of a client that has gone, only the body failed.
      if (!(error instanceof DOMException)) reportError(error, request);
      // Not `request.destroyed`, which Node sets once a body has been read.
      if (response.headersSent || response.destroyed) response.destroy();
      else sendJson(request, response, 500, errorBody([new GraphQLError('Unexpected error.')]));
    });
    return true;
  };
}

/** @throws {GraphQLError} If it is not a request that the API would parse. */
async function readExplainRequest(
  request: IncomingMessage,
  maxBodyBytes: number,
): Promise<ExplainRequest> {
  const { headers } = fromNodeRequest(request);
  const params = await parsePost(
    headers,
    () => readBody(request, maxBodyBytes),
    () => false,
  );
  const { query = '', operationName, variables } = params;
  if (operationName != null && typeof operationName !== 'string') {
    throw badRequest('operationName must be a string.');
  }
  if (variables != null && !isJsonObject(variables)) {
    throw badRequest('variables must be a JSON object.');
  }
  return {
    query,
    ...(operationName ? { operationName } : {}),
    ...(variables ? { variables } : {}),
  };
}

async function readBody(request: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      chunks.push(chunk);
      length += chunk.length;
      if (length > maxBytes) break;
    }
  } catch {
    throw disconnected();
  }
  if (length > maxBytes) throw bodyTooLarge(maxBytes);
  return Buffer.concat(chunks).toString();
}

/** The status and headers of an error of the request parser. */
function readHttp({ extensions }: GraphQLError): {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
} {
  const { status, headers } = extensions.http ?? {};
  return { status: status ?? 400, headers: isObject(headers) ? headers : {} };
}

const errorBody = (errors: readonly GraphQLError[]): string =>
  JSON.stringify({ errors: formatErrors(errors, false) });

function setHeaders(response: ServerResponse, headers: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
}

function sendJson(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  text: string,
): void {
  // The rest of the body is not read.
  if (!request.complete) response.setHeader('Connection', 'close');
  response.writeHead(status, {
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
  });
  response.end(request.method === 'HEAD' ? undefined : text);
}
