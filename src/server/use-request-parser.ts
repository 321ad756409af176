import { GraphQLError } from 'graphql';
import type { GraphQLParams, Plugin } from 'graphql-yoga';
import { badRequest } from './bad-request.ts';
import { readBody } from './read-body.ts';

/**
 * Reads GraphQL requests from JSON bodies and query strings, and from nothing else: forms and
 * other bodies that a browser sends across origins without asking first are refused, so no
 * foreign page can run an operation. Instead of Yoga's own parsers and its body limit.
 */
export function useRequestParser(maxBodyBytes: number): Plugin {
  return {
    onRequestParse({ request, setRequestParser }) {
      if (request.method === 'GET') setRequestParser(parseGet);
      if (request.method === 'POST') setRequestParser((post) => parsePost(post, maxBodyBytes));
    },
  };
}

function parseGet(request: Request): GraphQLParams {
  if (request.headers.has('content-type') && !hasJsonType(request)) {
    throw badRequest('A GET request has no body: leave out Content-Type.', 415);
  }
  const start = request.url.indexOf('?');
  const parameters = new URLSearchParams(start === -1 ? '' : request.url.slice(start + 1));
  for (const name of ['query', 'operationName', 'variables', 'extensions']) {
    if (parameters.getAll(name).length > 1) {
      throw badRequest(`The query string holds ${name} more than once: send it once.`);
    }
  }
  const query = parameters.get('query');
  const extensions = objectParameter('extensions', parameters);
  if (!query) {
    refuseHashAlone(extensions.extensions);
    throw badRequest('The query string needs a query: ?query={public{message}}.');
  }
  const operationName = parameters.get('operationName');
  return {
    query,
    ...(operationName ? { operationName } : {}),
    ...objectParameter('variables', parameters),
    ...extensions,
  };
}

function objectParameter(
  name: 'variables' | 'extensions',
  parameters: URLSearchParams,
): Partial<Record<typeof name, Record<string, unknown>>> {
  const text = parameters.get(name);
  if (!text) return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw badRequest(`${name} in the query string must be JSON.`);
  }
  if (value === null) return {};
  if (!isObject(value)) throw badRequest(`${name} in the query string must be a JSON object.`);
  return { [name]: value };
}

async function parsePost(request: Request, maxBytes: number): Promise<GraphQLParams> {
  if (!hasJsonType(request)) {
    throw badRequest('The body must be JSON, sent as Content-Type: application/json.', 415);
  }
  const coding = request.headers.get('content-encoding')?.trim().toLowerCase();
  if (coding && coding !== 'identity') {
    // RFC 9110 §12.5.3: what would be accepted.
    throw badRequest('The body must not be compressed: leave out Content-Encoding.', 415, {
      'Accept-Encoding': 'identity',
    });
  }
  const text = await readBody(request, maxBytes);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw badRequest('The body is not well-formed JSON.');
  }
  if (!isObject(body)) throw badRequest(`The body must be one JSON object: ${example}.`);
  if (typeof body['query'] !== 'string') {
    if (body['query'] === undefined || body['query'] === null) refuseHashAlone(body['extensions']);
    throw badRequest(`The body needs a query, as a text: ${example}.`);
  }
  return body;
}

/**
 * Automatic persisted queries: a client sends the hash of a query first, and the query itself once
 * it is told that the server does not know it, or that it keeps none. By this message and code,
 * Apollo's clients and those that follow them stop sending hashes.
 *
 * As for other errors of GraphQL documents, the status is 200 for `application/json`: several
 * clients read no errors from anything else.
 */
function refuseHashAlone(extensions: unknown): void {
  if (!isObject(extensions) || !isObject(extensions['persistedQuery'])) return;
  throw new GraphQLError('PersistedQueryNotSupported', {
    extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED', http: { spec: true, status: 400 } },
  });
}

const example = '{"query":"{ public { message } }"}';

function hasJsonType(request: Request): boolean {
  const [type = '', ...parameters] = (request.headers.get('content-type') ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim());
  const charset = parameters.find((part) => part.startsWith('charset='));
  return (
    type === 'application/json' && (charset === undefined || /^charset="?utf-?8"?$/.test(charset))
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
