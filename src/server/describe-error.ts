/** What the log says of something that was thrown. */
export interface ErrorDescription {
  /** The name of the class, or the type of a value that is no error. */
  readonly type: string;
  readonly message: string;
  readonly code?: string | number;
  /** The places in the code, without the message. */
  readonly stack?: string;
  readonly cause?: ErrorDescription;
  /** Of an AggregateError, the first ones. */
  readonly errors?: readonly ErrorDescription[];
}

/** Characters of a message, of a stack, and of a name or code. */
const longest = { message: 2_000, stack: 4_000, name: 100 } as const;
/** Errors in all, causes and parts included. */
const maxErrors = 10;

/**
 * Describes whatever was thrown for the log. Nothing of it is taken but its name, message, code,
 * stack, cause and the errors it is made of: errors of HTTP clients carry the request with its
 * headers, and those of databases the rows. Messages may hold a credential as well: what looks like
 * one is left out, and so is all of a message that is a value written out. All of it is bounded.
 */
export function describeError(thrown: unknown): ErrorDescription {
  let left = maxErrors;
  const describe = (value: unknown): ErrorDescription | undefined => {
    if (left === 0) return undefined;
    left -= 1;
    if (typeof value !== 'object' || value === null) return describePrimitive(value);
    const code = readMember(value, 'code');
    const cause = readMember(value, 'cause') ?? readMember(value, 'originalError');
    const parts = readMember(value, 'errors');
    const stack = framesOf(readMember(value, 'stack'));
    const description = {
      type: shorten(nameOf(value), longest.name),
      message: messageOf(value),
      ...(typeof code === 'string' ? { code: clean(code, longest.name) } : {}),
      ...(typeof code === 'number' ? { code } : {}),
      ...(stack ? { stack } : {}),
    };
    const described = cause === undefined || cause === null ? undefined : describe(cause);
    const errors = Array.isArray(parts)
      ? parts.slice(0, left).flatMap((part) => describe(part) ?? [])
      : [];
    return {
      ...description,
      ...(described ? { cause: described } : {}),
      ...(errors.length > 0 ? { errors } : {}),
    };
  };
  return describe(thrown) ?? { type: 'unknown', message: '' };
}

/** Text for the log: bounded, and without what looks like a credential. */
export function clean(text: string, limit: number = longest.message): string {
  // Cut before it is searched, so that the search is bounded as well; a credential may be cut in two.
  return credentials.reduce(
    (result, [pattern, replacement]) => result.replace(pattern, replacement),
    shorten(text, limit),
  );
}

/** Each takes time in proportion to the text. */
const credentials: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // All of the line, or of the quoted text: other schemes and cookies have several parts.
  [
    /\b((?:proxy-)?authorization|(?:set-)?cookie)(\\?["']?\s{0,5}[:=]\s{0,5})(\\?["'])[^"'\r\n]*/gi,
    '$1$2$3[redacted]',
  ],
  [
    /\b((?:proxy-)?authorization|(?:set-)?cookie)(\\?["']?\s{0,5}[:=]\s{0,5})(?![\s"'\\])[^\r\n]+/gi,
    '$1$2[redacted]',
  ],
  [/\b(Bearer|DPoP|Basic|Negotiate|Digest)([\s:=]{1,10})[\w\-.~+/=]+/gi, '$1$2[redacted]'],
  // Three parts or five that are as long as those of tokens: headers may begin with white space.
  [
    /(?<![\w-])[\w-]{16,}\.(?:[\w-]*\.){0,2}[\w-]{16,}(?:\.[\w-]{16,}|(?:\.[\w-]*)?…$)/g,
    '[redacted]',
  ],
  // As many parts as there are, where the header begins with {" as most do.
  [/(?:\beyJ[\w-]+|eyJ[\w-]{12,})(?:\.[\w-]*){0,4}/g, '[redacted]'],
  [/(:\/\/)[^\s/@]+@/g, '$1[redacted]@'],
  [
    /\b((?:access_|refresh_|id_)?token|client_secret|client_assertion|password|api_?key|secret)("?\s{0,5}[:=]\s{0,5}"?)(?!\[redacted\]|(?:Bearer|DPoP|Basic|Negotiate|Digest)\b)[^\s"&,;]+/gi,
    '$1$2[redacted]',
  ],
];

function describePrimitive(value: unknown): ErrorDescription {
  if (typeof value === 'string') return { type: 'string', message: clean(value) };
  if (typeof value === 'function') return { type: 'function', message: 'A function was thrown.' };
  return {
    type: value === null ? 'null' : typeof value,
    message: shorten(String(value), longest.name),
  };
}

function messageOf(value: object): string {
  const message = readMember(value, 'message');
  if (typeof message !== 'string') return 'A value that is no error was thrown.';
  return /^\s*[[{]|^Unexpected error value: [[{]/.test(message) || isMadeOfValue(value)
    ? 'A value that is no error was thrown.'
    : clean(message);
}

/**
 * How the executor makes an error of something thrown that is none: its text is all that a list
 * holds, or whatever its own `toString` says. Text that was thrown becomes the same error.
 */
function isMadeOfValue(value: object): boolean {
  const stack = readMember(value, 'stack');
  if (typeof stack !== 'string') return false;
  const frames = shorten(stack, 2 * longest.stack).split('\n');
  return /^ {4}at (?:\w+\.)?coerceError /.test(frames.find((line) => /^ {4}at /.test(line)) ?? '');
}

function nameOf(value: object): string {
  const name = readMember(value, 'name');
  if (typeof name === 'string' && /^[\w.$-]+$/.test(name)) return name;
  return value instanceof Error ? 'Error' : 'object';
}

/** The lines of a stack that name places; the others repeat the message. */
function framesOf(stack: unknown): string | undefined {
  if (typeof stack !== 'string') return undefined;
  const frames = shorten(stack, 2 * longest.stack)
    .split('\n')
    .filter((line) => /^ {4}at /.test(line));
  return frames.length > 0 ? clean(frames.join('\n'), longest.stack) : undefined;
}

/** Anything may have been thrown, objects included whose members throw when they are read. */
export function readMember(value: object, name: string): unknown {
  try {
    return Reflect.get(value, name);
  } catch {
    return undefined;
  }
}

function shorten(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit)}…` : text;
}
