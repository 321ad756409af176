import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../src', import.meta.url));

interface Import {
  readonly from: string;
  readonly to: string;
  readonly isType: boolean;
  readonly isLazy: boolean;
}

const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) =>
  /\.tsx?$/.test(name),
);
const imports: Import[] = files.flatMap((file) => {
  const text = readFileSync(join(root, file), 'utf8');
  const statements = /^(import|export)\s(type\s)?[^;'"]*?from\s+'([^']+)'|^import\s+'([^']+)'/gm;
  const lazy = /(?<!typeof )\bimport\('([^']+)'\)/g;
  return [
    ...[...text.matchAll(statements)].map((match) => ({
      from: file,
      to: match[3] ?? match[4] ?? '',
      isType: match[2] !== undefined,
      isLazy: false,
    })),
    ...[...text.matchAll(lazy)].map((match) => ({
      from: file,
      to: match[1] ?? '',
      isType: false,
      isLazy: true,
    })),
  ];
});

const roomOf = (file: string): string => (file.includes('/') ? (file.split('/')[0] ?? '') : file);
const targetOf = ({ from, to }: Import): string => relative(root, resolve(root, dirname(from), to));
const isOwn = ({ to }: Import): boolean => to.startsWith('.');

/** The rooms that each room may import from, beside itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  shared: [],
  authentication: ['shared'],
  authorization: ['shared'],
  // Directives are read as those of rules are.
  limits: ['authorization', 'shared'],
  streams: ['authentication', 'shared'],
  'token-exchange': ['authentication', 'shared'],
  'trusted-documents': ['shared'],
  database: ['shared'],
  execution: ['authorization', 'authentication', 'shared'],
  gate: ['execution', 'streams', 'limits', 'authorization', 'authentication', 'shared'],
  adapters: [
    ...['gate', 'execution', 'streams', 'trusted-documents'],
    ...['authorization', 'authentication', 'shared'],
  ],
  // What belongs to this API's own schema.
  api: ['adapters', 'database', 'authorization', 'authentication', 'shared'],
  server: [
    'adapters',
    'gate',
    'limits',
    'streams',
    'token-exchange',
    'trusted-documents',
    'database',
    'authorization',
    'authentication',
    'shared',
  ],
  'local-issuer': ['shared'],
  testing: ['authorization', 'authentication', 'shared'],
  cli: [
    ...['server', 'adapters', 'api', 'database', 'local-issuer', 'testing', 'trusted-documents'],
    ...['limits', 'authorization', 'authentication', 'shared'],
  ],
  // The processes, and what each begins with.
  'application.ts': ['server', 'api'],
  'main.ts': ['application.ts', 'server'],
  'worker.ts': ['application.ts', 'server'],
  'migrate.ts': ['server', 'api'],
  // What the package consists of.
  'layer.ts': ['gate', 'streams', 'limits', 'authorization', 'authentication', 'shared'],
  'index.ts': ['layer.ts', 'adapters', 'testing', 'token-exchange'],
};

describe('imports go one way', () => {
  it('finds them', () => {
    expect(imports.filter(isOwn).length).toBeGreaterThan(100);
  });

  it.each(imports.filter(isOwn).map((one) => [one.from, targetOf(one), one] as const))(
    '%s may import %s',
    (from, target, { isType, isLazy }) => {
      const room = roomOf(from);
      const other = roomOf(target);
      if (room === other) return;
      // The viewer is the one thing that the two inner rooms share.
      if (room === 'authorization' && target === 'authentication/viewer.ts') return;
      // The server says what an API consists of.
      if (room === 'api' && target === 'server/api-definition.ts' && isType) return;
      // The local issuer is loaded where it is asked for, and its types are known before.
      if (room === 'main.ts' && other === 'local-issuer' && (isType || isLazy)) return;
      expect(allowed[room]).toContain(other);
    },
  );

  // What is sent to browsers stays out of the server, and its packages are not in production.
  it('to the packages of the page from its own folder only', () => {
    const isOfPage = ({ to }: Import): boolean =>
      /^(?:react|graphiql|@graphiql\/|monaco-|oidc-client-ts)/.test(to);
    const browser = 'server/graphiql/browser/';
    expect(imports.some((one) => isOfPage(one) && one.from.startsWith(browser))).toBe(true);
    expect(imports.filter((one) => isOfPage(one) && !one.from.startsWith(browser))).toEqual([]);
  });

  it('between the server and its page, as types only', () => {
    const isInside = (file: string): boolean => file.startsWith('server/graphiql/browser/');
    const crossing = imports.filter(
      (one) => isOwn(one) && isInside(one.from) !== isInside(targetOf(one)),
    );
    expect(crossing.length).toBeGreaterThan(0);
    expect(crossing.filter(({ isType }) => !isType)).toEqual([]);
  });

  it('in src/server/http, from src/shared only', () => {
    const targets = imports
      .filter((one) => one.from.startsWith('server/http/') && isOwn(one))
      .map(targetOf);
    expect(targets.length).toBeGreaterThan(0);
    for (const target of targets) expect(target).toMatch(/^(?:shared|server\/http)\//);
  });

  // Enforcement and visibility do not know each other.
  it.each([
    ['directives', []],
    ['rules', ['directives']],
    ['operation', ['directives', 'rules']],
    ['enforcement', ['directives', 'rules', 'operation']],
    ['visibility', ['directives', 'rules', 'operation']],
    ['review', ['directives', 'rules', 'operation', 'enforcement', 'visibility']],
  ])('authorization/%s imports only itself and %j', (folder, earlier) => {
    const folderOf = (file: string): string =>
      /^authorization\/(\w+)\//.exec(file)?.[1] ?? 'outside';
    const inside = imports
      .filter((one) => isOwn(one) && folderOf(one.from) === folder)
      .map((one) => ({ from: one.from, to: targetOf(one) }));
    const allowedFolders = [folder, 'outside', ...earlier];
    expect(inside.length).toBeGreaterThan(0);
    expect(inside.filter(({ to }) => !allowedFolders.includes(folderOf(to)))).toEqual([]);
  });

  it.each([
    ['authentication', ['graphql', 'graphql-yoga', '@graphql-tools/utils', 'oidc-provider']],
    ['authorization', ['jose', 'graphql-yoga', 'node:http', 'oidc-provider']],
    ['limits', ['jose', 'graphql-yoga', 'node:http', 'oidc-provider']],
    ['streams', ['jose', 'graphql-yoga', 'node:http', 'oidc-provider']],
    ['token-exchange', ['graphql', 'graphql-yoga', 'node:http', 'oidc-provider']],
    ['trusted-documents', ['jose', 'graphql-yoga', 'node:http', 'node:fs', 'graphql-ws']],
    ['database', ['graphql', 'graphql-yoga', 'node:http', 'pino']],
    ['gate', ['jose', 'graphql-yoga', 'graphql-ws', 'node:http', 'oidc-provider']],
    ['adapters', ['jose', 'oidc-provider']],
    ['server', ['jose', 'oidc-provider']],
  ])('%s knows nothing of %j', (room, packages) => {
    const known = imports.filter(({ from }) => roomOf(from) === room).map(({ to }) => to);
    for (const name of packages) expect(known).not.toContain(name);
  });

  // Runtimes other than Node load them, and bundlers follow lazy imports as well.
  it.each([
    ['layer.ts', ['graphql', 'jose', 'lru-cache']],
    [
      'adapters/yoga/index.ts',
      ['@graphql-tools/executor', '@graphql-tools/utils', 'graphql', 'graphql-yoga', 'lru-cache'],
    ],
    ['token-exchange/index.ts', ['jose', 'lru-cache']],
  ])('%s reaches no module of Node, and only %j', (entry, packages) => {
    const reached = new Set([entry]);
    const outside = new Set<string>();
    for (const file of reached) {
      for (const one of imports.filter(({ from, isType }) => from === file && !isType)) {
        if (isOwn(one)) reached.add(targetOf(one));
        else outside.add(one.to);
      }
    }
    expect(reached.size).toBeGreaterThan(15);
    expect([...outside].sort()).toEqual(packages);
  });

  // What is off costs nothing: these packages take 15 MB of memory.
  it('server/server.ts reaches no package of OpenTelemetry, unless traces are on', () => {
    const reached = new Set(['server/server.ts']);
    const outside = new Set<string>();
    for (const file of reached) {
      for (const one of imports.filter(
        ({ from, isType, isLazy }) => from === file && !isType && !isLazy,
      )) {
        if (isOwn(one)) reached.add(targetOf(one));
        else outside.add(one.to);
      }
    }
    expect(reached).toContain('server/tracing/open-tracing.ts');
    expect([...outside].filter((name) => name.startsWith('@opentelemetry/'))).toEqual([]);
  });

  it('knows the server of Node itself in one adapter only', () => {
    const importers = imports.filter(
      ({ from, to }) => roomOf(from) === 'adapters' && to === 'node:http',
    );
    expect(importers.length).toBeGreaterThan(0);
    for (const { from } of importers) expect(from).toMatch(/^adapters\/node\//);
  });

  it('reads the environment in main.ts, worker.ts, migrate.ts and in the command line only', () => {
    const readers = files.filter((file) =>
      /\bprocess\.env\b/.test(
        readFileSync(join(root, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, ''),
      ),
    );
    expect(readers.filter((file) => roomOf(file) !== 'cli').sort()).toEqual([
      'main.ts',
      'migrate.ts',
      'worker.ts',
    ]);
  });
});

describe('schema.graphql and src/api can be replaced', () => {
  const tests = fileURLToPath(new URL('.', import.meta.url));
  const others = readdirSync(tests, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !/^(api|fixture)\/|node_modules/.test(name))
    .map((name) => [name, readFileSync(join(tests, name), 'utf8')] as const);

  it('no test outside test/api imports src/api', () => {
    const importers = others.filter(([, text]) => /from '[./]+src\/api\//.test(text));
    expect(importers.map(([name]) => name)).toEqual([]);
  });

  it('no test outside test/api reads schema.graphql or access.json at the root', () => {
    const readers = others.filter(([, text]) =>
      /['"`](\.\.\/)+(schema\.graphql|access\.json)|readDocument\('(schema|access)/.test(text),
    );
    expect(readers.map(([name]) => name)).toEqual([]);
  });
});
