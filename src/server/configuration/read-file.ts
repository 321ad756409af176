import { readFileSync } from 'node:fs';

/** The bytes of a file, or why there are none. */
export type FileContent =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'missing' }
  /** `problem` is the rest of a sentence that begins with the name of the file. */
  | { readonly kind: 'problem'; readonly problem: string; readonly cause: unknown };

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
