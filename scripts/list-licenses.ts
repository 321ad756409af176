// Prints every package of a production install, with its licenses. Fails if one is not allowed.

import { findForbidden } from './dependencies/licenses.ts';
import { createSbom, packagesOf } from './dependencies/sbom.ts';

const packages = packagesOf(await createSbom(new URL('../', import.meta.url)));
for (const { name, version, licenses } of packages) {
  console.log(`${name}@${version}  ${licenses.join(', ') || 'none'}`);
}
for (const { name, licenses } of findForbidden(packages)) {
  console.error(`The license of ${name} is not allowed: ${licenses.join(', ') || 'it has none'}.`);
  process.exitCode = 1;
}
