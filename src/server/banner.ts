import { type GraphQLSchema, OperationTypeNode, parse, stripIgnoredCharacters } from 'graphql';
import { anonymous, type Viewer } from '../authentication/viewer.ts';
import { listScopes } from '../authorization/review/access-rules.ts';
import { explainOperation } from '../authorization/review/explain-operation.ts';
import type { Configuration } from './configuration/configuration.ts';
import { derivedOperations } from './derived-operation.ts';
import { graphqlPath } from './paths.ts';
import { type UserWithScopes, viewerOf } from './test-users.ts';

/** What is there to be described, beside the settings. */
export interface StartDescription {
  /** The guarded schema: what can be tried follows from it. */
  readonly schema: GraphQLSchema;
  /** The local issuer, where one runs. */
  readonly local?:
    | { readonly issuer: string; readonly users: readonly UserWithScopes[] }
    | undefined;
}

/**
 * What runs, and what to do with it: a line for the log in production, a page for people
 * elsewhere.
 */
export function describeStart(
  configuration: Configuration,
  { schema, local }: StartDescription,
): string {
  const endpoint = `${configuration.publicUrl}${graphqlPath}`;
  const { issuer } = configuration;
  const issuers = issuer.kind === 'remote' ? issuer.issuers.join(', ') : (local?.issuer ?? '');
  if (configuration.environment === 'production') {
    return `GraphQL at ${endpoint}, with access tokens of ${issuers}`;
  }

  const port = configuration.port === 4000 ? '' : `PORT=${configuration.port} `;
  const users = local?.users ?? [];
  const choose = queryChooser(schema, users);
  const scope = users.find(({ scopes }) => scopes.length > 0)?.scopes[0] ?? listScopes(schema)[0];
  const token = `${port}npm run --silent token`;
  const entries: readonly Entry[] = [
    ['GraphQL', endpoint, `curl -g ${quote(`${endpoint}?query=${inUrl(choose(anonymous))}`)}`],
    ['Issuer', issuers, scope === undefined ? token : `${token} -- --scope ${quote(scope)}`],
    ...users.map((user): Entry => {
      const query = `${quote(choose(viewerOf(user, schema)))} --as ${quote(user.name)}`;
      const scopes = user.scopes.join(' ') || 'no scopes';
      return [user.name, scopes, `${port}npm run --silent query -- ${query}`];
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

/** What it is, where or what it is, and a line to paste. */
type Entry = readonly [name: string, value: string, command: string];

/** Queries that are looked at, at most, those of different rules first. */
const mostExamined = 50;

/**
 * Chooses for a viewer the query of one root field that requires the most of what they have: the
 * one that the fewest others are allowed to run, then the one with the most scopes. Where none is
 * allowed, the one that most are, so that its refusal can be seen. Mutations are never offered for pasting.
 */
function queryChooser(schema: GraphQLSchema, users: readonly UserWithScopes[]) {
  const everyone: readonly Viewer[] = [anonymous, ...users.map((user) => viewerOf(user, schema))];
  const queries = derivedOperations(schema)
    .filter(({ kind }) => kind === OperationTypeNode.QUERY)
    .slice(0, mostExamined)
    .flatMap(({ rule, text }) => {
      const query = text('line', 1);
      if (query === undefined) return [];
      const document = parse(query);
      const isAllowed = (viewer: Viewer): boolean =>
        explainOperation({ schema, document, viewer })?.selections.every(
          ({ verdict }) => verdict === 'allowed',
        ) ?? false;
      const allowed = everyone.filter(isAllowed).length;
      // A policy or an authentication class may refuse what scopes would allow.
      const isSure = rule.policy === undefined && rule.acr === undefined;
      const scopes = new Set(rule.scope?.join(' ').split(' ')).size;
      return [{ query, isAllowed, isSure, allowed, scopes }];
    })
    .sort((a, b) => a.allowed - b.allowed || b.scopes - a.scopes);
  return (viewer: Viewer): string =>
    queries.find(({ isAllowed, isSure }) => isSure && isAllowed(viewer))?.query ??
    queries.at(-1)?.query ??
    '{ __typename }';
}

/** A query as it stands in a URL that curl takes literally (`-g`). */
function inUrl(query: string): string {
  return stripIgnoredCharacters(query).replaceAll(
    /[^\w{}(),:.-]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  );
}

/** A word of a shell command. */
function quote(word: string): string {
  return /^[\w:./@-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
