// Compiles src to dist, copies the schemas of modules, and builds the page of GraphiQL to dist/graphiql.
//
//   node scripts/build.js [--if-changed] [--page]
//
// Without --if-changed, dist is emptied first. With it, as `npm start` does, nothing is written if dist
// is the build of the present sources, and the page is only built if it is not. The contents of all
// files decide, not their times, which change with a checkout or a copy. With --page, as `npm run dev`
// does, the page alone is built.
import { spawn } from 'node:child_process';
import { hash } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const dist = join(root, 'dist');

/** The hashes of the sources of each part, and of what was made of them. */
const manifest = join(dist, '.manifest.json');

const page = join(dist, 'graphiql');
const pageSource = join(root, 'src/server/graphiql/browser');

/** Everything that decides what the parts contain: the lockfile has the versions of packages. */
const parts = {
  server: {
    sources: [
      'package-lock.json',
      'package.json',
      'scripts/build.js',
      'src',
      'tsconfig.build.json',
      'tsconfig.json',
    ],
    isSource: (file) => !file.startsWith(join(pageSource, '/')),
    // Besides itself, dist has the package, which scripts/build-package.ts makes of it, and the SBOM.
    isOutput: (file) =>
      ![manifest, join(dist, 'sbom.cdx.json')].includes(file) &&
      ![page, join(dist, 'package')].some((folder) => file.startsWith(join(folder, '/'))) &&
      extname(file) !== '.tgz',
  },
  page: {
    sources: ['package-lock.json', 'scripts/build-page.js', 'src/server/graphiql/browser'],
    isSource: () => true,
    isOutput: (file) => file.startsWith(join(page, '/')),
  },
};

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
const hashSources = ({ sources, isSource }) =>
  hashFiles(sources.flatMap((name) => filesIn(join(root, name))).filter(isSource));
const hashOutput = ({ isOutput }) => hashFiles(filesIn(dist).filter(isOutput));

/** What is known of the last build of each part. */
function readManifest() {
  try {
    return JSON.parse(readFileSync(manifest, 'utf8'));
  } catch {
    return {};
  }
}

/** The files that are not in both, or not with the same hash. */
const differences = (one, other) =>
  Object.keys({ ...one, ...other }).filter((name) => one[name] !== other[name]);

/** Whether a part is up to date, or sources were edited since, and nothing else. */
function compareBuild(part, last) {
  if (!last || differences(last.output, hashOutput(part)).length > 0) return 'unknown';
  const present = hashSources(part);
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

/** Runs a script, and returns its exit code. */
async function run(...script) {
  const [status] = await once(spawn(process.execPath, script, { stdio: 'inherit' }), 'exit');
  return status ?? 1;
}

const builders = {
  async server(state) {
    // Of edits, tsc compiles what they affect. It would neither remove nor restore a file.
    if (state !== 'edited') for (const file of filesIn(dist).filter(isLeftover)) rmSync(file);
    const status = await run(findCompiler(), '-p', join(root, 'tsconfig.build.json'));
    if (status !== 0) return status;
    for (const file of filesIn(join(root, 'src', 'api'))) {
      if (extname(file) === '.graphql') cpSync(file, join(dist, relative(join(root, 'src'), file)));
    }
    return 0;
  },
  page: () => run(join(root, 'scripts/build-page.js')),
};

/** What a build of the server removes: everything but the page. */
const isLeftover = (file) => !parts.page.isOutput(file) && file !== manifest;

/** Builds a part, and returns the exit code, and what the manifest says of it. */
async function build(name, state) {
  // From here on, edits belong to the next build.
  const sources = hashSources(parts[name]);
  const status = await builders[name](state);
  return status === 0 ? { status, sources, output: hashOutput(parts[name]) } : { status };
}

const { values: options } = parseArgs({
  options: { 'if-changed': { type: 'boolean' }, page: { type: 'boolean' } },
});
try {
  const last = options['if-changed'] ? readManifest() : {};
  const states = Object.keys(parts)
    .filter((name) => name === 'page' || !options.page)
    .map((name) => [name, compareBuild(parts[name], last[name])])
    .filter(([, state]) => state !== 'current');
  if (states.length > 0) {
    findCompiler();
    const built = await Promise.all(
      states.map(async ([name, state]) => [name, await build(name, state)]),
    );
    const records = built.map(([name, { status, ...record }]) => [
      name,
      status === 0 ? record : undefined,
    ]);
    mkdirSync(dist, { recursive: true });
    writeFileSync(manifest, JSON.stringify({ ...readManifest(), ...Object.fromEntries(records) }));
    process.exitCode = built.map(([, { status }]) => status).find((status) => status !== 0) ?? 0;
  }
} catch (error) {
  console.error(`dist is not the build of these sources, and cannot be built: ${error.message}`);
  process.exitCode = 1;
}
