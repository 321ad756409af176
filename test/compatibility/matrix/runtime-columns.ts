import { fileURLToPath } from 'node:url';
import type { Column } from './columns.ts';

const folderOf = (name: string): string => fileURLToPath(new URL(`../${name}/`, import.meta.url));
const runtimes = folderOf('runtimes');
const binary = (path: string): string => `${runtimes}node_modules/${path}`;

/** Columns of a server file that another column has, on another runtime or with other packages. */
export const runtimeColumns: readonly Column[] = [
  ...['node-22', 'node-24', 'node-26'].map((name) => ({
    name,
    folder: folderOf('servers'),
    command: [binary(`${name}/bin/node`), 'yoga.js'] as const,
  })),
  {
    name: 'bun',
    folder: folderOf('servers'),
    command: [binary('@oven/bun-linux-x64/bin/bun'), 'bun.js'],
  },
  {
    name: 'deno',
    folder: folderOf('servers'),
    command: [
      binary('@deno/linux-x64-glibc/deno'),
      ...['run', '--no-prompt', '--allow-net', '--allow-env', '--allow-read', '--allow-sys'],
      'deno.js',
    ],
  },
  {
    name: 'workers',
    folder: runtimes,
    command: [process.execPath, 'start-worker.js'],
  },
  ...[
    ['oldest-peers', 'yoga.js'],
    ['graphql-17', 'graphql-http.js'],
  ].map(([name = '', file]) => ({
    name,
    folder: folderOf(name),
    command: [
      binary('node-24/bin/node'),
      '--import',
      `${runtimes}resolve-here.js`,
      `../servers/${file}`,
    ] as const,
  })),
];
