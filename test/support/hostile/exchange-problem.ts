import type { HostileBytes, HttpExchange } from './http-exchange.ts';

/** What no anonymous client can read: text of fields that require a token. */
const secrets = /Hello from a private field/;

/** 501 is how a transfer coding other than chunked is refused (RFC 9112 §6.1). */
const isServerError = (status: number): boolean => status >= 500 && status !== 501;

/** What a server did wrong, or undefined. */
export function findExchangeProblem(
  { kind, writes }: HostileBytes,
  { answers, problem }: HttpExchange,
): string | undefined {
  const found = problem ?? findAnswerProblem(kind, answers);
  if (found === undefined) return undefined;
  const sent = Buffer.concat(writes.map((bytes) => Buffer.from(bytes)));
  return `${found}, for ${JSON.stringify(sent.toString('latin1', 0, 600))}`;
}

function findAnswerProblem(
  kind: HostileBytes['kind'],
  answers: HttpExchange['answers'],
): string | undefined {
  const final = answers.filter(({ status }) => status >= 200);
  if (kind === 'request' && final.length !== 1) return `${final.length} responses to one request`;
  for (const { status, headers, body } of answers) {
    if (isServerError(status)) return `status ${status}: ${body.slice(0, 200)}`;
    if (secrets.test(body)) return 'data that requires a token';
    if (headers.get('content-type')?.includes('json') === true && !isJson(body)) {
      return `not JSON: ${body.slice(0, 200)}`;
    }
  }
  return undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
