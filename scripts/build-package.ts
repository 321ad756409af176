// Builds the package that other projects install: dist/package, and packed, dist/graphql-resource-server.tgz.
// It has the files that its entries import, and a manifest made of these imports.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { transformSync } from 'esbuild';
import { bin, findEntries } from './package/entries.ts';
import { followImports } from './package/imports.ts';
import { createManifest } from './package/manifest.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const folder = join(dist, 'package');

execFileSync(process.execPath, [join(root, 'scripts/build.js'), '--if-changed'], {
  stdio: 'inherit',
});

const imports = [...findEntries(join(root, 'src')), bin].map((entry) => {
  // Nothing imports the commands, so no one needs their types.
  const ends = entry === bin ? ['.js'] : ['.js', '.d.ts'];
  const modules = ends.map((end) => followImports(join(dist, `${entry.module}${end}`)));
  const packages = modules.flatMap((one) =>
    [...one.packages].map(([name, file]) => [name, relative(root, file)] as const),
  );
  return {
    entry,
    files: new Set(modules.flatMap((one) => [...one.files])),
    packages: new Map(packages),
  };
});
const manifest = createManifest(
  JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')),
  imports,
);

rmSync(folder, { recursive: true, force: true });
for (const file of new Set(imports.flatMap(({ files }) => [...files]))) {
  const copy = join(folder, 'dist', relative(dist, file));
  mkdirSync(dirname(copy), { recursive: true });
  const text = readFileSync(file, 'utf8');
  writeFileSync(copy, extname(file) === '.js' ? withoutComments(text) : withModuleNames(text));
}
chmodSync(join(folder, 'dist', `${bin.module}.js`), 0o755);
cpSync(join(root, 'LICENSE'), join(folder, 'LICENSE'));
mkdirSync(join(folder, 'docs'));
// The last one is printed by `doctor --reason`.
for (const name of ['CHANGELOG.md', 'README.md', 'docs/troubleshooting.md']) {
  writeFileSync(join(folder, name), withoutFileLinks(readFileSync(join(root, name), 'utf8')));
}
writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);

const [packed] = JSON.parse(
  execFileSync('npm', ['pack', '--json', '--pack-destination', dist], {
    cwd: folder,
    encoding: 'utf8',
  }),
);
renameSync(join(dist, packed.filename), join(dist, 'graphql-resource-server.tgz'));
console.log(relative(process.cwd(), join(dist, 'graphql-resource-server.tgz')));

/** Editors show the comments of declarations, which have the same. */
function withoutComments(text: string): string {
  return transformSync(text, { format: 'esm', target: 'es2023' }).code;
}

/** Declarations import `./viewer.ts`, as the sources do; older compilers find `./viewer.js` only. */
function withModuleNames(text: string): string {
  return text.replaceAll(/((?:from |import\()['"]\.[^'"\n]*)\.ts(?=['"])/g, '$1.js');
}

/** The docs and pictures stay in the repository: links to them become their text. */
function withoutFileLinks(markdown: string): string {
  return markdown
    .replaceAll(/<picture>[\s\S]*?<\/picture>\n\n/g, '')
    .replaceAll(/\[([^\]]+)\]\((?!https?:|#)[^)]+\)/g, '$1');
}
