import { graphql, type ResultOf, type VariablesOf } from 'gql.tada';

// The types come from schema.d.ts: a field that the schema does not have is an error of the compiler.

export const publicQuery = graphql(`
  query Public {
    public { message subject }
  }
`);

export const privateQuery = graphql(`
  query Private {
    private { message subject }
  }
`);

export const scopedQuery = graphql(`
  query Scoped {
    privateScoped { message subject }
  }
`);

export const adminQuery = graphql(`
  query Admin {
    admin { message subject }
  }
`);

export const allQuery = graphql(`
  query All {
    public { message subject }
    private { message subject }
    privateScoped { message subject }
    admin { message subject }
  }
`);

const messageFields = graphql(`
  fragment MessageFields on Message @_unmask {
    id
    author
    text
    visibility
    postedAt
    editedAt
  }
`);

export const listMessages = graphql(
  `
    query Messages($first: Int, $after: String) {
      messages(first: $first, after: $after) {
        edges { node { ...MessageFields } }
        pageInfo { endCursor hasNextPage }
        totalCount
      }
    }
  `,
  [messageFields],
);

export const postMessage = graphql(
  `
    mutation PostMessage($text: String!, $visibility: MessageVisibility, $idempotencyKey: ID) {
      postMessage(text: $text, visibility: $visibility, idempotencyKey: $idempotencyKey) {
        ...MessageFields
      }
    }
  `,
  [messageFields],
);

export const editMessage = graphql(
  `
    mutation EditMessage($id: ID!, $text: String, $visibility: MessageVisibility) {
      editMessage(id: $id, text: $text, visibility: $visibility) {
        ...MessageFields
      }
    }
  `,
  [messageFields],
);

export const deleteMessage = graphql(`
  mutation DeleteMessage($id: ID!) {
    deleteMessage(id: $id)
  }
`);

/** Newly posted messages, also the user's own. */
export const messagePosted = graphql(
  `
    subscription MessagePosted {
      messagePosted {
        ...MessageFields
      }
    }
  `,
  [messageFields],
);

/** The time, every second. */
export const clock = graphql(`
  subscription Clock {
    clock { time tokenEndsIn }
  }
`);

export type Message = ResultOf<typeof messageFields>;

/** What the user can write about a message. */
export type Draft = Required<Pick<VariablesOf<typeof postMessage>, 'text'>> & {
  readonly visibility: Message['visibility'];
};
