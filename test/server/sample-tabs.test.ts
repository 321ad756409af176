import { parse, validate } from 'graphql';
import { describe, expect, it } from 'vitest';
import { listScopes } from '../../src/authorization/review/access-rules.ts';
import { sampleTabs } from '../../src/server/sample-tabs.ts';
import { resolveTestUsers } from '../../src/server/test-users.ts';
import { sampleOperations, testUsers } from '../fixture/index.ts';
import { bookshop, guarded } from '../support/bookshop.ts';
import { buildFixtureApi } from '../support/fixture-api.ts';

const namesOf = (tabs: readonly string[]) =>
  tabs.map((text) => /^(?:query|mutation|subscription) \w+/m.exec(text)?.[0]);

function tabsOf(typeDefs: string, samples: readonly string[] = sampleOperations) {
  const schema = guarded(typeDefs);
  return sampleTabs(schema, samples, resolveTestUsers(testUsers, listScopes(schema)));
}

describe('the tabs of GraphiQL', () => {
  it('are the samples of this API, each with who is allowed to run it', () => {
    const api = buildFixtureApi();
    const tabs = sampleTabs(api.schema, api.sampleOperations, api.testUsers);

    expect(namesOf(tabs)).toEqual([
      'query Public',
      'query Private',
      'query Scoped',
      'query Admin',
      'query All',
      'subscription Clock',
    ]);
    expect(tabs.map((text) => text.split(/^(?:query|subscription)/m)[0])).toEqual([
      '# Run it: Ctrl+Enter.\n# No access token required.\n',
      '# Requires an access token.\n# Test users: manager, administrator, guest.\n',
      '# Requires the scope read:messages.\n# Test users: manager, administrator.\n',
      '# Requires the scope admin:write.\n# Test users: administrator.\n',
      '# In part public; all of it requires the scopes read:messages admin:write.\n# Test users: administrator.\n# A refused field is null, and an error says why.\n',
      '# Requires an access token.\n# Test users: manager, administrator, guest.\n# It ends when the access token ends.\n',
    ]);
  });

  it('speak of a schema of which no sample knows anything', () => {
    expect(tabsOf(bookshop)).toEqual([
      `# Run it: Ctrl+Enter.
# Requires the scope books:read.
# Test users: manager, administrator.
query Books {
  books {
    id
    title
  }
}
`,
      `# Requires an access token.
# Test users: manager, administrator, guest.
query Book {
  book(id: 1, kind: NOVEL) {
    id
    title
  }
}
`,
      `# No access token required.
query News {
  news
}
`,
      `# Requires the scope books:write.
# Test users: administrator.
mutation AddBook {
  addBook(book: {title: "text", pages: 1, tags: []}) {
    id
    title
  }
}
`,
    ]);
  });

  it('are the samples that fit, and what none of them selects', () => {
    const typeDefs =
      'type Query { public: Greeting, books: String @auth(scope: "books:read") } type Greeting { message: String, subject: ID }';

    expect(namesOf(tabsOf(typeDefs))).toEqual(['query Public', 'query Books']);
  });

  it.each([
    ['a syntax error', 'query {'],
    ['nothing', ''],
    ['a field that is not there', '{ gone }'],
    ['two operations', 'query A { news } query B { news }'],
    ['a type system definition', 'type A { b: String }'],
    ['a root type that is not there', 'subscription S { any }'],
    ['too many brackets', '{'.repeat(100_000)],
  ])('leave out a sample with %s', (_case, sample) => {
    const typeDefs = 'type Query { news: String, a: Int @auth }';

    expect(namesOf(tabsOf(typeDefs, [sample]))).toEqual(['query News', 'query A']);
  });

  it.each([
    ['a union', 'type Query { a: U } union U = T type T { b: Int }', '{ a { __typename } }'],
    ['an interface', 'type Query { a: I } interface I { b: Int }', '{ a { b } }'],
    ['objects alone', 'type Query { a: T } type T { t: T }', '{ a { __typename } }'],
    [
      'what all requires more',
      'type Query { a: T } type T { b: Int @auth }',
      '{ a { __typename } }',
    ],
    ['what requires the same', 'type Query { a: T } type T @auth { b: Int }', '{ a { b } }'],
    [
      'a field with a required argument',
      'type Query { a: T } type T { b(c: Int!): Int, d: Int }',
      '{ a { d } }',
    ],
    [
      'nested inputs',
      'type Query { a(i: I!): Int } input I { i: J! } input J { k: [J!]!, l: Float!, m: Boolean! }',
      '{ a(i: {i: {k: [], l: 1, m: true}}) }',
    ],
    ['a scalar of its own', 'type Query { a(s: S!): Int } scalar S', '{ a(s: "text") }'],
    [
      'a scalar that is named like a member of every object',
      'type Query { a(s: toString!): Int } scalar toString',
      '{ a(s: "text") }',
    ],
    ['another root type', 'schema { query: Q } type Q { a: Int }', '{ a }'],
  ])('select of %s what can be selected', (_case, typeDefs, expected) => {
    const [tab = ''] = tabsOf(typeDefs);

    expect(validate(guarded(typeDefs), parse(tab))).toEqual([]);
    expect(tab.replace(/^#.*\n/gm, '').replace(/\s+/g, ' ')).toBe(`query A ${expected} `);
  });

  it('are few for a schema of many fields, and show each rule', () => {
    const fields = Array.from({ length: 300 }, (_, index) => `f${index}: Int`).join(' ');
    const tabs = tabsOf(`type Query { ${fields} last: Int @auth(scope: "x") }`);

    expect(tabs).toHaveLength(12);
    expect(namesOf(tabs)).toContain('query Last');
  });
});
