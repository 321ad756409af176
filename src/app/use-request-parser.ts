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
  if (!query) throw badRequest('The query string needs a query: ?query={public{message}}.');
  const operationName = parameters.get('operationName');
  return {
    query,
    ...(operationName ? { operationName } : {}),
    ...objectParameter('variables', parameters),
    ...objectParameter('extensions', parameters),
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
  const text = await readBody(request, maxBytes);
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw badRequest('The body is not well-formed JSON.');
  }
  if (!isObject(body)) throw badRequest(`The body must be one JSON object: ${example}.`);
  if (typeof body['query'] !== 'string') {
    throw badRequest(`The body needs a query, as a text: ${example}.`);
  }
  return body;
}

const example = '{"query":"{ public { message } }"}';

function hasJsonType(request: Request): boolean {
  const [type = ''] = (request.headers.get('content-type') ?? '').split(';');
  return type.trim().toLowerCase() === 'application/json';
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
