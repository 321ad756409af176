import { makeExecutableSchema } from '@graphql-tools/schema';
import { describe, expect, it } from 'vitest';
import {
  anonymous,
  authDirectives,
  expectAccess,
  guardSchema,
  viewerWith,
} from '../../src/index.ts';

const schema = guardSchema(
  makeExecutableSchema({
    typeDefs: `${authDirectives}
      type Query {
        open(secret: Int @auth(scope: "x")): Order
        token: String @auth
        scoped: String @auth(scope: "read:messages")
        claimed: String @auth(claims: "email")
        node: Node
      }
      interface Node { id: ID }
      type Post implements Node @auth(scope: "x") { id: ID }
      enum Order { NAME SECRET @auth(scope: "x") }
    `,
  }),
);
const viewers = {
  anonymous,
  manager: viewerWith({ scopes: ['read:messages'], claims: { email: 'm@example.com' } }),
  other: viewerWith({ scopes: ['x'] }),
};
const table: Record<string, (keyof typeof viewers)[]> = {
  'Query.open': ['anonymous', 'manager', 'other'],
  'Query.open(secret:)': ['other'],
  'Query.token': ['manager', 'other'],
  'Query.scoped': ['manager'],
  'Query.claimed': ['manager'],
  'Query.node': ['other'],
  // The only type that implements it is guarded.
  'Node.id': ['other'],
  'Post.id': ['other'],
  'Order.SECRET': ['other'],
};

describe('expectAccess', () => {
  it('passes if the table matches the schema', () => {
    expectAccess(schema).by(viewers).toBe(table);
    expectAccess(schema)
      .by({ anonymous })
      .toContain({ 'Query.open': ['anonymous'] });
  });

  it.each<[string, Record<string, (keyof typeof viewers)[]>, string]>([
    [
      'a viewer with too much access',
      { ...table, 'Query.token': ['manager'] },
      'Query.token: other has access, and should not.',
    ],
    [
      'a viewer with too little access',
      { ...table, 'Query.scoped': ['manager', 'other'] },
      'Query.scoped: other has no access, and should.',
    ],
    [
      'a coordinate that is not in the table',
      Object.fromEntries(Object.entries(table).slice(1)),
      'Query.open is not in the table.',
    ],
    [
      'a coordinate that is not in the schema',
      { ...table, 'Query.gone': [] },
      'Query.gone is not in the schema.',
    ],
  ])('reports %s', (_, wrong, message) => {
    expect(() => expectAccess(schema).by(viewers).toBe(wrong)).toThrow(message);
  });

  it('reports unknown viewers', () => {
    const wrong = { ...table, 'Query.open': ['anonymous', 'manager', 'other', 'guest'] };
    expect(() => expectAccess(schema).by<string>(viewers).toBe(wrong)).toThrow(
      'Query.open names guest, which is not one of the viewers.',
    );
  });

  it('requires a guarded schema', () => {
    expect(() => expectAccess(makeExecutableSchema({ typeDefs: 'type Query { a: Int }' }))).toThrow(
      'not guarded',
    );
  });
});
