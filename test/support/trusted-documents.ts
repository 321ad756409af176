import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'graphql';
import { documentIdOf } from '../../src/trusted-documents/document-id.ts';
import { manifestFormat } from '../../src/trusted-documents/manifest.ts';

/** A manifest of documents, in a file. */
export interface ManifestFile {
  readonly file: string;
  /** Removes the file. */
  remove(): void;
}

/** Writes a manifest of documents, each with one named operation. */
export function writeManifest(...texts: readonly string[]): ManifestFile {
  const documents = texts.map((document) => {
    const [operation] = parse(document).definitions;
    const name = operation && 'name' in operation ? operation.name?.value : undefined;
    const type = operation && 'operation' in operation ? operation.operation : undefined;
    return [documentIdOf(document), { name, type, document }] as const;
  });
  return writeManifestContent(
    JSON.stringify({ format: manifestFormat, documents: Object.fromEntries(documents) }),
  );
}

/** Writes what should be a manifest. */
export function writeManifestContent(content: string): ManifestFile {
  const folder = mkdtempSync(join(tmpdir(), 'documents-'));
  const file = join(folder, 'trusted-documents.json');
  writeFileSync(file, content);
  return { file, remove: () => rmSync(folder, { recursive: true }) };
}
