import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AuthError } from '../../src/authentication/auth-error.ts';
import type { AuthErrorReason } from '../../src/authentication/auth-error-reasons.ts';
import { dpopAlgorithms } from '../../src/authentication/dpop/proof-key.ts';
import { readConfiguration } from '../../src/server/configuration/configuration.ts';
import { commandsOf, unwrapped, withoutVolatile } from '../documentation/console-block.ts';
import { blocksOf, plain, readDocument, sectionOf, tableRows } from '../documentation/markdown.ts';
import { createProjectCopy, type ProjectCopy } from './project-copy.ts';
import { openShell, type Shell } from './shell.ts';

const text = readDocument('docs/dpop.md');
const blocks = blocksOf(text);
const blocksIn = (language: string) => blocks.filter((block) => block.language === language);

describe('the commands of docs/dpop.md', () => {
  let copy: ProjectCopy;
  let shell: Shell;
  beforeAll(async () => {
    copy = await createProjectCopy();
    await copy.start('npm start', (printed) => printed.includes('in a browser'));
    shell = openShell(copy.folder, copy.variables);
  }, 60_000);
  afterAll(async () => {
    await shell?.close();
    await copy?.close();
  });

  it.each(blocksIn('console').flatMap((block) => commandsOf(block.text)))(
    '$command',
    async ({ command, output }) => {
      const printed = await shell.run(copy.toLocalPorts(command));
      expect(unwrapped(withoutVolatile(copy.toDocumentedPorts(printed.text)))).toBe(
        unwrapped(withoutVolatile(output)),
      );
    },
  );
});

it.each(blocksIn('ini'))('the settings under $heading are right together', (block) => {
  const variables = Object.fromEntries(
    block.text
      .trim()
      .split('\n')
      .map((line) => line.split('=', 2)),
  );
  const environment = { AUTH0_DOMAIN: 'example.eu.auth0.com', AUTH0_AUDIENCE: 'x', ...variables };
  expect(() => readConfiguration(environment)).not.toThrow();
});

it('the code makes an authenticator', async () => {
  const [block] = blocksIn('ts');
  const index = fileURLToPath(new URL('../../src/index.ts', import.meta.url));
  const folder = await mkdtemp(join(tmpdir(), 'dpop-'));
  try {
    const file = join(folder, 'code.ts');
    await writeFile(
      file,
      block?.text.replaceAll(/'graphql-resource-server(\/redis)?'/g, `'${index}'`) ?? '',
    );
    const { authenticator, replayStore } = await import(file);
    expect(authenticator.schemes).toEqual(['DPoP']);
    replayStore.close();
  } finally {
    await rm(folder, { recursive: true });
  }
});

describe('the table of what a client is told', () => {
  const rows = tableRows(sectionOf(text, 'What a client is told')).map((row) => row.map(plain));

  it('has every reason that has to do with DPoP', () => {
    const source = readFileSync(
      new URL('../../src/authentication/auth-error-reasons.ts', import.meta.url),
      'utf8',
    );
    const reasons = [...source.matchAll(/^ {2}(\w+): (?:\w+\(|\{)/gm)].map(
      ([, name]) => name ?? '',
    );
    const concerned =
      /^(?:proof_|nonce_|replay_|bearer_|token_(?:bound|not_bound|other_key|confirmation)$)/;
    expect(rows.map(([name]) => name).sort()).toEqual(
      reasons.filter((name) => concerned.test(name)).sort(),
    );
  });

  it.each(rows)('%s: %s %s', (reason = '', status = '', error = '') => {
    const { status: known, error: name = 'none' } = new AuthError(reason as AuthErrorReason);
    expect([String(known), name]).toEqual([status, error]);
  });
});

it('names the algorithms', () => {
  const section = sectionOf(text, 'Turning it on');
  for (const algorithm of dpopAlgorithms) expect(section).toContain(algorithm);
});
