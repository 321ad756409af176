// Writes dist/sbom.cdx.json: what a production install contains (CycloneDX).
import { mkdir, writeFile } from 'node:fs/promises';
import { createSbom } from './dependencies/sbom.ts';

const root = new URL('../', import.meta.url);
await mkdir(new URL('dist/', root), { recursive: true });
await writeFile(new URL('dist/sbom.cdx.json', root), await createSbom(root));
