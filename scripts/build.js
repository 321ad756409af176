// Compiles src to dist, and copies what tsc does not: what browsers are sent as it is written, and the
// schemas of modules.
//
//   node scripts/build.js [--if-changed]
//
// Without the option, dist is emptied first. With it, as `npm start` does, nothing is written if dist
// is the build of the present sources. The contents of all files decide, not their times, which
// change with a checkout or a copy.
import { spawnSync } from 'node:child_process';
import { hash } from 'node:crypto';
import { cpSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');
const browserFiles = join('server', 'graphiql', 'browser');

/** Everything that decides what a build contains: the lockfile has the versions of packages. */
const sources = [
  'package-lock.json',
  'package.json',
  'scripts/build.js',
  'src',
  'tsconfig.build.json',
  'tsconfig.json',
].map((name) => join(root, name));

/** The hashes of all sources, and of what was made of them: only a complete build matches both. */
const manifest = join(dist, '.manifest.json');

/** The files of a folder, at any depth, or the file itself; none if it does not exist. */
function filesIn(path) {
  const status = statSync(path, { throwIfNoEntry: false });
  if (!status?.isDirectory()) return status ? [path] : [];
  return readdirSync(path).flatMap((name) => filesIn(join(path, name)));
}

const hashFiles = (files) =>
  Object.fromEntries(
    files.map((file) => [relative(root, file), hash('sha256', readFileSync(file), 'base64url')]),
  );
const hashSources = () => hashFiles(sources.flatMap(filesIn));
/** Besides itself, dist has the package, which scripts/build-package.ts makes of it, and the SBOM. */
const isOutput = (file) =>
  ![manifest, join(dist, 'sbom.cdx.json')].includes(file) &&
  !file.startsWith(join(dist, 'package', '/')) &&
  extname(file) !== '.tgz';
const hashOutput = () => hashFiles(filesIn(dist).filter(isOutput));

/** The files that are not in both, or not with the same hash. */
const differences = (one, other) =>
  Object.keys({ ...one, ...other }).filter((name) => one[name] !== other[name]);

/** Whether dist is up to date, or sources were edited since, and nothing else. */
function compareBuild() {
  let last;
  try {
    last = JSON.parse(readFileSync(manifest, 'utf8'));
  } catch {
    return 'unknown';
  }
  if (differences(last.output, hashOutput()).length > 0) return 'unknown';
  const present = hashSources();
  const changed = differences(last.sources, present);
  const isEdited = (name) => name.startsWith('src') && last.sources[name] && present[name];
  if (changed.length === 0) return 'current';
  return changed.every(isEdited) ? 'edited' : 'unknown';
}

/** The compiler, which a production install does not have. */
function findCompiler() {
  try {
    const description = createRequire(import.meta.url).resolve('typescript/package.json');
    return join(dirname(description), 'bin/tsc');
  } catch {
    throw new Error('TypeScript is not installed. Run npm ci, without --omit=dev.');
  }
}

/** Builds, and returns the exit code of the compiler. */
function build(state) {
  const compiler = findCompiler();
  // From here on, edits belong to the next build.
  const built = hashSources();
  // Of edits, tsc compiles what they affect. It would neither remove nor restore a file.
  if (state !== 'edited') rmSync(dist, { recursive: true, force: true });
  const project = join(root, 'tsconfig.build.json');
  const { status } = spawnSync(process.execPath, [compiler, '-p', project], { stdio: 'inherit' });
  if (status !== 0) return status ?? 1;
  cpSync(join(root, 'src', browserFiles), join(dist, browserFiles), {
    recursive: true,
    filter: (path) => ['', '.js', '.css'].includes(extname(path)),
  });
  for (const file of filesIn(join(root, 'src', 'api'))) {
    if (extname(file) === '.graphql') cpSync(file, join(dist, relative(join(root, 'src'), file)));
  }
  writeFileSync(manifest, JSON.stringify({ sources: built, output: hashOutput() }));
  return 0;
}

const { values: options } = parseArgs({ options: { 'if-changed': { type: 'boolean' } } });
const state = options['if-changed'] ? compareBuild() : 'unknown';
try {
  if (state !== 'current') process.exitCode = build(state);
} catch (error) {
  console.error(`dist is not the build of these sources, and cannot be built: ${error.message}`);
  process.exitCode = 1;
}
