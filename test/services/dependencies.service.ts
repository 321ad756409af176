import { describe, expect, it } from 'vitest';
import { findForbidden } from '../../scripts/dependencies/licenses.ts';
import { createSbom, packagesOf } from '../../scripts/dependencies/sbom.ts';
import { readDocument, root } from '../documentation/markdown.ts';

describe('what a production install contains', () => {
  it('is listed in full, and each package has a license that is allowed', async () => {
    const packages = packagesOf(await createSbom(root));
    expect(findForbidden(packages)).toEqual([]);
    const names = packages.map(({ name }) => name);
    const { dependencies, devDependencies } = JSON.parse(readDocument('package.json'));
    // Also those that development needs as well.
    expect(names).toEqual(expect.arrayContaining([...Object.keys(dependencies), '@envelop/core']));
    // And those that the page of GraphiQL contains.
    expect(Object.keys(devDependencies).filter((name) => names.includes(name))).toEqual([
      '@graphiql/plugin-doc-explorer',
      '@graphiql/plugin-history',
      '@graphiql/react',
      '@graphiql/toolkit',
      'graphiql',
      'monaco-editor',
      'monaco-graphql',
      'oidc-client-ts',
      'react',
      'react-dom',
    ]);
  });

  it.each([
    ['one that is not allowed', ['GPL-3.0-only']],
    ['one that is not allowed, beside another', ['MIT', 'AGPL-3.0-only']],
    ['a choice, which someone has to make', ['(MIT OR GPL-3.0-only)']],
    ['none', []],
  ])('is refused with a license that is %s', (_case, licenses) => {
    const one = { name: 'one', version: '1.0.0', licenses };
    expect(findForbidden([one, { ...one, name: 'other', licenses: ['MIT'] }])).toEqual([one]);
  });
});
