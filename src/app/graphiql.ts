import type { GraphiQLOptions } from 'graphql-yoga';
import { graphqlPath } from './paths.ts';

/** The page's options. They are written into a script as they are: nothing of a request may go in. */
export const graphiqlOptions: GraphiQLOptions = {
  title: 'graphql-resource-server',
  defaultTabs: [
    {
      query: '# Open to everybody.\nquery Public {\n  public {\n    message\n    subject\n  }\n}\n',
    },
    {
      query:
        '# Needs an access token: npm run --silent token\n# Paste it below, under Headers.\nquery Private {\n  private {\n    message\n    subject\n  }\n  viewer {\n    subject\n    scopes\n    expiresAt\n  }\n}\n',
      headers: '{\n  "Authorization": "Bearer TOKEN"\n}',
    },
    {
      query:
        '# Needs a scope: npm run --silent token -- --scope "read:messages"\nquery Scoped {\n  privateScoped {\n    message\n  }\n}\n',
      headers: '{\n  "Authorization": "Bearer TOKEN"\n}',
    },
    {
      query:
        '# Needs a scope: npm run --silent token -- --scope "admin:write"\nquery Admin {\n  admin {\n    message\n  }\n}\n',
      headers: '{\n  "Authorization": "Bearer TOKEN"\n}',
    },
  ],
};

/**
 * The page, self-contained: nothing of it comes from elsewhere. Loaded when it is first asked
 * for, as it takes some tens of megabytes of memory.
 */
export async function renderGraphiql(options?: GraphiQLOptions): Promise<string> {
  const { renderGraphiQL } = await import('@graphql-yoga/render-graphiql');
  return renderGraphiQL({ ...options, endpoint: graphqlPath });
}
