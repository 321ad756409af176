import { setting } from './setting.ts';
import { filePath, oneOf, wholeNumber } from './setting-parsers.ts';

/** Trusted documents. */
export const documentSettings = {
  TRUSTED_DOCUMENTS: setting<string | undefined>({
    description:
      'Manifest of the documents that clients run by their hash. See docs/trusted-documents.md.',
    default: 'none',
    fallback: undefined,
    example: 'trusted-documents.json',
    usedBy: 'server',
    parse: filePath,
  }),
  TRUSTED_DOCUMENTS_MODE: setting<'only' | 'also' | undefined>({
    description:
      'Whether only trusted documents are run, or also what clients send as text: only or also.',
    default: 'also in development, only in production',
    fallback: undefined,
    example: 'only',
    usedBy: 'server',
    parse: oneOf('only', 'also'),
  }),
  TRUSTED_DOCUMENTS_MAX_AGE: setting<number>({
    description:
      'Seconds for which caches may reuse what anonymous viewers get by GET from a trusted document, from 0 to 86400.',
    default: '0',
    fallback: 0,
    example: '60',
    usedBy: 'server',
    parse: wholeNumber({ from: 0, to: 86_400, of: 'seconds' }),
  }),
} as const;
