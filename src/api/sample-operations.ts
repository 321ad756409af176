/**
 * Operations to try: one tab of GraphiQL each, in this order, named after the operation. One that
 * does not fit the schema is left out, and each root field that none of them selects gets one of
 * its own, so this list may be empty. Who is allowed to run an operation is written above it.
 */
export const sampleOperations: readonly string[] = [
  `query Public {
  public {
    message
    subject
  }
}
`,
  `query Private {
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
  `query Scoped {
  privateScoped {
    message
  }
}
`,
  `query Admin {
  admin {
    message
  }
}
`,
  `# A refused field is null, and an error says why.
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
  `# It ends when the access token ends.
subscription Clock {
  clock {
    time
    tokenEndsIn
  }
}
`,
];
