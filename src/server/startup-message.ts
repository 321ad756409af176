import { type GraphQLSchema, OperationTypeNode, parse, stripIgnoredCharacters } from 'graphql';
import { anonymous, type Viewer } from '../authentication/viewer.ts';
import { listScopes } from '../authorization/review/access-rules.ts';
import { explainOperation } from '../authorization/review/explain-operation.ts';
import { describeDatabase } from '../database/database-url.ts';
import type { Configuration } from './configuration/configuration.ts';
import { derivedOperations } from './derived-operations.ts';
import { graphqlPath } from './http/paths.ts';
import { testUserViewer, type UserWithScopes } from './test-users.ts';

/** What the message describes, besides the settings. */
export interface StartupDetails {
  /** The guarded schema; the sample queries are derived from it. */
  readonly schema: GraphQLSchema;
  /** The test users of the local issuer, if it runs. */
  readonly testUsers?: readonly UserWithScopes[] | undefined;
}

/**
 * Formats what is running: in production one line for the log, otherwise an overview with commands
 * to paste.
 */
export function formatStartupMessage(
  configuration: Configuration,
  { schema, testUsers = [] }: StartupDetails,
): string {
  const { database } = configuration;
  const endpoint = `${configuration.publicUrl}${graphqlPath}`;
  const issuers = configuration.issuer.issuers.map(({ issuer }) => issuer).join(', ');
  if (configuration.environment === 'production') {
    const data = database ? `, with data in ${describeDatabase(database.url)}` : '';
    return `GraphQL at ${endpoint}, accepting access tokens from ${issuers}${data}`;
  }

  const port = configuration.port === 4000 ? '' : `PORT=${configuration.port} `;
  const sampleQueryFor = sampleQueries(schema, testUsers);
  const documentId = sampleDocument(configuration);
  const scope =
    testUsers.find(({ scopes }) => scopes.length > 0)?.scopes[0] ?? listScopes(schema)[0];
  const token = `${port}npm run --silent token`;
  const entries: readonly Entry[] = [
    [
      'GraphQL',
      endpoint,
      documentId === undefined
        ? `curl -g ${quote(`${endpoint}?query=${toQueryParameter(sampleQueryFor(anonymous))}`)}`
        : `curl ${quote(`${endpoint}?documentId=${documentId}`)}`,
    ],
    ['Issuer', issuers, scope === undefined ? token : `${token} -- --scope ${quote(scope)}`],
    ...(database
      ? [['Data', describeDatabase(database.url), 'npm run --silent migrate -- --list'] as const]
      : []),
    ...testUsers.map((user): Entry => {
      const query = `${quote(sampleQueryFor(testUserViewer(user, schema)))} --as ${quote(user.name)}`;
      const scopes = user.scopes.join(' ') || 'no scopes';
      const command =
        documentId === undefined
          ? `${port}npm run --silent query -- ${query}`
          : `${token} -- --as ${quote(user.name)}`;
      return [user.name, scopes, command];
    }),
  ];
  const width = Math.max(...entries.map(([name]) => name.length));
  const lines = entries.flatMap(([name, value, command]) => [
    `${name.padEnd(width)}  ${value}`,
    `${' '.repeat(width)}  ${command}`,
  ]);
  const graphiql = configuration.graphiql ? `\nOpen ${endpoint} in a browser for GraphiQL.\n` : '';
  return `\n${lines.join('\n')}\n${graphiql}\n`;
}

/** The document to try where text is not run; undefined where it is. */
function sampleDocument({ trustedDocuments }: Configuration): string | undefined {
  if (trustedDocuments?.mode !== 'only') return undefined;
  const { entries } = trustedDocuments;
  return entries.find(({ members }) => members['type'] === 'query')?.id ?? 'sha256:HASH';
}

/** A name, its value, and a command to paste. */
type Entry = readonly [name: string, value: string, command: string];

/** Bounds the work for a schema with many root fields; those with different rules come first. */
const maxExaminedQueries = 50;

/**
 * Returns a function that picks a query of one root field for a viewer: of those that the viewer can
 * run, the one that the fewest other viewers can run, then the one with the most scopes. If the
 * viewer can run none, it picks the most accessible one. Mutations are never offered for pasting.
 */
function sampleQueries(schema: GraphQLSchema, users: readonly UserWithScopes[]) {
  const viewers: readonly Viewer[] = [
    anonymous,
    ...users.map((user) => testUserViewer(user, schema)),
  ];
  const queries = derivedOperations(schema)
    .filter(({ kind }) => kind === OperationTypeNode.QUERY)
    .slice(0, maxExaminedQueries)
    .flatMap(({ rule, text }) => {
      const query = text('line', 1);
      if (query === undefined) return [];
      const document = parse(query);
      const isAllowed = (viewer: Viewer): boolean =>
        explainOperation({ schema, document, viewer })?.selections.every(
          ({ verdict }) => verdict === 'allowed',
        ) ?? false;
      const allowed = viewers.filter(isAllowed).length;
      // A policy or an authentication class can deny what the scopes allow.
      const isDecidable = rule.policy === undefined && rule.acr === undefined;
      const scopes = new Set(rule.scope?.join(' ').split(' ')).size;
      return [{ query, isAllowed, isDecidable, allowed, scopes }];
    })
    .sort((a, b) => a.allowed - b.allowed || b.scopes - a.scopes);
  return (viewer: Viewer): string =>
    queries.find(({ isAllowed, isDecidable }) => isDecidable && isAllowed(viewer))?.query ??
    queries.at(-1)?.query ??
    '{ __typename }';
}

/** Encodes a query for a URL that curl does not expand (`-g`). */
function toQueryParameter(query: string): string {
  return stripIgnoredCharacters(query).replaceAll(
    /[^\w{}(),:.-]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** Quotes an argument of a shell command where necessary. */
function quote(word: string): string {
  return /^[\w:./@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
