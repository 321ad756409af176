import { statSync } from 'node:fs';
import {
  type ManifestEntry,
  maxManifestBytes,
  readManifest,
} from '../../trusted-documents/manifest.ts';
import type { TrustedDocumentsMode } from '../../trusted-documents/trusted-documents.ts';
import { escapeInvisible, quoteValue } from './quote-value.ts';
import { readJsonFile } from './read-file.ts';
import type { SettingReader } from './setting-reader.ts';

/** Trusted documents that are read, and not yet compared with the schema. */
export interface TrustedDocumentsConfiguration {
  /** The path of the manifest, for messages. */
  readonly file: string;
  readonly entries: readonly ManifestEntry[];
  readonly mode: TrustedDocumentsMode;
  /** Seconds for which caches may reuse public responses. */
  readonly maxAge: number;
}

/** Reads the manifest that `TRUSTED_DOCUMENTS` names; undefined: there are no trusted documents. */
export function readTrustedDocuments(
  reader: SettingReader,
  { isProduction }: { readonly isProduction: boolean },
): TrustedDocumentsConfiguration | undefined {
  const file = reader.read('TRUSTED_DOCUMENTS');
  const mode = reader.read('TRUSTED_DOCUMENTS_MODE') ?? (isProduction ? 'only' : 'also');
  const maxAge = reader.read('TRUSTED_DOCUMENTS_MAX_AGE');
  if (!reader.isSet('TRUSTED_DOCUMENTS')) {
    for (const name of ['TRUSTED_DOCUMENTS_MODE', 'TRUSTED_DOCUMENTS_MAX_AGE'] as const) {
      if (reader.isSet(name)) reader.addProblem(name, 'requires TRUSTED_DOCUMENTS');
    }
    return undefined;
  }
  if (file === undefined) return undefined;
  return { file, entries: readEntries(file, reader), mode, maxAge };
}

/** Maximum number of problems that are listed. */
const maxProblems = 10;

function readEntries(path: string, reader: SettingReader): readonly ManifestEntry[] {
  const addProblem = (problem: string): void =>
    reader.addProblem('TRUSTED_DOCUMENTS', `${quoteValue(path)} ${escapeInvisible(problem)}`);
  // Before it is read into memory.
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > maxManifestBytes) {
    addProblem(`has ${size} bytes: a manifest can have ${maxManifestBytes}`);
    return [];
  }
  const content = readJsonFile(path, 'a manifest of trusted documents');
  if (content.kind === 'missing') {
    addProblem('does not exist: build it with npm run documents');
    return [];
  }
  if (content.kind === 'problem') {
    addProblem(content.problem);
    return [];
  }
  const manifest = readManifest(content.value);
  if (manifest.kind === 'entries') return manifest.entries;
  for (const problem of manifest.problems.slice(0, maxProblems)) addProblem(problem);
  return [];
}
