import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findEntries } from '../../scripts/package/entries.ts';
import { optionalPeers } from '../../scripts/package/peers.ts';
import { type InstalledProject, installProject } from './installed-project.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const { dependencies, devDependencies } = JSON.parse(readFileSync(`${root}package.json`, 'utf8'));
const withVersion = (name: string): string =>
  `${name}@${dependencies[name] ?? devDependencies[name]}`;

/** What only the types of an entry need: its declarations name types of Node. */
const typePackages = ['@types/node', '@types/ws'].map(withVersion);

/** Programs of users, for entries whose types meet those of a framework. */
const programs: Readonly<Record<string, string>> = {
  // Yoga declares extensions.http of every GraphQLError, which is not Apollo's.
  'apollo-server': `import { HeaderMap } from '@apollo/server';
import { GraphQLError } from 'graphql';
export const error = new GraphQLError('Not found', {
  extensions: { http: { status: 404, headers: new HeaderMap() } },
});

// Packages in CommonJS, such as @nestjs/apollo, have other declarations of Apollo's classes.
import type { ApolloServerPlugin } from '@apollo/server';
import type { ApolloServerPlugin as CommonPlugin } from '@apollo/server' with { 'resolution-mode': 'require' };
import type { ApolloAuth, ApolloAuthContext } from 'graphql-resource-server/apollo-server';
export const plugin = (auth: ApolloAuth): ApolloServerPlugin<ApolloAuthContext> => auth.plugin;
export const commonPlugin = (auth: ApolloAuth): CommonPlugin<ApolloAuthContext> => auth.plugin;
`,
};

/** Where a type error is the package's own, or one of its user. Not all frameworks have none. */
const ownErrors = /^(?:program\.ts|node_modules\/graphql-resource-server\/)/;

/** The entries, and the packages that a project installs for each. */
const entries = findEntries(`${root}src`).map(({ name }) => ({
  name,
  from: name === '.' ? 'graphql-resource-server' : `graphql-resource-server/${name}`,
  peers: Object.keys(optionalPeers).filter((peer) => optionalPeers[peer]?.entries.includes(name)),
}));

describe.each(entries)('$from, in a project with graphql and $peers', ({ name, from, peers }) => {
  let project: InstalledProject;
  beforeAll(async () => {
    project = await installProject([...['graphql', ...peers].map(withVersion), ...typePackages]);
  });
  afterAll(() => project.remove());

  // It registers its assertions, which vitest allows in its own tests only: see testing.compatibility.ts.
  it.runIf(name !== 'testing/vitest')('is imported', async () => {
    const source = `console.log(Object.keys(await import('${from}')).length > 0)`;
    expect(await project.evaluate(source)).toEqual({ code: 0, stdout: 'true\n', stderr: '' });
  });

  it('has one copy of graphql', async () => {
    const { stdout } = await project.run('npm', ['ls', 'graphql', '--all', '--parseable']);
    expect(stdout.trim().split('\n')).toEqual([expect.stringMatching(/\/node_modules\/graphql$/)]);
  });

  it('has types', async () => {
    await project.write(
      'tsconfig.json',
      JSON.stringify({
        compilerOptions: {
          module: 'nodenext',
          target: 'es2023',
          types: ['node'],
          strict: true,
          exactOptionalPropertyTypes: true,
          noEmit: true,
          skipLibCheck: false,
        },
        files: ['program.ts'],
      }),
    );
    const use = `import * as entry from '${from}';\nexport const names: string[] = Object.keys(entry);\n`;
    await project.write('program.ts', use + (programs[name] ?? ''));
    const { stdout } = await project.run(process.execPath, [
      `${root}node_modules/typescript/bin/tsc`,
      '--pretty',
      'false',
    ]);
    expect(stdout.split('\n').filter((line) => ownErrors.test(line))).toEqual([]);
  });
});
