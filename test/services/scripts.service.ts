import { execFile } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runScript } from '../cli/run-script.ts';
import { type IssuerFixture, startIssuer } from '../local-issuer/issuer-fixture.ts';
import { copyProject } from '../support/copy-project.ts';

let issuer: IssuerFixture;
let project: string;
beforeAll(async () => {
  issuer = await startIssuer();
  project = await copyProject();
  const port = Number(new URL(issuer.issuer).port) - 1;
  await writeFile(join(issuer.folder, '.env'), `PORT=${port}\nPUBLIC_URL=http://localhost:1\n`);
});
afterAll(() => Promise.all([issuer.close(), rm(project, { recursive: true })]));

describe.concurrent('as processes of their own', () => {
  test.each([[['--scope', 'read:messages']], [['--scope', 'read:messages', '--as', 'manager']]])(
    'token %j prints one token and nothing else',
    async (words) => {
      const { code, stdout, stderr } = await runScript('token', {
        folder: issuer.folder,
        project,
        arguments: words,
      });

      expect(stderr).toBe('');
      expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/);
      expect(decodeJwt(stdout.trim())).toMatchObject({ scope: 'read:messages' });
      expect(code).toBe(0);
    },
  );

  test('token fails with 2 when it is called wrongly', async () => {
    const outcome = await runScript('token', { folder: issuer.folder, arguments: ['--scopes'] });

    expect(outcome).toEqual({
      code: 2,
      stdout: '',
      stderr: 'Unknown option --scopes. Try --help.\n',
    });
  });

  test('token fails with 2 when its output cannot be written', async () => {
    const command = 'node_modules/.bin/tsx src/cli/main.ts token --help >/dev/full';
    const code = await new Promise((resolve) => {
      execFile('bash', ['-c', command], (error) => resolve(error?.code));
    });

    expect(code).toBe(2);
  });

  test('query fails with 2 when the API is not there', async () => {
    const words = ['{ public { message } }', '--as', 'guest'];

    const outcome = await runScript('query', { folder: issuer.folder, project, arguments: words });

    expect(outcome).toEqual({
      code: 2,
      stdout: '',
      stderr: 'Cannot reach the API at http://localhost:1/graphql. Start it, or pass --endpoint.\n',
    });
  });
});
