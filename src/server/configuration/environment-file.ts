import { readFileSync } from 'node:fs';
import { ConfigurationError } from './configuration-error.ts';
import { escapeInvisible } from './quote-value.ts';
import { accept, type Parsed, reject } from './setting-parsers.ts';
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
  const text = readText(file);
  const variables = new Map<string, string>();
  const problems: string[] = [];
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const parsed = parseEnvLine(line);
    if (parsed.kind === 'value') variables.set(parsed.value.name, parsed.value.value);
    else for (const problem of parsed.problems) problems.push(`line ${index + 1} ${problem}`);
  }
  if (problems.length > 0) throw fileError(file, problems);
  return Object.fromEntries(variables);
}

/**
 * Parses one `NAME=value` line of an environment file. `export` before it and a comment after it are
 * allowed, quotes of any kind contain literal text, and a value ends on its line.
 *
 * Not `parseEnv` of `node:util`: before Node 20.20 it reads comments as values and values as
 * variables, and every version silently drops or cuts what it cannot read.
 */
export function parseEnvLine(
  line: string,
): Parsed<{ readonly name: string; readonly value: string }> {
  const [, name, text] = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*)$/s.exec(line) ?? [];
  if (name === undefined || text === undefined) {
    return reject('is not NAME=value: fix it, or comment it out with #');
  }
  if (/^["'`]/.test(text)) {
    const quoted = /^(["'`])(.*?)\1\s*(?:#.*)?$/s.exec(text)?.[2];
    return quoted === undefined || quoted.includes(text.charAt(0))
      ? reject('has a quote that does not end the value: close it on this line')
      : accept({ name, value: quoted });
  }
  const value = text.replace(/(?:^|\s)#.*$/s, '').trim();
  return value.includes('#')
    ? reject('has a # in its value, which would start a comment: put the value in quotes')
    : accept({ name, value });
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
