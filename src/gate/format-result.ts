import type {
  ExecutionResult,
  FormattedExecutionResult,
  GraphQLError,
  GraphQLFormattedError,
  Source,
  SourceLocation,
} from 'graphql';
import { asRefusalError } from '../authorization/rules/refusal.ts';

/** Characters of the message of a request error: GraphQL.js repeats names and values in full. */
const maxMessageCharacters = 1_000;
/** Errors of a response without data, and characters of all their messages and paths. */
const maxErrors = 100;
const maxErrorCharacters = 50_000;
/** Locations of one error, and of all errors of a response: fragments repeat the same selections. */
const maxLocations = 100;
const maxAllLocations = 1_000;

/** Where the lines of each text start. */
export type LineStarts = Map<Source, readonly number[]>;

/** The locations of one response. */
interface ResponseLocations {
  readonly lines: LineStarts;
  /** How many more locations there can be; an error has at least one. */
  left: number;
}

/** A result, or a part of one. */
export interface ResultToFormat {
  readonly data?: ExecutionResult['data'] | undefined;
  readonly errors?: readonly GraphQLError[] | undefined;
  readonly extensions?: Readonly<Record<string, unknown>> | undefined;
}

/** Formats a result for clients. */
export function formatResult(result: ResultToFormat): FormattedExecutionResult {
  const { data, errors, extensions, ...rest } = result;
  const shown = extensions && withoutInternals(extensions);
  return {
    ...rest,
    ...(data === undefined ? {} : { data }),
    ...(errors ? { errors: formatErrors(errors, data != null) } : {}),
    ...(shown ? { extensions: shown } : {}),
  };
}

/**
 * Formats errors for clients. Those of a response without data are bounded in number and size, and
 * suggest no names.
 */
export function formatErrors(
  errors: readonly GraphQLError[],
  hasData: boolean,
): readonly GraphQLFormattedError[] {
  const all: ResponseLocations = { lines: new Map(), left: maxAllLocations };
  if (hasData) return errors.map((error) => formatError(error, all));
  const formatted: GraphQLFormattedError[] = [];
  let characters = 0;
  for (const error of errors) {
    const one = formatError(error, all);
    characters += one.message.length + (one.path?.join('   ').length ?? 0);
    if (formatted.length > 0 && (formatted.length > maxErrors || characters > maxErrorCharacters)) {
      const code = formatted[0]?.extensions?.['code'];
      formatted.push({
        message: `${errors.length - formatted.length} more errors were omitted.`,
        ...(code === undefined ? {} : { extensions: { code } }),
      });
      break;
    }
    formatted.push(one);
  }
  return formatted;
}

function formatError(error: GraphQLError, all: ResponseLocations): GraphQLFormattedError {
  const { message, path, extensions } = error.toJSON();
  const locations = locationsOf(error, all);
  const shown = extensions && withoutInternals(extensions);
  return {
    message: path === undefined ? shorten(removeDidYouMean(message)) : message,
    ...(locations.length > 0 ? { locations } : {}),
    ...(path ? { path } : {}),
    ...(shown ? { extensions: shown } : {}),
  };
}

function locationsOf(error: GraphQLError, all: ResponseLocations): readonly SourceLocation[] {
  const most = Math.max(1, Math.min(maxLocations, all.left));
  const refusal = asRefusalError(error);
  const locations =
    refusal === undefined
      ? (error.toJSON().locations ?? []).slice(0, most)
      : refusal.fieldNodes
          .slice(0, most)
          .flatMap(({ loc }) => (loc ? [locate(loc.source, loc.start, all.lines)] : []));
  all.left -= locations.length;
  return locations;
}

/** Yoga reads `http`; `unexpected` marks masked errors. */
function withoutInternals(
  extensions: Readonly<Record<string, unknown>>,
): Record<string, unknown> | undefined {
  const { http: _http, unexpected: _unexpected, ...shown } = extensions;
  return Object.keys(shown).length > 0 ? shown : undefined;
}

/**
 * Removes the suggestion at the end of a message of GraphQL.js: it names parts of the schema that
 * the viewer may not see. Clients choose parts of messages, so only the last one counts.
 */
function removeDidYouMean(message: string): string {
  const start = message.endsWith('?') ? message.lastIndexOf(' Did you mean ') : -1;
  return start === -1 ? message : message.slice(0, start);
}

function shorten(message: string): string {
  return message.length <= maxMessageCharacters
    ? message
    : `${message.slice(0, maxMessageCharacters)}…`;
}

/** Line and column, counted from 1, like `getLocation` of GraphQL.js; finds lines once per text. */
export function locate(source: Source, position: number, lines: LineStarts): SourceLocation {
  const starts = lines.get(source) ?? lineStarts(source.body);
  lines.set(source, starts);
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((starts[middle] ?? 0) <= position) low = middle;
    else high = middle - 1;
  }
  return { line: low + 1, column: position + 1 - (starts[low] ?? 0) };
}

function lineStarts(text: string): readonly number[] {
  const starts = [0];
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x0d && text.charCodeAt(at + 1) === 0x0a) at += 1;
    if (code === 0x0a || code === 0x0d) starts.push(at + 1);
  }
  return starts;
}
