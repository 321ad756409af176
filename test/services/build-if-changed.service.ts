import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';

const pathOf = (name: string): string => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'build-'));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (name: string, text: string): void => {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), text);
};
const append = (name: string, text: string): void =>
  write(name, readFileSync(join(folder, name), 'utf8') + text);
const remove = (name: string): void => rmSync(join(folder, name), { recursive: true, force: true });

const build = (...options: string[]) =>
  spawnSync(process.execPath, [join(folder, 'scripts/build.js'), ...options], { encoding: 'utf8' });
const succeeded = { status: 0, stdout: '', stderr: '' };

const style = 'src/server/graphiql/browser/page.css';

/** Ours apart from the types of Node, which take a second to read. */
const tsconfig = JSON.stringify({
  compilerOptions: {
    target: 'ES2023',
    lib: ['ES5'],
    module: 'NodeNext',
    types: [],
    rewriteRelativeImportExtensions: true,
    skipLibCheck: true,
  },
});

/** In place of Vite, which takes long. It counts its runs. */
const pageBuilder = `
import { appendFileSync, cpSync, mkdirSync } from 'node:fs';
const root = new URL('../', import.meta.url);
mkdirSync(new URL('dist/graphiql', root), { recursive: true });
cpSync(new URL('${style}', root), new URL('dist/graphiql/page.css', root));
appendFileSync(new URL('page-builds', root), '.');
`;
const pageBuilds = (): number => readFileSync(join(folder, 'page-builds'), 'utf8').length;

/** A project of two modules and one file for browsers, and its build. */
beforeEach(() => {
  remove('src');
  write(style, 'body {}\n');
  write(
    'src/main.ts',
    "import { count } from './count.ts';\ndeclare function print(value: number): void;\nprint(count);\n",
  );
  write('src/count.ts', 'export const count: number = 1;\n');
  write('package-lock.json', '{}');
  write('tsconfig.json', tsconfig);
  write('scripts/build-page.js', pageBuilder);
  for (const name of ['scripts/build.js', 'tsconfig.build.json', 'package.json']) {
    cpSync(pathOf(name), join(folder, name));
  }
  remove('node_modules');
  write('node_modules/.package-lock.json', '{}');
  symlinkSync(pathOf('node_modules/typescript'), join(folder, 'node_modules/typescript'));
  expect(build('--if-changed')).toMatchObject(succeeded);
});

const whole = {
  'main.d.ts': 'export {};\n',
  'main.js': "import { count } from './count.js';\nprint(count);\n",
  'count.d.ts': 'export declare const count: number;\n',
  'count.js': 'export const count = 1;\n',
  'graphiql/page.css': 'body {}\n',
};

/** The text of each file of the build, apart from its own records. */
const output = (): Record<string, string> =>
  Object.fromEntries(
    readdirSync(join(folder, 'dist'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.startsWith('.'))
      .map(({ parentPath, name }) => join(parentPath, name))
      .map((file) => [file.slice(`${folder}/dist/`.length), readFileSync(file, 'utf8')]),
  );

/** When each file and folder was last written. A build that is the same changes this, too. */
const writeTimes = (): [string, number][] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => [
    name,
    statSync(join(folder, name)).ctimeMs,
  ]);

/** Builds with a script in place of the compiler. */
function buildWith(compiler: string): void {
  remove('node_modules/typescript');
  write('node_modules/typescript/package.json', '{"type":"module"}');
  write('node_modules/typescript/bin/tsc', compiler);
  build('--if-changed');
  remove('node_modules/typescript');
  symlinkSync(pathOf('node_modules/typescript'), join(folder, 'node_modules/typescript'));
}

test.each<[change: string, make: () => void, difference?: Record<string, string>]>([
  [
    'a source is edited',
    () => write('src/count.ts', 'export const count: number = 2;\n'),
    { 'count.js': 'export const count = 2;\n' },
  ],
  [
    'an edit leaves size and time of a source as they were',
    () => {
      const { atime, mtime } = statSync(join(folder, 'src/count.ts'));
      write('src/count.ts', 'export const count: number = 3;\n');
      utimesSync(join(folder, 'src/count.ts'), atime, mtime);
    },
    { 'count.js': 'export const count = 3;\n' },
  ],
  [
    'a source is added',
    () => write('src/added.ts', 'export {};\n'),
    { 'added.js': 'export {};\n', 'added.d.ts': 'export {};\n' },
  ],
  [
    'a source is removed: nothing is left of it',
    () => {
      write('src/removed.ts', 'export {};\n');
      build('--if-changed');
      remove('src/removed.ts');
    },
  ],
  ['a browser file is edited', () => write(style, 'p {}\n'), { 'graphiql/page.css': 'p {}\n' }],
  ['dist is removed', () => remove('dist')],
  ['a file is removed from dist', () => remove('dist/count.js')],
  ['a file of dist is edited', () => append('dist/count.js', '// Edited\n')],
  [
    'a file of dist and a source are edited',
    () => {
      append('dist/main.js', '// Edited\n');
      append('src/count.ts', '// Edited\n');
    },
    { 'count.js': 'export const count = 1;\n// Edited\n' },
  ],
  ['a file is added to dist', () => write('dist/added.js', '')],
  ['a file of the page is edited', () => append('dist/graphiql/page.css', 'p {}\n')],
  ['the manifest is cut off', () => write('dist/.manifest.json', '{"sources":{')],
  ...['package.json', 'package-lock.json', 'tsconfig.json', 'tsconfig.build.json'].map(
    (name): [string, () => void] => [`${name} is edited`, () => append(name, '\n')],
  ),
  ['the build itself is edited', () => append('scripts/build.js', '// Edited\n')],
  [
    'the build of an edit was killed',
    () => {
      append('src/count.ts', '// Edited\n');
      const file = JSON.stringify(join(folder, 'dist/count.js'));
      buildWith(`import { writeFileSync } from 'node:fs';
        writeFileSync(${file}, 'export con');
        process.kill(process.ppid, 'SIGKILL');`);
    },
    { 'count.js': 'export const count = 1;\n// Edited\n' },
  ],
  [
    'a source was edited while it was built',
    () => {
      append('src/main.ts', '// Edited\n');
      const file = JSON.stringify(join(folder, 'src/count.ts'));
      buildWith(`import { appendFileSync } from 'node:fs';
        appendFileSync(${file}, '// Edited, too\\n');`);
    },
    {
      'count.js': 'export const count = 1;\n// Edited, too\n',
      'main.js': `${whole['main.js']}// Edited\n`,
    },
  ],
])('npm start builds again if %s', (_change, make, difference = {}) => {
  make();
  const before = writeTimes();

  expect(build('--if-changed')).toMatchObject(succeeded);

  expect(output()).toEqual({ ...whole, ...difference });
  expect(writeTimes()).not.toEqual(before);
});

describe('npm start writes nothing', () => {
  test.each<[string, () => void]>([
    ['if nothing changed', () => undefined],
    [
      'if only times changed, as with a checkout or a copy',
      () => {
        for (const name of ['src/main.ts', 'dist/main.js', 'package.json']) {
          utimesSync(join(folder, name), new Date(), new Date());
        }
      },
    ],
    ['in a production install, without a compiler', () => remove('node_modules')],
  ])('%s', (_name, make) => {
    make();
    const before = writeTimes();

    expect(build('--if-changed')).toMatchObject(succeeded);

    expect(writeTimes()).toEqual(before);
  });

  test('without a compiler if sources changed, and says what to do', () => {
    append('src/main.ts', '// Edited\n');
    remove('node_modules');
    const before = writeTimes();

    expect(build('--if-changed')).toMatchObject({
      status: 1,
      stderr:
        'dist is not the build of these sources, and cannot be built: TypeScript is not installed. Run npm ci, without --omit=dev.\n',
    });

    expect(writeTimes()).toEqual(before);
  });
});

describe('the page of GraphiQL', () => {
  test('is not built again for other sources', () => {
    const before = pageBuilds();
    append('src/count.ts', '// Edited\n');
    expect(build('--if-changed')).toMatchObject(succeeded);
    remove('dist/count.js');
    expect(build('--if-changed')).toMatchObject(succeeded);
    expect(output()).toMatchObject({ 'graphiql/page.css': 'body {}\n' });
    expect(pageBuilds()).toBe(before);
  });

  test('is built alone for npm run dev', () => {
    remove('dist');
    const before = pageBuilds();
    expect(build('--if-changed', '--page')).toMatchObject(succeeded);
    expect(output()).toEqual({ 'graphiql/page.css': 'body {}\n' });
    expect(build('--if-changed', '--page')).toMatchObject(succeeded);
    expect(pageBuilds()).toBe(before + 1);
  });

  test('is built again if its build failed', () => {
    write(style, 'p {}\n');
    write('scripts/build-page.js', 'process.exitCode = 3;');
    expect(build('--if-changed').status).toBe(3);
    write('scripts/build-page.js', pageBuilder);
    expect(build('--if-changed')).toMatchObject(succeeded);
    expect(output()).toEqual({ ...whole, 'graphiql/page.css': 'p {}\n' });
  });
});

test('npm start fails as often as the sources do not compile', () => {
  write('src/count.ts', "export const count: number = 'one';\n");

  for (const _ of [1, 2]) {
    const { status, stdout } = build('--if-changed');
    expect([status, stdout]).toEqual([expect.any(Number), expect.stringContaining('src/count.ts')]);
    expect(status).not.toBe(0);
  }
});

test('npm run build builds also if nothing changed', () => {
  const before = writeTimes();

  expect(build()).toMatchObject(succeeded);

  expect(output()).toEqual(whole);
  expect(writeTimes()).not.toEqual(before);
});

test('npm start and npm run build are these builds', () => {
  const { scripts } = JSON.parse(readFileSync(pathOf('package.json'), 'utf8'));
  expect(scripts).toMatchObject({
    prestart: 'node scripts/build.js --if-changed',
    predev: 'node scripts/build.js --if-changed --page',
    build: 'node scripts/build.js',
  });
  expect(existsSync(join(folder, 'dist/.tsbuildinfo'))).toBe(true);
});
