import { describeDatabaseError } from '../database/database-error.ts';

/** The description of a thrown value in the log. */
export interface ErrorDescription {
  /** The name of the error, or the type of a value that is not an error. */
  readonly type: string;
  readonly message: string;
  readonly code?: string | number;
  /** Of an error of a database, which has no message of its own. */
  readonly severity?: string;
  readonly table?: string;
  readonly column?: string;
  readonly constraint?: string;
  /** The stack frames, without the message. */
  readonly stack?: string;
  readonly cause?: ErrorDescription;
  /** The first errors of an AggregateError. */
  readonly errors?: readonly ErrorDescription[];
}

/** Maximum characters of a message, of a stack, and of a name or code. */
const maxLength = { message: 2_000, stack: 4_000, name: 100 } as const;
/** Maximum number of errors in total, including causes and parts. */
const maxErrors = 10;

/**
 * Describes a thrown value for the log: its name, message, code, stack, cause and the errors of an
 * AggregateError, and nothing else. Errors of HTTP clients contain the request with its headers, and
 * those of databases contain rows; in the place of their messages is a fixed sentence, and the names of
 * table, column and constraint. Messages can contain credentials too: what looks like one is redacted, and a
 * message that is a serialized value is left out. The size is limited.
 */
export function describeError(thrown: unknown): ErrorDescription {
  let remaining = maxErrors;
  const describe = (value: unknown): ErrorDescription | undefined => {
    if (remaining === 0) return undefined;
    remaining -= 1;
    if (typeof value !== 'object' || value === null) return describePrimitive(value);
    const code = readProperty(value, 'code');
    const cause = readProperty(value, 'cause') ?? readProperty(value, 'originalError');
    const parts = readProperty(value, 'errors');
    const stack = stackFrames(readProperty(value, 'stack'));
    const description = {
      type: shorten(nameOf(value), maxLength.name),
      ...messageIn(value),
      ...(typeof code === 'string' ? { code: redact(code, maxLength.name) } : {}),
      ...(typeof code === 'number' ? { code } : {}),
      ...(stack ? { stack } : {}),
    };
    const described = cause === undefined || cause === null ? undefined : describe(cause);
    const errors = Array.isArray(parts)
      ? parts.slice(0, remaining).flatMap((part) => describe(part) ?? [])
      : [];
    return {
      ...description,
      ...(described ? { cause: described } : {}),
      ...(errors.length > 0 ? { errors } : {}),
    };
  };
  return describe(thrown) ?? { type: 'unknown', message: '' };
}

/** Shortens a text for the log, and redacts what looks like a credential. */
export function redact(text: string, limit: number = maxLength.message): string {
  // Shortened first, to limit the search; the patterns match a credential that is cut in two.
  return credentials.reduce(
    (result, [pattern, replacement]) => result.replace(pattern, replacement),
    shorten(text, limit),
  );
}

/** Each takes time linear in the text. */
const credentials: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // The whole line or quoted text: other schemes and cookies have several parts.
  [
    /\b((?:proxy-)?authorization|(?:set-)?cookie)(\\?["']?\s{0,5}[:=]\s{0,5})(\\?["'])[^"'\r\n]*/gi,
    '$1$2$3[redacted]',
  ],
  [
    /\b((?:proxy-)?authorization|(?:set-)?cookie)(\\?["']?\s{0,5}[:=]\s{0,5})(?![\s"'\\])[^\r\n]+/gi,
    '$1$2[redacted]',
  ],
  [/\b(Bearer|DPoP|Basic|Negotiate|Digest)([\s:=]{1,10})[\w\-.~+/=]+/gi, '$1$2[redacted]'],
  // Three or five parts as long as those of a JWT; its header can start with white space.
  [
    /(?<![\w-])[\w-]{16,}\.(?:[\w-]*\.){0,2}[\w-]{16,}(?:\.[\w-]{16,}|(?:\.[\w-]*)?…$)/g,
    '[redacted]',
  ],
  // Any number of parts, if the header starts with {" as most do.
  [/(?:\beyJ[\w-]+|eyJ[\w-]{12,})(?:\.[\w-]*){0,4}/g, '[redacted]'],
  [/(:\/\/)[^\s/@]+@/g, '$1[redacted]@'],
  [
    /\b((?:access_|refresh_|id_)?token|client_secret|client_assertion|password|api_?key|secret)("?\s{0,5}[:=]\s{0,5}"?)(?!\[redacted\]|(?:Bearer|DPoP|Basic|Negotiate|Digest)\b)[^\s"&,;]+/gi,
    '$1$2[redacted]',
  ],
];

function describePrimitive(value: unknown): ErrorDescription {
  if (typeof value === 'string') return { type: 'string', message: redact(value) };
  if (typeof value === 'function') return { type: 'function', message: 'A function was thrown.' };
  return {
    type: value === null ? 'null' : typeof value,
    message: shorten(String(value), maxLength.name),
  };
}

/** The message, and what an error of a database has in its place. */
function messageIn(value: object): Pick<ErrorDescription, 'message'> {
  try {
    // GraphQL.js repeats the message of what was thrown.
    const sent =
      describeDatabaseError(value) ?? describeDatabaseError(readProperty(value, 'originalError'));
    if (sent !== undefined) return sent;
  } catch {
    // A getter can throw.
  }
  return { message: messageOf(value) };
}

function messageOf(value: object): string {
  const message = readProperty(value, 'message');
  if (typeof message !== 'string') return 'A value that is not an error was thrown.';
  return /^\s*[[{]|^Unexpected error value: [[{]/.test(message) || isCoercedValue(value)
    ? 'A value that is not an error was thrown.'
    : redact(message);
}

/**
 * Whether the executor created the error from another thrown value. Its message is then the value as
 * text: all items of a list, or whatever its own `toString` returns. A thrown string becomes such an
 * error too.
 */
function isCoercedValue(value: object): boolean {
  const stack = readProperty(value, 'stack');
  if (typeof stack !== 'string') return false;
  const frames = shorten(stack, 2 * maxLength.stack).split('\n');
  return /^ {4}at (?:\w+\.)?coerceError /.test(frames.find((line) => /^ {4}at /.test(line)) ?? '');
}

function nameOf(value: object): string {
  const name = readProperty(value, 'name');
  if (typeof name === 'string' && /^[\w.$-]+$/.test(name)) return name;
  return value instanceof Error ? 'Error' : 'object';
}

/** The lines of a stack that are frames; the others repeat the message. */
function stackFrames(stack: unknown): string | undefined {
  if (typeof stack !== 'string') return undefined;
  const frames = shorten(stack, 2 * maxLength.stack)
    .split('\n')
    .filter((line) => /^ {4}at /.test(line));
  return frames.length > 0 ? redact(frames.join('\n'), maxLength.stack) : undefined;
}

/** Reads a property of a thrown value. A getter can throw as well. */
export function readProperty(value: object, name: string): unknown {
  try {
    return Reflect.get(value, name);
  } catch {
    return undefined;
  }
}

function shorten(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}
