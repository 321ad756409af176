import { readFileSync } from 'node:fs';
import { parseStrictJson } from '../../authentication/token/json.ts';

/** Why a file cannot be read. */
type UnreadableFile =
  | { readonly kind: 'missing' }
  /** `problem` is the rest of a sentence that begins with the name of the file. */
  | { readonly kind: 'problem'; readonly problem: string; readonly cause: unknown };

/** The bytes of a file, or why there are none. */
export type FileContent = { readonly kind: 'bytes'; readonly bytes: Uint8Array } | UnreadableFile;

/** The content of a JSON file, or why there is none. */
type JsonContent = { readonly kind: 'value'; readonly value: unknown } | UnreadableFile;

/**
 * Reads a file of settings.
 *
 * @param content What it must have, such as `a file of NAME=value lines`.
 */
export function readFileContent(path: string, content: string): FileContent {
  try {
    return { kind: 'bytes', bytes: readFileSync(path) };
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (code === 'ENOENT') return { kind: 'missing' };
    const problem =
      code === 'EISDIR'
        ? `is a directory: replace it with ${content}, or remove it`
        : code === 'EACCES' || code === 'EPERM'
          ? 'is not readable by this user: change its permissions, or remove it'
          : `cannot be read${code && ` (${code})`}: fix it or remove it`;
    return { kind: 'problem', problem, cause };
  }
}

/**
 * Reads a file of strict JSON: in UTF-8, without duplicate members. Problems repeat nothing of it.
 *
 * @param content As for `readFileContent`.
 */
export function readJsonFile(path: string, content: string): JsonContent {
  const file = readFileContent(path, content);
  if (file.kind !== 'bytes') return file;
  try {
    return { kind: 'value', value: parseStrictJson(file.bytes) };
  } catch (cause) {
    return { kind: 'problem', problem: describeSyntaxError(cause, file.bytes), cause };
  }
}

/** Why bytes are not strict JSON. Not the message of the parser, which quotes from the file. */
function describeSyntaxError(error: unknown, bytes: Uint8Array): string {
  if (!(error instanceof SyntaxError)) return 'is not UTF-8 text: save it in that encoding';
  if (error.message.includes('duplicate')) {
    return 'has an object with two members of one name: keep one of them';
  }
  const [, position] = /at position (\d+)/.exec(error.message) ?? [];
  if (position === undefined) return 'is not valid JSON: fix it';
  const before = new TextDecoder().decode(bytes).slice(0, Number(position));
  return `is not valid JSON: fix line ${before.split('\n').length}`;
}
