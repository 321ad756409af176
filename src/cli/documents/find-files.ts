import { readdirSync, readFileSync, type Stats, statSync } from 'node:fs';
import { join, normalize, sep } from 'node:path';
import { maxManifestBytes } from '../../trusted-documents/manifest.ts';
import { CommandError } from '../command.ts';

/** Maximum number of files. */
const maxFiles = 20_000;

/** A file with documents. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/**
 * Reads the files that arguments name: files, folders, of which those that end with .graphql or .gql are
 * read, and patterns with `*`, `**`, `?` and `{a,b}`. Folders that are hidden and `node_modules` are
 * skipped.
 *
 * @throws {CommandError} If an argument names no file, or a file cannot be read or is too large.
 */
export function readSourceFiles(names: readonly string[]): readonly SourceFile[] {
  const paths = new Set(names.flatMap(findFiles));
  if (paths.size > maxFiles) {
    throw new CommandError(`There are ${paths.size} files, and at most ${maxFiles} are read.`);
  }
  return [...paths].sort().map((path) => ({ path, text: readText(path) }));
}

function findFiles(name: string): readonly string[] {
  const stats = statOf(name);
  if (stats?.isDirectory()) {
    const found = listFolder(name).filter((path) => /\.(?:graphql|gql)$/.test(path));
    if (found.length > 0) return found;
    throw new CommandError(`${name} has no file that ends with .graphql or .gql.`);
  }
  if (stats !== undefined) return [normalize(name)];
  if (!/[*?{]/.test(name)) throw new CommandError(`${name} does not exist.`);
  const parts = normalize(name).split(sep);
  const base = parts.slice(
    0,
    parts.findIndex((part) => /[*?{]/.test(part)),
  );
  const folder = base.join(sep) || (name.startsWith('/') ? '/' : '.');
  const pattern = toRegExp(normalize(name).split(sep).join('/'));
  const found = statOf(folder)?.isDirectory()
    ? listFolder(folder).filter((path) => pattern.test(path.split(sep).join('/')))
    : [];
  if (found.length > 0) return found;
  throw new CommandError(`No file matches ${name}.`);
}

const statOf = (path: string): Stats | undefined => statSync(path, { throwIfNoEntry: false });

function listFolder(folder: string): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isFile()) return [path];
    const isSkipped = entry.name === 'node_modules' || entry.name.startsWith('.');
    return entry.isDirectory() && !isSkipped ? listFolder(path) : [];
  });
}

function toRegExp(pattern: string): RegExp {
  const tokens = pattern.split(/(\*\*\/|\*\*|\*|\?|[{},])/);
  let depth = 0;
  const source = tokens.map((token) => {
    if (token === '{') depth += 1;
    const isInside = depth > 0;
    if (token === '}') depth -= 1;
    switch (token) {
      case '**/':
        return '(?:[^/]+/)*';
      case '**':
        return '.*';
      case '*':
        return '[^/]*';
      case '?':
        return '[^/]';
      case '{':
        return '(?:';
      case '}':
        return ')';
      case ',':
        return isInside ? '|' : ',';
      default:
        return token.replaceAll(/[\\^$.|+()[\]]/g, '\\$&');
    }
  });
  if (depth !== 0) throw new CommandError(`${pattern} has a brace that is not closed.`);
  return new RegExp(`^${source.join('')}$`);
}

function readText(path: string): string {
  const size = statOf(path)?.size ?? 0;
  if (size > maxManifestBytes) {
    throw new CommandError(`${path} has ${size} bytes, and at most ${maxManifestBytes} are read.`);
  }
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new CommandError(`${path} cannot be read.`, { cause });
  }
}
