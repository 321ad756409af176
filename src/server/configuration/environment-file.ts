import { parseEnvironment } from '../../shared/environment-file.ts';
import { ConfigurationError } from './configuration-error.ts';
import { escapeInvisible } from './quote-value.ts';
import { readFileContent } from './read-file.ts';
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
  const content = readFileContent(file, 'a file of NAME=value lines');
  if (content.kind === 'bytes') return content.bytes;
  if (content.kind === 'missing') return new Uint8Array();
  throw fileError(file, [content.problem], content.cause);
}

function fileError(file: string, problems: readonly string[], cause?: unknown): ConfigurationError {
  return new ConfigurationError(
    problems.map((problem) => ({
      variable: file,
      message: `${escapeInvisible(file)} ${problem}`,
    })),
    { cause },
  );
}
