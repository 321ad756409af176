/** Tabs of GraphiQL; see `ApiDefinition.sampleOperations`. */
export const sampleOperations: readonly string[] = [
  `# A page of what you can see, newest first. For the next one: after: "endCursor".
query Messages {
  messages(first: 10) {
    totalCount
    edges {
      node {
        id
        author
        text
        visibility
        postedAt
        editedAt
      }
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
`,
  `# Sent again with the same key, it posts nothing new.
mutation PostMessage {
  postMessage(text: "Hello!", visibility: PUBLIC, idempotencyKey: "my-first-message") {
    id
    author
    text
    postedAt
  }
}
`,
  `# For the author, or with write:messages.
mutation EditMessage($id: ID!) {
  editMessage(id: $id, text: "Hello again!") {
    id
    text
    editedAt
  }
}
`,
  `mutation DeleteMessage($id: ID!) {
  deleteMessage(id: $id)
}
`,
  `# Each message from now on. Post one in another window.
subscription MessagePosted {
  messagePosted {
    author
    text
    postedAt
  }
}
`,
];
