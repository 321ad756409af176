import type { Configuration } from './configuration.ts';
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

  const rows: [string, string, string][] = [
    ['GraphQL', endpoint, `curl -s '${endpoint}' --json '{"query":"{ public { message } }"}'`],
    ['Issuer', issuers, 'npm run --silent token -- --scope "read:messages"'],
  ];
  for (const { name, scopes } of local?.users ?? []) {
    const may = scopes.length > 0 ? scopes.join(' ') : 'nothing';
    const field = scopes.includes('admin:write')
      ? 'admin { message }'
      : scopes.includes('read:messages')
        ? 'privateScoped { message }'
        : 'private { message }';
    const scope = scopes.length > 0 ? ` --scope "${scopes.join(' ')}"` : '';
    rows.push([name, `may ${may}`, `npm run query -- '{ ${field} }' --as ${name}${scope}`]);
  }
  const [first, second] = [0, 1].map((column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  const graphiql = configuration.graphiql ? `\nOpen ${endpoint} in a browser for GraphiQL.\n` : '';
  return `\n${rows
    .map(
      ([what, value, line]) => `${what.padEnd(first ?? 0)}  ${value.padEnd(second ?? 0)}  ${line}`,
    )
    .join('\n')}\n${graphiql}\n`;
}
