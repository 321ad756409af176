import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { exampleOf } from '../documentation/calling-example.ts';
import { callLanguages } from '../documentation/calling-languages.ts';
import { unwrapped } from '../documentation/console-block.ts';
import { blocksOf, readDocument } from '../documentation/markdown.ts';
import { asMachine, type IssuerFixture, startIssuer } from '../local-issuer/issuer-fixture.ts';
import { type LocalServer, startLocalServer } from '../support/local-server.ts';

const document = readDocument('docs/calling.md');
const run = promisify(execFile);

describe('the calls in other languages', { timeout: 60_000 }, () => {
  let issuer: IssuerFixture;
  let server: LocalServer;
  beforeAll(async () => {
    issuer = await startIssuer();
    server = await startLocalServer(issuer);
    await Promise.all(
      languages.map(({ file, code }) =>
        file === undefined ? undefined : writeFile(join(issuer.folder, file), toServer(code)),
      ),
    );
  });
  afterAll(async () => {
    await server?.stop();
    await issuer?.close();
  });

  const languages = callLanguages
    .filter(({ isRun }) => isRun)
    .map(({ name }) => ({ name, ...exampleOf(document, name) }));
  const refusal = blocksOf(document).find(({ heading }) => heading === 'What comes back')?.text;

  const toServer = (text: string) =>
    text.replaceAll('http://localhost:4000/graphql', server.endpoint);

  async function tokenFor(scope: string): Promise<string> {
    const machine = await asMachine(issuer.issuer);
    return (await client.clientCredentialsGrant(machine, { scope })).access_token;
  }

  /** The lines that an example prints with a token; of curl, the body comes first. */
  async function printed(command: string, token: string): Promise<readonly string[]> {
    const { stdout } = await run('bash', ['-c', toServer(command)], {
      cwd: issuer.folder,
      env: {
        PATH: process.env['PATH'],
        HOME: issuer.folder,
        TOKEN: token,
        // Java has nothing to gain from optimizing what runs once.
        JDK_JAVA_OPTIONS: '-XX:TieredStopAtLevel=1',
      },
    });
    return stdout.trim().split('\n');
  }

  test.each(languages)('$name prints what it says', async ({ run: { command, output } }) => {
    const lines = await printed(command, await tokenFor('read:messages'));

    expect(lines.join('\n')).toBe(output);
  });

  test.each(languages)('$name reads the body of a refusal', async ({ run: { command } }) => {
    const lines = await printed(command, await tokenFor(''));

    expect(lines).toHaveLength(2);
    expect(lines).toContain('403');
    expect(lines).toContain(unwrapped(refusal?.trim() ?? ''));
  });

  test.each(languages)('$name reads why a token is of no use', async ({ run: { command } }) => {
    const lines = await printed(command, 'none');

    expect(lines).toHaveLength(2);
    expect(lines).toContain('401');
    expect(lines.join()).toContain('"code":"UNAUTHENTICATED"');
  });
});
