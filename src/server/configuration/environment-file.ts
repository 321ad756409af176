import { readFileSync } from 'node:fs';
import { ConfigurationError } from './configuration-error.ts';
import { parseLine } from './setting-line.ts';
import type { Environment } from './setting-reader.ts';
import { escapeInvisible } from './setting-text.ts';

/** What goes wrong with files, in words that hold the mend. */
const fileFaults: Readonly<Record<string, string>> = {
  EISDIR: 'is a directory: put a file of NAME=value lines there, or remove it',
  EACCES: 'may not be read by this user: change its permissions, or remove it',
  EPERM: 'may not be read by this user: change its permissions, or remove it',
};

/**
 * The variables of a process over those of a file of `NAME=value` lines. A variable that is empty
 * counts as not set. A file that does not exist is no fault.
 *
 * @throws ConfigurationError when the file cannot be read, or has lines that say nothing. It repeats
 * nothing from the file.
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
  const faults: string[] = [];
  for (const [index, line] of text.split(/\r\n|\n|\r/).entries()) {
    if (/^\s*(?:#|$)/.test(line)) continue;
    const parsed = parseLine(line);
    if (parsed.kind === 'value') variables.set(parsed.value.name, parsed.value.value);
    else for (const fault of parsed.faults) faults.push(`line ${index + 1} ${fault}`);
  }
  if (faults.length > 0) throw fileError(file, faults);
  return Object.fromEntries(variables);
}

function readText(file: string): string {
  const bytes = readBytes(file);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (cause) {
    throw fileError(file, ['is not text in UTF-8: save it in that encoding'], cause);
  }
}

function readBytes(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : '';
    if (code === 'ENOENT') return new Uint8Array();
    const fault = fileFaults[code] ?? `cannot be read${code && ` (${code})`}: mend or remove it`;
    throw fileError(file, [fault], cause);
  }
}

function fileError(file: string, faults: readonly string[], cause?: unknown): ConfigurationError {
  return new ConfigurationError(
    faults.map((fault) => ({ variable: file, message: `${escapeInvisible(file)} ${fault}` })),
    { cause },
  );
}
