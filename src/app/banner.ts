import type { Configuration } from './configuration/configuration.ts';
import { graphqlPath } from './paths.ts';

/** The local issuer, as far as people are told of it. */
export interface IssuerForPeople {
  readonly issuer: string;
  readonly users: readonly { readonly name: string; readonly scopes: readonly string[] }[];
}

/**
 * What runs, and what to do with it: a line for the log in production, a page for people
 * elsewhere.
 */
export function describeStart(configuration: Configuration, local?: IssuerForPeople): string {
  const endpoint = `${configuration.publicUrl}${graphqlPath}`;
  const { issuer } = configuration;
  const issuers = issuer.kind === 'remote' ? issuer.issuers.join(', ') : (local?.issuer ?? '');
  if (configuration.environment === 'production') {
    return `GraphQL at ${endpoint}, with access tokens of ${issuers}`;
  }

  const port = configuration.port === 4000 ? '' : `PORT=${configuration.port} `;
  const entries: readonly Entry[] = [
    ['GraphQL', endpoint, `curl -g '${endpoint}?query={public{message}}'`],
    ['Issuer', issuers, `${port}npm run --silent token -- --scope read:messages`],
    ...(local?.users ?? []).map(({ name, scopes }): Entry => {
      const [field, scope] = furthest(scopes);
      const query = `${port}npm run --silent query -- '{ ${field} { message } }' --as ${name}`;
      return [name, scopes.join(' ') || 'no scopes', scope ? `${query} --scope ${scope}` : query];
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

/** The field of this API that asks the most of what somebody may do, and the scope it asks for. */
function furthest(scopes: readonly string[]): readonly [field: string, scope?: string] {
  if (scopes.includes('admin:write')) return ['admin', 'admin:write'];
  return scopes.includes('read:messages') ? ['privateScoped', 'read:messages'] : ['private'];
}
