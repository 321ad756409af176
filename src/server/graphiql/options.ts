import type { GraphiQLOptions } from 'graphql-yoga';
import { graphqlPath } from '../paths.ts';

/** GraphiQL's own options. They are written into a script as they are: nothing of a request may go in. */
export function graphiqlOptions(tabs: readonly string[]): GraphiQLOptions {
  return {
    endpoint: graphqlPath,
    // A token that somebody types is not for the browser to keep.
    shouldPersistHeaders: false,
    defaultTabs: tabs.map((query) => ({ query })),
  };
}
