import type { ProductionPackage } from './sbom.ts';

/**
 * Licenses that a package of a production install may have: each allows use in a closed product, and
 * requires at most that its text is kept.
 */
const allowed: ReadonlySet<string> = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'ISC',
  'MIT',
]);

/** The packages without a license, or with one that is not allowed. Expressions such as `A OR B` are not. */
export const findForbidden = (
  packages: readonly ProductionPackage[],
): readonly ProductionPackage[] =>
  packages.filter(
    ({ licenses }) => licenses.length === 0 || licenses.some((license) => !allowed.has(license)),
  );
