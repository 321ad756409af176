// npm run schema: writes schema.d.ts, the types of the API's schema, from its introspection.
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';

// This folder has no node_modules: packages come from the app's.
const require = createRequire(join(process.cwd(), 'package.json'));
const internal = require('@gql.tada/internal');

const url = process.env.VITE_ENDPOINT ?? 'http://localhost:4000/graphql';
const result = await internal.loadFromURL({ url }).load();
const types = internal.outputIntrospectionFile(internal.minifyIntrospection(result.introspection), {
  fileType: '.d.ts',
  shouldPreprocess: true,
});
await writeFile(new URL('schema.d.ts', import.meta.url), types);
