import { readFileSync } from 'node:fs';
import { parseEnvironment } from '../../shared/environment-file.ts';
import { ConfigurationError } from './configuration-error.ts';
import { escapeInvisible } from './quote-value.ts';
import type { Environment } from './setting-reader.ts';

/**
 * Merges the variables of a process with those of a file of `NAME=value` lines; the process wins. An
 * empty variable counts as not set. A file that does not exist is not a problem.
 *
 * @throws {ConfigurationError} If the file cannot be read or has lines that are not variables. The
 * error repeats nothing from the file.
 */
export function readEnvironment(source: {
  readonly environment: Environment;
  readonly file: string;
}): Readonly<Record<string, string>> {
  const merged = new Map<string, string>();
  for (const variables of [readFile(source.file), source.environment]) {
    for (const [name, value] of Object.entries(variables)) {
      if (value) merged.set(name, value);
    }
  }
  return Object.fromEntries(merged);
}

function readFile(file: string): Environment {
  const { variables, problems } = parseEnvironment(readText(file));
  if (problems.length > 0) throw fileError(file, problems);
  return variables;
}

function readText(file: string): string {
  const bytes = readBytes(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw fileError(file, ['is not UTF-8 text: save it in that encoding'], cause);
  }
}

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (code === 'ENOENT') return new Uint8Array();
    const problem =
      fileProblems[code] ?? `cannot be read${code && ` (${code})`}: fix it or remove it`;
    throw fileError(file, [problem], cause);
  }
}

/** What to say for the errors of the file system. */
const fileProblems: Readonly<Record<string, string>> = {
  EISDIR: 'is a directory: replace it with a file of NAME=value lines, or remove it',
  EACCES: 'is not readable by this user: change its permissions, or remove it',
  EPERM: 'is not readable by this user: change its permissions, or remove it',
};

function fileError(file: string, problems: readonly string[], cause?: unknown): ConfigurationError {
  return new ConfigurationError(
    problems.map((problem) => ({
      variable: file,
      message: `${escapeInvisible(file)} ${problem}`,
    })),
    { cause },
  );
}
