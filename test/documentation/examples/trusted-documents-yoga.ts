import { readFileSync } from 'node:fs';
import { usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations';

/** The Yoga plugin that runs the documents of a manifest, and nothing else. */
export function useManifest(file: string) {
  const { documents } = JSON.parse(readFileSync(file, 'utf8'));
  return usePersistedOperations({
    getPersistedOperation: (hash) => documents[`sha256:${hash}`]?.document ?? null,
  });
}
