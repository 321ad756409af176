import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { documentIdOf } from '../../../src/trusted-documents/document-id.ts';
import { type ManifestFile, writeManifest } from '../../support/trusted-documents.ts';
import {
  graphql,
  json,
  type ServedBy,
  sendTwice,
  startTwoFronts,
  type TwoFronts,
} from './two-fronts.ts';

const open = 'query Open { public { message } }';
const mixed = 'query Mixed { public { message } private { message } }';
const echo = 'query Echo($text: String) { echo(text: $text) seen(what: "context") }';
const count = 'mutation Count { count }';
const countFor = 'mutation CountFor { countFor }';
const subscribe = 'subscription Watch { public }';
const bad = 'query Bad { text(what: "throw") public { message } }';

let manifest: ManifestFile;
const fronts = new Map<'also' | 'only', TwoFronts>();
beforeAll(async () => {
  manifest = writeManifest(open, mixed, echo, count, countFor, subscribe, bad);
  for (const mode of ['also', 'only'] as const) {
    const environment = { TRUSTED_DOCUMENTS: manifest.file, TRUSTED_DOCUMENTS_MODE: mode };
    fronts.set(mode, await startTwoFronts({ environment }));
  }
});
afterAll(async () => {
  for (const one of fronts.values()) await one.stop();
  manifest.remove();
});

const hash = (text: string): string => documentIdOf(text).slice('sha256:'.length);
const byId = (text: string, rest: object = {}) => ({ documentId: documentIdOf(text), ...rest });
const persisted = (sha256Hash: unknown, version: unknown = 1) => ({
  extensions: { persistedQuery: { version, sha256Hash } },
});
const byApollo = (text: string, rest: object = {}) => ({ ...persisted(hash(text)), ...rest });

const unknown = `sha256:${'a'.repeat(64)}`;
const anyone = undefined;
const viewer = { scope: '' };
const admin = { scope: 'admin:write' };

type Row = readonly [
  name: string,
  body: object,
  claims: Readonly<Record<string, unknown>> | undefined,
  statusOfJson: number,
  statusOfGraphql: number,
  servedBy: ServedBy,
  /** What the response contains. */
  part: string,
];

const inBoth: readonly Row[] = [
  ['a documentId', byId(open), anyone, 200, 200, 'listener', '"message":'],
  [
    'a hash without its prefix',
    { documentId: hash(open) },
    anyone,
    200,
    200,
    'listener',
    '"public"',
  ],
  ['the form of Apollo', byApollo(open), anyone, 200, 200, 'listener', '"public"'],
  ['both forms', { ...byApollo(open), ...byId(open) }, anyone, 200, 200, 'listener', '"public"'],
  ['an empty query', byId(open, { query: '' }), anyone, 200, 200, 'listener', '"public"'],
  ['a query of null', byId(open, { query: null }), anyone, 200, 200, 'listener', '"public"'],
  ['its name', byId(open, { operationName: 'Open' }), anyone, 200, 200, 'listener', '"public"'],
  ['another name', byId(open, { operationName: 'Other' }), anyone, 400, 400, 'Yoga', 'errors'],
  ['variables', byId(echo, { variables: { text: 'hi' } }), anyone, 200, 200, 'listener', 'hi'],
  [
    'variables that do not fit',
    byId(echo, { variables: { text: 1 } }),
    anyone,
    400,
    400,
    'Yoga',
    '$text',
  ],
  ['a viewer', byId(mixed), viewer, 200, 200, 'listener', '"private":{'],
  ['a part that is refused', byId(mixed), anyone, 200, 200, 'listener', 'UNAUTHENTICATED'],
  ['a mutation', byId(count), anyone, 200, 200, 'listener', '"count"'],
  ['a mutation that is refused', byId(countFor), viewer, 403, 403, 'listener', 'admin:write'],
  ['a mutation that is allowed', byId(countFor), admin, 200, 200, 'listener', '"countFor"'],
  ['a field that fails', byId(bad), anyone, 200, 200, 'Yoga', 'Unexpected error'],
  [
    'other extensions',
    byApollo(open, { extensions: { ...persisted(hash(open)).extensions, a: 1 } }),
    anyone,
    200,
    200,
    'listener',
    '"public"',
  ],
  [
    'an unknown member, which has no effect',
    byId(open, { other: 1 }),
    anyone,
    200,
    200,
    'Yoga',
    '"public"',
  ],
  [
    'a documentId that is a number',
    { documentId: 1 },
    anyone,
    400,
    400,
    'Yoga',
    'documentId must be a string',
  ],
  [
    'two documents',
    { ...byApollo(mixed), ...byId(open) },
    anyone,
    400,
    400,
    'Yoga',
    'the same document',
  ],
  ['another version', persisted(hash(open), 2), anyone, 400, 400, 'Yoga', 'version 1'],
  ['a hash that is not text', persisted(1), anyone, 400, 400, 'Yoga', 'sha256Hash'],
  ['nothing', {}, anyone, 400, 400, 'Yoga', 'BAD_REQUEST'],
  ['nothing but variables', { variables: {} }, anyone, 400, 400, 'Yoga', 'BAD_REQUEST'],
];

const withText: readonly Row[] = [
  ['text', { query: open }, anyone, 200, 200, 'listener', '"public"'],
  [
    'text with the hash of another',
    { ...byApollo(mixed), query: open },
    anyone,
    200,
    200,
    'listener',
    '"public"',
  ],
  [
    'an unknown documentId',
    { documentId: unknown },
    anyone,
    200,
    400,
    'Yoga',
    'PERSISTED_QUERY_NOT_FOUND',
  ],
  [
    'an unknown hash',
    persisted('b'.repeat(64)),
    anyone,
    200,
    400,
    'Yoga',
    'PersistedQueryNotFound',
  ],
  [
    'a name of Object.prototype',
    { documentId: '__proto__' },
    anyone,
    200,
    400,
    'Yoga',
    'PERSISTED_QUERY_NOT_FOUND',
  ],
];

const withoutText: readonly Row[] = [
  ['text', { query: open }, anyone, 200, 400, 'Yoga', 'PERSISTED_QUERY_ID_REQUIRED'],
  [
    'text beside its own hash',
    byApollo(open, { query: open }),
    anyone,
    200,
    400,
    'Yoga',
    'PERSISTED_QUERY_ID_REQUIRED',
  ],
  ['text of a viewer', { query: open }, viewer, 200, 400, 'Yoga', 'PERSISTED_QUERY_ID_REQUIRED'],
  [
    'introspection',
    { query: '{ __schema { queryType { name } } }' },
    anyone,
    200,
    400,
    'Yoga',
    'PERSISTED_QUERY_ID_REQUIRED',
  ],
  [
    'an unknown documentId',
    { documentId: unknown },
    anyone,
    200,
    400,
    'Yoga',
    'PERSISTED_QUERY_NOT_IN_LIST',
  ],
  [
    'an unknown hash',
    persisted('b'.repeat(64)),
    anyone,
    200,
    400,
    'Yoga',
    'PERSISTED_QUERY_NOT_IN_LIST',
  ],
];

describe.each([
  ['also', [...inBoth, ...withText]],
  ['only', [...inBoth, ...withoutText]],
] as const)('trusted documents, mode %s', (mode, rows) => {
  it.each(rows)('%s', async (_name, body, claims, asJson, asGraphql, servedBy, part) => {
    const both = fronts.get(mode);
    if (both === undefined) throw new Error('Not started.');
    const one = await sendTwice(both, body, { claims, accept: json });
    const other = await sendTwice(both, body, { claims, accept: graphql });
    expect([one.status, other.status, one.servedBy, other.servedBy]).toEqual([
      asJson,
      asGraphql,
      servedBy,
      servedBy,
    ]);
    expect(one.text).toContain(part);
  });
});
