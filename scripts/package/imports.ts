import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { ts } from 'ts-morph';

/** What a module imports, directly or through others. */
export interface Imports {
  /** Its own file and those that it imports, as absolute paths. */
  readonly files: ReadonlySet<string>;
  /** The packages and modules of Node, each with a file that imports it. */
  readonly packages: ReadonlyMap<string, string>;
}

/** Follows the imports of a .js or .d.ts file, lazy imports and types included. */
export function followImports(start: string): Imports {
  const files = new Set<string>();
  const packages = new Map<string, string>();
  const visit = (file: string): void => {
    if (files.has(file)) return;
    files.add(file);
    const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'), true, true);
    for (const { fileName } of importedFiles) {
      if (fileName.startsWith('.')) visit(resolveImport(file, fileName));
      else packages.set(packageOf(fileName), packages.get(packageOf(fileName)) ?? file);
    }
  };
  visit(start);
  return { files, packages };
}

/** Declarations import declarations, under the name of the source or of the module. */
function resolveImport(from: string, specifier: string): string {
  const file = resolve(dirname(from), specifier);
  return from.endsWith('.d.ts') ? file.replace(/\.[jt]s$/, '.d.ts') : file;
}

function packageOf(specifier: string): string {
  if (specifier.startsWith('node:')) return specifier;
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}
