// Installs the packed package into the node_modules of folders, without a registry: it, and inside of
// it, what it depends on. Everything else it finds in the folder, above all the one copy of graphql.
//
//   tsx scripts/install-package.ts [FOLDER ...]
//
// Without a folder, into every folder in test/compatibility that has packages of its own.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const tarball = join(root, 'dist/graphql-resource-server.tgz');
if (!existsSync(tarball)) throw new Error('Build the package first: npm run package');

const given = process.argv.slice(2).map((folder) => resolve(folder));
for (const folder of given.length > 0 ? given : compatibilityFolders()) installPackage(folder);

function compatibilityFolders(): readonly string[] {
  const parent = join(root, 'test/compatibility');
  return readdirSync(parent)
    .map((name) => join(parent, name))
    .filter((folder) => existsSync(join(folder, 'package.json')));
}

function installPackage(folder: string): void {
  const modules = join(folder, 'node_modules');
  if (!existsSync(modules)) {
    throw new Error(`${folder} has no node_modules. Install them first: npm ci --prefix ${folder}`);
  }
  const target = join(modules, 'graphql-resource-server');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target);
  execFileSync('tar', ['--extract', '--strip-components=1', '--file', tarball], { cwd: target });
  const manifest = JSON.parse(readFileSync(join(target, 'package.json'), 'utf8'));
  for (const name of Object.keys(manifest.dependencies)) {
    cpSync(join(root, 'node_modules', name), join(target, 'node_modules', name), {
      recursive: true,
    });
  }
  const binaries: Readonly<Record<string, string>> = manifest.bin ?? {};
  mkdirSync(join(modules, '.bin'), { recursive: true });
  for (const [name, file] of Object.entries(binaries)) {
    const link = join(modules, '.bin', name);
    rmSync(link, { force: true });
    symlinkSync(join(target, file), link);
  }
}
