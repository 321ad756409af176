import type { GraphiQLOptions } from 'graphql-yoga';
import { graphqlPath } from '../paths.ts';

/** One tab for each field, and one for all of the query's, so that what is refused stands beside what is not. */
const tabs: readonly string[] = [
  `# For everybody. Run it: Ctrl+Enter.
query Public {
  public {
    message
    subject
  }
}
`,
  `# For everybody who has signed in.
query Private {
  private {
    message
    subject
  }
  viewer {
    subject
    scopes
    expiresAt
  }
}
`,
  `# For those with the scope read:messages:
# the manager, the administrator.
query Scoped {
  privateScoped {
    message
  }
}
`,
  `# For those with the scope admin:write:
# the administrator.
query Admin {
  admin {
    message
  }
}
`,
  `# Everybody gets what they may have.
# The rest is null, and errors say why.
query All {
  public {
    message
  }
  private {
    message
  }
  privateScoped {
    message
  }
  admin {
    message
  }
}
`,
  `# For everybody who has signed in,
# until their token ends.
subscription Clock {
  clock {
    time
    tokenEndsIn
  }
}
`,
];

/** GraphiQL's own options. They are written into a script as they are: nothing of a request may go in. */
export const graphiqlOptions: GraphiQLOptions = {
  endpoint: graphqlPath,
  // A token that somebody types is not for the browser to keep.
  shouldPersistHeaders: false,
  defaultTabs: tabs.map((query) => ({ query })),
};
