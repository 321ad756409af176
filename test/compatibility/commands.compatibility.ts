import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { type InstalledProject, installProject } from './installed-project.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

let project: InstalledProject;
beforeAll(async () => {
  project = await installProject(['graphql@16.15.0']);
  await project.write('defined.graphql', `${authDirectives} type Query { notes: String @auth }`);
  await project.write(
    'schema.graphql',
    `type Query {
      open: String
      notes: String @auth(scope: "read:notes", policy: "owner")
    }`,
  );
  const code = `import { buildSchema, GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { authDirectives, guardSchema } from 'graphql-resource-server';

export const unguarded = buildSchema(\`\${authDirectives} type Query { notes: String @auth(policy: "owner") }\`);
export const schema = guardSchema(unguarded, { policies: { owner: () => true } });
export const open = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { open: { type: GraphQLString } } }),
});
`;
  await project.write('schema.js', code);
  await project.write('schema.ts', `${code}const typed: string = 'typed';\nexport { typed };\n`);
});
afterAll(() => project.remove());

const command = (words: readonly string[], variables: Readonly<Record<string, string>> = {}) =>
  project.run('node_modules/.bin/graphql-resource-server', words, variables);

describe('access and explain', () => {
  it.each([
    [['access'], 0, /Query\.notes .*@auth\(scope: "read:notes", policy: "owner"\)/],
    [['access', '--schema', 'defined.graphql'], 0, /Query\.notes .*@auth/],
    [['access', '--module', 'schema.js'], 0, /Query\.notes .*@auth\(policy: "owner"\)/],
    [['access', '--module', './schema.js#unguarded'], 0, /Query\.notes .*@auth\(policy: "owner"\)/],
    [['access', '--html', '--viewer', 'reader=read:notes'], 0, /<span>reader<\/span>/],
    [['access', '--help'], 0, /npx graphql-resource-server access/],
    [['explain', '{ open notes }'], 1, /refused +notes/],
    [['explain', '{ open notes }', '--scope', 'read:notes'], 0, /allowed +notes/],
    [['explain', '{ notes }', '--module', 'schema.js'], 1, /refused +notes/],
  ])('%j', async (words, code, stdout) => {
    expect(await command(words)).toEqual({
      code,
      stdout: expect.stringMatching(stdout),
      stderr: '',
    });
  });

  it.each([
    [[], /^No command\. Choose one: access, documents, doctor, explain, query, token\./],
    [['accesses'], /^Unknown command\. Choose one: access/],
    [['access', '--schema', 'none.graphql'], /^none\.graphql cannot be read\. .* --module\.\n$/],
    [['access', '--module', 'none.js'], /^none\.js cannot be imported: Cannot find module/],
    [
      ['access', '--module', 'schema.js#missing'],
      /^schema\.js does not export a GraphQLSchema as missing\. It exports open, schema, unguarded\./,
    ],
    [['access', '--module', 'schema.js#open'], /no @auth was found/],
    [['access', '--module', 'schema.js', '--schema', 'schema.graphql'], /^Choose one: --schema or/],
  ])('%j is a problem in one line', async (words, stderr) => {
    const outcome = await command(words);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toMatch(stderr);
  });

  it('doctor explains a reason', async () => {
    const outcome = await command(['doctor', '--reason', 'token_audience']);
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toMatch(/^token_audience\n\n- Cause\. aud does not name this API\./);
  });

  it('saves and compares a baseline', async () => {
    const saved = await command(['access', '--json']);
    await project.write('access.json', saved.stdout);
    expect(await command(['access', '--check', 'access.json'])).toMatchObject({ code: 0 });
    await project.write('strict.json', saved.stdout.replace('"public"', '"authenticated"'));
    const { stderr } = await command(['access', '--check', 'strict.json']);
    expect(stderr).toContain('npx graphql-resource-server access --json > strict.json');
  });

  it('takes TypeScript, or says how', async () => {
    const words = ['access', '--module', 'schema.ts'];
    const alone = await command(words);
    if (alone.code !== 0) expect(alone.stderr).toMatch(/^schema\.ts is TypeScript, .*--import tsx/);
    const tsx = `${root}node_modules/tsx/dist/loader.mjs`;
    const outcome = await command(words, { NODE_OPTIONS: `--import ${tsx}` });
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toContain('Query.notes');
  });
});

describe('token and query', () => {
  it('sends a given token without any other package', async () => {
    const server = createServer(async (request, response) => {
      const { query } = JSON.parse(await text(request));
      const { authorization } = request.headers;
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ data: { query, authorization } }));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}/graphql`;
    const outcome = await command(['query', '{ open }', '--token', 'T', '--endpoint', endpoint]);
    server.close();
    expect(outcome).toMatchObject({ code: 0, stderr: '' });
    expect(outcome.stdout).toContain('"authorization": "Bearer T"');
  });

  const settings = {
    OIDC_ISSUER: 'http://127.0.0.1:9/',
    OIDC_AUDIENCE: 'https://api',
    AUTH0_CLIENT_ID: 'client',
    AUTH0_CLIENT_SECRET: 'secret',
  };
  it.each<[readonly string[], Readonly<Record<string, string>>, string]>([
    [['token'], {}, 'To request tokens, set OIDC_ISSUER (or AUTH0_DOMAIN), '],
    [['token', '--as', 'guest'], settings, '--as and --lifetime require the local issuer'],
    [
      ['token'],
      settings,
      'Requesting a token requires the package openid-client, which is not installed. Install it: npm install openid-client\n',
    ],
    [
      ['query', '{ open }', '--dpop'],
      settings,
      '--dpop requires the package dpop, which is not installed. Install it: npm install dpop\n',
    ],
  ])('%j says what is missing', async (words, variables, message) => {
    const outcome = await command(words, variables);
    expect(outcome).toMatchObject({ code: 2, stdout: '' });
    expect(outcome.stderr).toContain(message);
    expect(outcome.stderr.trim().split('\n')).toHaveLength(1);
  });
});
