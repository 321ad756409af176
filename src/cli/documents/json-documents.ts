import { isJsonObject } from '../../shared/type-guards.ts';
import { documentIdOf } from '../../trusted-documents/document-id.ts';
import { manifestFormat, readManifest } from '../../trusted-documents/manifest.ts';
import { CommandError } from '../command.ts';
import type { SourceFile } from './find-files.ts';
import type { FoundDocument } from './graphql-documents.ts';

/**
 * Reads the documents of a manifest that a front end's build has written: an object of texts by their
 * hashes (GraphQL Code Generator, Relay), a persisted query manifest of Apollo, or a manifest of this
 * command. The text of each stays as it is, because its hash is what the front end sends.
 *
 * @throws {CommandError} If the file is none of them, or a hash is not the SHA-256 of its document.
 */
export function documentsOfManifest({ path, text }: SourceFile): readonly FoundDocument[] {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new CommandError(`${path} is not valid JSON.`, { cause });
  }
  return readTexts(path, content).map(([hash, document]) => {
    const id = documentIdOf(document);
    if (hash !== id && `sha256:${hash}` !== id) {
      throw new CommandError(
        `${path} has a document whose hash ${hash.slice(0, 80)} is not its SHA-256, ${id.slice(7)}. Set hashAlgorithm: 'sha256' of GraphQL Code Generator, or algorithm: 'SHA256' of Relay.`,
      );
    }
    return { path, text: document };
  });
}

function readTexts(path: string, content: unknown): readonly (readonly [string, string])[] {
  const unknown = new CommandError(
    `${path} is not a manifest of GraphQL Code Generator, Relay, Apollo or this command.`,
  );
  if (!isJsonObject(content)) throw unknown;
  if (content['format'] === manifestFormat) {
    const manifest = readManifest(content);
    if (manifest.kind === 'entries')
      return manifest.entries.map(({ id, document }) => [id, document]);
    throw new CommandError(`${path} ${manifest.problems[0]}.`);
  }
  const { format, operations } = content;
  if (format === 'apollo-persisted-query-manifest' && Array.isArray(operations)) {
    return operations.map((operation: unknown) => {
      if (!isJsonObject(operation)) throw unknown;
      const { id, body } = operation;
      if (typeof id !== 'string' || typeof body !== 'string') throw unknown;
      return [id, body];
    });
  }
  return Object.entries(content).map(([hash, document]) => {
    if (typeof document !== 'string') throw unknown;
    return [hash, document];
  });
}
