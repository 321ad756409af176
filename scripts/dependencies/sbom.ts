import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { isObject } from '../../src/shared/type-guards.ts';

/** A package of a production install. */
export interface ProductionPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX identifiers or expressions. Empty if the package has none. */
  readonly licenses: readonly string[];
}

/**
 * Creates the software bill of materials (CycloneDX, JSON) of what `npm ci --omit=dev` installs, by
 * `npm sbom`, and of what the page of GraphiQL contains, by its build. `npm sbom --omit=dev` leaves out
 * what development needs as well, such as graphql, so npm gets a manifest and a lockfile without
 * development.
 *
 * @param root The folder of `package.json`, with a slash at the end.
 * @throws If the page has not been built.
 */
export async function createSbom(root: URL): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sbom-'));
  try {
    const manifest = await readJson(new URL('package.json', root));
    const lockfile = await readJson(new URL('package-lock.json', root));
    // The bill is of the folder's name.
    const project = join(folder, String(manifest['name']));
    await mkdir(project);
    await writeFile(join(project, 'package.json'), JSON.stringify(withoutDevelopment(manifest)));
    const packages = Object.entries(lockfile['packages'] ?? {})
      .filter(([, entry]) => isObject(entry) && entry['dev'] !== true)
      .map(([path, entry]) => [path, path === '' ? withoutDevelopment(entry) : entry]);
    await writeFile(
      join(project, 'package-lock.json'),
      JSON.stringify({ ...lockfile, packages: Object.fromEntries(packages) }),
    );
    const { stdout } = await promisify(execFile)(
      'npm',
      ['sbom', '--package-lock-only', '--sbom-format=cyclonedx', '--sbom-type=application'],
      { cwd: project, maxBuffer: 100_000_000, shell: process.platform === 'win32' },
    );
    return withPackages(stdout, await packagesOfPage(root));
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** What Vite has bundled, as scripts/build-page.js has it listed. */
async function packagesOfPage(root: URL): Promise<readonly ProductionPackage[]> {
  const text = await readFile(new URL('dist/graphiql/licenses.json', root), 'utf8');
  const bundled: readonly Readonly<Record<'name' | 'version' | 'identifier', string>>[] =
    JSON.parse(text);
  return bundled.map(({ name, version, identifier }) => ({
    name,
    version,
    licenses: [identifier],
  }));
}

/** Adds packages to a bill, unless it has them. */
function withPackages(sbom: string, packages: readonly ProductionPackage[]): string {
  const bill: { readonly components: readonly Component[] } = JSON.parse(sbom);
  const known = new Set(bill.components.map(({ name, version }) => `${name}@${version}`));
  const added = packages
    .filter(({ name, version }) => !known.has(`${name}@${version}`))
    .map(({ name, version, licenses }) => ({
      type: 'library',
      'bom-ref': `${name}@${version}`,
      name,
      version,
      purl: `pkg:npm/${name.replace('@', '%40')}@${version}`,
      licenses: licenses.map((id) => ({ license: { id } })),
    }));
  return JSON.stringify({ ...bill, components: [...bill.components, ...added] }, null, 2);
}

/** The packages of a bill, by name. */
export function packagesOf(sbom: string): readonly ProductionPackage[] {
  const { components }: { readonly components: readonly Component[] } = JSON.parse(sbom);
  return components
    .map(({ name, version, licenses = [] }) => ({
      name,
      version,
      licenses: licenses.map(
        (one) => one.expression ?? one.license?.id ?? one.license?.name ?? '?',
      ),
    }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

/** The part of a component that is read. */
interface Component {
  readonly name: string;
  readonly version: string;
  readonly licenses?: readonly {
    readonly expression?: string;
    readonly license?: { readonly id?: string; readonly name?: string };
  }[];
}

type Json = Readonly<Record<string, unknown>>;

async function readJson(file: URL): Promise<Json> {
  const value: unknown = JSON.parse(await readFile(file, 'utf8'));
  if (!isObject(value)) throw new Error(`${file.pathname} is not an object.`);
  return value;
}

function withoutDevelopment({ devDependencies: _, ...rest }: Json): Json {
  return rest;
}
