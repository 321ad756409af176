import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gql, InMemoryCache } from '@apollo/client';
import { parse, print } from 'graphql';
import { createSchema, createYoga } from 'graphql-yoga';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { documentsCommand } from '../../src/cli/documents-command.ts';
import { documentIdOf } from '../../src/trusted-documents/document-id.ts';
import { runInProcess } from '../cli/run-in-process.ts';
import { startTestServer, type TestServer } from '../support/server.ts';
import { writeManifest } from '../support/trusted-documents.ts';
import { commandsOf } from './console-block.ts';
import { createClient } from './examples/trusted-documents-apollo.ts';
import { createUrqlClient } from './examples/trusted-documents-urql.ts';
import { useManifest } from './examples/trusted-documents-yoga.ts';
import { blocksOf, readDocument } from './markdown.ts';

const blocks = blocksOf(readDocument('docs/trusted-documents.md'));
const [source] = blocks.filter(({ language }) => language === 'graphql');
const [entry, ...bodies] = blocks.filter(({ language }) => language === 'json');
const [command] = blocks
  .filter(({ language }) => language === 'console')
  .flatMap(({ text }) => commandsOf(text));

let folder: string;
let manifest: string;
let printed: string;
let server: TestServer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'documents-'));
  manifest = join(folder, 'trusted-documents.json');
  const file = join(folder, 'src/greetings.graphql');
  await mkdir(dirname(file));
  await writeFile(file, source?.text ?? '');
  const { stdout, stderr } = await runInProcess(documentsCommand, {
    folder,
    arguments: [join(folder, 'src/**/*.graphql'), '--out', manifest],
  });
  printed = stdout + stderr;
  server = await startTestServer({ TRUSTED_DOCUMENTS: manifest, TRUSTED_DOCUMENTS_MODE: 'only' });
});
afterAll(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

it('the command prints what is shown', () => {
  expect(command?.command).toBe("npm run --silent documents -- 'src/**/*.graphql'");
  expect(printed.trim()).toBe(command?.output.trim());
});

it('the entry is that of the manifest', async () => {
  const { documents } = JSON.parse(await readFile(manifest, 'utf8'));
  expect(Object.values(documents)[1]).toEqual(JSON.parse(entry?.text ?? ''));
});

it.each([0, 1])('body %i is accepted', async (index) => {
  const response = await fetch(server.endpoint, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: bodies[index]?.text ?? '',
  });
  expect(await response.json()).toEqual({
    data: { public: { message: 'Hello from a public field: no access token needed.' } },
  });
});

it('Apollo Client sends hashes', async () => {
  const query = gql('query Ada { public { message } }');
  const { file, remove } = writeManifest(print(new InMemoryCache().transformDocument(query)));
  const strict = await startTestServer({ TRUSTED_DOCUMENTS: file, TRUSTED_DOCUMENTS_MODE: 'only' });
  const { data } = await createClient(strict.endpoint).query({ query });
  expect(data).toMatchObject({ public: { message: expect.any(String) } });
  await strict.stop();
  remove();
});

it('urql sends the hashes of GraphQL Code Generator', async () => {
  const text = 'query Ada { public { message } }';
  const { file, remove } = writeManifest(text);
  const strict = await startTestServer({ TRUSTED_DOCUMENTS: file, TRUSTED_DOCUMENTS_MODE: 'only' });
  const hash = documentIdOf(text).slice('sha256:'.length);
  const client = createUrqlClient(strict.endpoint);
  const ask = async (meta: object) => client.query({ ...parse(text), ...meta }, {}).toPromise();
  expect((await ask({ __meta__: { hash } })).data).toMatchObject({
    public: { message: expect.any(String) },
  });
  await strict.stop();
  remove();
});

it('Yoga runs the documents of a manifest', async () => {
  const text = 'query Hi { hi }';
  const { file, remove } = writeManifest(text);
  const yoga = createYoga({
    schema: createSchema({ typeDefs: 'type Query { hi: String }' }),
    plugins: [useManifest(file)],
    logging: false,
  });
  const [id = ''] = Object.keys(JSON.parse(await readFile(file, 'utf8')).documents);
  remove();
  const post = async (body: object) => {
    const response = await yoga.fetch('http://localhost/graphql', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
    return response.text();
  };
  const persistedQuery = { version: 1, sha256Hash: id.slice('sha256:'.length) };
  expect(await post({ extensions: { persistedQuery } })).toBe('{"data":{"hi":null}}');
  expect(await post({ query: text })).toContain('errors');
});
