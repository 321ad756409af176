import { chmod, mkdir, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadIssuerKeys, type SigningKeys } from '../../src/local-issuer/key-file.ts';
import { withoutPrivilege } from '../support/without-privilege.ts';
import { temporaryFolder } from './issuer-fixture.ts';

let folder: string;
let keyFile: string;
let keys: SigningKeys;
beforeAll(async () => {
  folder = await temporaryFolder();
  keyFile = join(folder, 'keys.json');
  keys = await loadIssuerKeys(keyFile);
});
afterAll(() => rm(folder, { recursive: true }));

test('is created on the first start, readable by its owner only, without temporary files left', async () => {
  expect((await stat(keyFile)).mode & 0o777).toBe(0o600);
  expect(await readdir(folder)).toEqual(['keys.json']);
});

test('returns the same keys again', async () => {
  expect(await loadIssuerKeys(keyFile)).toEqual(keys);
});

test('has different keys at a different path', async () => {
  const other = await loadIssuerKeys(join(folder, 'other.json'));

  expect(other.signingKey.kid).not.toBe(keys.signingKey.kid);
  expect(other.cookieKeys).not.toEqual(keys.cookieKeys);
});

test('has the keys of the first of several processes that create it at the same time', async () => {
  const shared = join(folder, 'shared.json');

  const all = await Promise.all([1, 2, 3].map(() => loadIssuerKeys(shared)));

  const kept = await loadIssuerKeys(shared);
  expect(all).toEqual([kept, kept, kept]);
  expect((await readdir(folder)).filter((name) => name.startsWith('shared'))).toEqual([
    'shared.json',
  ]);
});

test('is created where it cannot be linked, as in place of a symbolic link to nothing', async () => {
  const dangling = join(folder, 'dangling.json');
  await symlink(join(folder, 'nothing'), dangling);

  const created = await loadIssuerKeys(dangling);

  expect(await loadIssuerKeys(dangling)).toEqual(created);
  expect((await readdir(folder)).filter((name) => name.startsWith('dangling'))).toEqual([
    'dangling.json',
  ]);
});

describe('is rejected, and left unchanged, if it', () => {
  const damages: [string, (text: string) => string][] = [
    ['is empty', () => ''],
    ['is cut off', (text) => text.slice(0, 500)],
    ['is not JSON', () => 'keys'],
    ['is not an object', () => '[]'],
    ['is null', () => 'null'],
    ['has no signing key', () => '{"cookieKeys":["a"]}'],
    ['has no cookie keys', (text) => text.replace('cookieKeys', 'cookies')],
    [
      'has an empty cookie key',
      (text) => JSON.stringify({ ...JSON.parse(text), cookieKeys: [''] }),
    ],
    ['has another kind of key', (text) => text.replace('"RSA"', '"EC"')],
    ['lacks a parameter of the key', (text) => text.replace('"qi"', '"iq"')],
    ['has parameters that do not match', (text) => withModulusOf(text)],
  ];

  test.each(damages)('%s', async (_case, damage) => {
    const damaged = join(folder, 'damaged.json');
    const text = damage(await readFile(keyFile, 'utf8'));
    await writeFile(damaged, text);

    await expect(loadIssuerKeys(damaged)).rejects.toThrow(
      `The local issuer's key file ${damaged} cannot be used: it is damaged. Delete it and start again; tokens issued before will no longer verify.`,
    );
    expect(await readFile(damaged, 'utf8')).toBe(text);
  });

  test('is a folder', async () => {
    await mkdir(join(folder, 'directory'));

    await expect(loadIssuerKeys(join(folder, 'directory'))).rejects.toMatchObject({
      code: 'key-file',
      message: expect.stringContaining('cannot be read (EISDIR). Make it readable'),
    });
  });

  test('cannot be written', async () => {
    await expect(loadIssuerKeys(join(folder, 'nowhere', 'keys.json'))).rejects.toMatchObject({
      code: 'key-file',
      message: expect.stringContaining('cannot be written (ENOENT). Create its folder'),
    });
  });

  test('is not readable', async () => {
    const unreadable = join(folder, 'unreadable.json');
    await writeFile(unreadable, '{}');
    await chmod(unreadable, 0);

    await withoutPrivilege(() =>
      expect(loadIssuerKeys(unreadable)).rejects.toThrow('cannot be read (EACCES)'),
    );
  });
});

function withModulusOf(text: string): string {
  const value = JSON.parse(text);
  const { n } = value.signingKey;
  value.signingKey.n = `${n.slice(0, 100)}${n[100] === 'A' ? 'B' : 'A'}${n.slice(101)}`;
  return JSON.stringify(value);
}
