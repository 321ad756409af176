import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { buildSchema, parse, validate } from 'graphql';
import * as client from 'openid-client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asMachine, type IssuerFixture, startIssuer } from '../dev/issuer-fixture.ts';
import { type LocalServer, startLocalServer } from '../support/local-server.ts';
import { bodyIn, exampleOf } from './calling-example.ts';
import { callLanguages } from './calling-languages.ts';
import { unwrapped } from './console-block.ts';
import { blocksOf, plain, readDocument, sectionOf, tableRows } from './markdown.ts';

const document = readDocument('docs/calling.md');
const run = promisify(execFile);

describe('docs/calling.md', () => {
  test('says of each language whether its example is run here', () => {
    const rows = tableRows(sectionOf(document, 'Calling the API')).map((row) => row.map(plain));

    expect(rows.map(([name, , checked]) => [name, checked])).toEqual(
      callLanguages.map(({ name, isRun }) => [name, isRun ? 'run' : 'form only']),
    );
  });

  test('gets its token as the README does', () => {
    const [first] = blocksOf(document);

    expect(readDocument('README.md')).toContain(first?.text.replace('export ', '$ '));
  });

  test('is reached from the README, and leads back to what is there', () => {
    const links = [...document.matchAll(/\]\(([^)]+)\)/g)].map(([, link]) => link);

    expect(readDocument('README.md')).toContain('](docs/calling.md)');
    expect(links).toEqual(['../README.md#answers', 'dpop.md']);
    expect(readDocument('docs/dpop.md')).toContain('Authorization: DPoP');
    expect(sectionOf(readDocument('README.md'), 'Answers')).toContain('FORBIDDEN');
  });
});

describe.each(callLanguages)('the form of the example in $name', ({ name, imports, library }) => {
  const { code, run: command } = exampleOf(document, name);

  test('has an operation of this schema as JSON', () => {
    const body = bodyIn(code);

    expect(body).toEqual({ query: '{ privateScoped { message } }' });
    const schema = buildSchema(readDocument('schema.graphql'));
    expect(validate(schema, parse('{ privateScoped { message } }'))).toEqual([]);
  });

  test('has the URL, the token and the type of the body', () => {
    expect(code).toContain('http://localhost:4000/graphql');
    expect(code).toContain('Authorization');
    expect(code).toMatch(/\bBearer\b/);
    expect(code).toMatch(/\bTOKEN\b/);
    expect(code).toContain('application/json');
  });

  test('needs nothing but what the language brings along', () => {
    expect([...code.matchAll(imports)].map(([, imported]) => imported)).toEqual(library);
  });

  test('prints the status and the body', () => {
    expect(command.output.split('\n').sort()).toEqual([
      '200',
      '{"data":{"privateScoped":{"message":"Hello from a field for those who may read messages."}}}',
    ]);
  });
});

describe('run', { timeout: 60_000 }, () => {
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
