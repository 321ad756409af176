import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const copied = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'docs/troubleshooting.md',
  'package-lock.json',
  'package.json',
  'scripts',
  'src',
  'tsconfig.build.json',
  'tsconfig.json',
];

const pathOf = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));

/**
 * Copies the project into a new folder, with the API of the fixture: what the docs describe, also
 * where `schema.graphql` and `src/api` have been replaced.
 */
export async function copyProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'project-'));
  for (const name of copied) await cp(pathOf(name), join(folder, name), { recursive: true });
  await symlink(pathOf('node_modules'), join(folder, 'node_modules'));
  await copyPage(folder);
  await rm(join(folder, 'src/api'), { recursive: true });
  const fixture = pathOf('test/fixture');
  for (const name of ['schema.graphql', 'access.json']) {
    await cp(join(fixture, name), join(folder, name));
  }
  await cp(fixture, join(folder, 'src/api'), {
    recursive: true,
    filter: (file) => file === fixture || file.endsWith('.ts'),
  });
  for (const name of await readdir(join(folder, 'src/api'))) {
    const file = join(folder, 'src/api', name);
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replaceAll("'../../src/", "'../"));
  }
  return folder;
}

/** Copies the built page of GraphiQL, if there is one: building it takes long. */
async function copyPage(folder: string): Promise<void> {
  if (!existsSync(pathOf('dist/graphiql/index.html'))) return;
  await cp(pathOf('dist/graphiql'), join(folder, 'dist/graphiql'), { recursive: true });
  const { page } = JSON.parse(await readFile(pathOf('dist/.manifest.json'), 'utf8'));
  await writeFile(join(folder, 'dist/.manifest.json'), JSON.stringify({ page }));
}
