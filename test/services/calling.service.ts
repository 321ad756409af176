import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  type CallExample,
  callExamples,
  callingDocument,
} from '../documentation/calling-examples.ts';
import { unwrapped } from '../documentation/console-block.ts';
import { blocksOf } from '../documentation/markdown.ts';
import { asMachine, type IssuerFixture, startIssuer } from '../local-issuer/issuer-fixture.ts';
import { type LocalServer, startLocalServer } from '../support/local-server.ts';

const run = promisify(execFile);

// Go compiles its library the first time.
describe('the calls of docs/calling.md', { timeout: 120_000 }, () => {
  let issuer: IssuerFixture;
  let server: LocalServer;
  beforeAll(async () => {
    issuer = await startIssuer();
    server = await startLocalServer(issuer);
  });
  afterAll(async () => {
    await server?.stop();
    await issuer?.close();
  });

  const refusal = blocksOf(callingDocument).find(({ heading }) => heading === 'What comes back');

  const toServer = (text: string) =>
    text.replaceAll('http://localhost:4000/graphql', server.endpoint);

  async function tokenFor(scope: string): Promise<string> {
    const machine = await asMachine(issuer.issuer);
    return (await client.clientCredentialsGrant(machine, { scope })).access_token;
  }

  /** The lines that an example prints with a token; of curl, the body comes first. */
  async function outputOf(example: CallExample, token: string): Promise<readonly string[]> {
    const { program, run: documented, debianPackage } = example;
    if (program) await writeFile(join(issuer.folder, program.file), toServer(program.code));
    const command = toServer(documented.command);
    const [executable] = command.split(' ');
    const install = `echo '${executable} is not installed. Run apt-get install ${debianPackage}' >&2`;
    const { stdout } = await run(
      'bash',
      ['-c', `command -v ${executable} >/dev/null || { ${install}; exit 1; }\n${command}`],
      {
        cwd: issuer.folder,
        env: {
          PATH: process.env['PATH'],
          // Go's build cache goes here as well.
          HOME: issuer.folder,
          TOKEN: token,
          // A program that runs once gains nothing from optimization.
          JDK_JAVA_OPTIONS: '-XX:TieredStopAtLevel=1',
          // Go downloads nothing: neither modules nor another version of itself.
          GOPROXY: 'off',
          GOTOOLCHAIN: 'local',
        },
      },
    );
    return stdout.trim().split('\n');
  }

  describe.each(callExamples)('$name', (example) => {
    test('prints what is shown', async () => {
      const lines = await outputOf(example, await tokenFor('read:messages'));

      expect(lines.join('\n')).toBe(example.run.output);
    });

    test('reads the body of a 403 response', async () => {
      const lines = await outputOf(example, await tokenFor(''));

      expect(lines).toHaveLength(2);
      expect(lines).toContain('403');
      expect(lines).toContain(unwrapped(refusal?.text.trim() ?? ''));
    });

    test('reads the body of a 401 response', async () => {
      const lines = await outputOf(example, 'none');

      expect(lines).toHaveLength(2);
      expect(lines).toContain('401');
      expect(lines.join()).toContain('"code":"UNAUTHENTICATED"');
    });
  });
});
