import { makeExecutableSchema } from '@graphql-tools/schema';
import { describe, expect, it } from 'vitest';
import {
  type AccessTable,
  anonymous,
  authDirectives,
  expectAccess,
  guardSchema,
  type Policy,
  type TestPolicyInputs,
  viewerWith,
} from '../../src/index.ts';

const owner: Policy = async ({ viewer, source }) =>
  typeof source === 'object' &&
  source !== null &&
  'owner' in source &&
  source.owner === viewer.subject;
const large: Policy = ({ args }) => typeof args['first'] === 'number' && args['first'] < 10;
const office: Policy<{ readonly ip: string }> = ({ context }) => context.ip.startsWith('10.');
const named: Policy = ({ info }) => info.fieldName === 'named';
const evaluated: string[] = [];

const schema = guardSchema(
  makeExecutableSchema({
    typeDefs: `${authDirectives}
      type Query {
        open: String
        post: Post
        posts(first: Int): [String] @auth(scope: "read:posts", policy: ["large", "counted"])
        office: String @auth(policy: "office")
        named: String @auth(policy: "named")
        search: Result
        filter(all: Boolean @auth(policy: "large")): String
      }
      type Post @auth(policy: "owner") { id: ID }
      type Note @auth(scope: "read:notes") { id: ID }
      union Result = Post | Note
    `,
  }),
  {
    policies: {
      owner,
      large,
      office,
      named,
      counted: ({ viewer }) => {
        evaluated.push(viewer.subject);
        return true;
      },
    },
  },
);
const viewers = {
  anonymous,
  ada: viewerWith({ subject: 'ada' }),
  reader: viewerWith({ subject: 'eve', scopes: ['read:posts', 'read:notes'] }),
};
const inputs: TestPolicyInputs = {
  Post: { source: { owner: 'ada' } },
  'Query.posts': { args: { first: 5 } },
  'Query.office': { context: { ip: '10.0.0.1' } },
  'Query.filter(all:)': { args: { first: 50 } },
};
const table: AccessTable<keyof typeof viewers> = {
  'Query.open': ['anonymous', 'ada', 'reader'],
  'Query.post': ['ada'],
  'Query.posts': ['reader'],
  'Query.office': ['ada', 'reader'],
  'Query.search': ['ada', 'reader'],
  'Query.filter': ['anonymous', 'ada', 'reader'],
  'Query.filter(all:)': [],
  'Post.id': ['ada'],
  'Note.id': ['reader'],
};
const access = expectAccess(schema).by(viewers);

describe('expectAccess with policies', () => {
  it('evaluates each with its input', async () => {
    await access.withPolicies(inputs).toContain(table);
  });

  it.each<[string, TestPolicyInputs, AccessTable<keyof typeof viewers>]>([
    ['source', { Post: { source: { owner: 'eve' } } }, { 'Post.id': ['reader'] }],
    ['args', { 'Query.posts': { args: { first: 50 } } }, { 'Query.posts': [] }],
    ['context', { 'Query.office': { context: { ip: '192.0.2.1' } } }, { 'Query.office': [] }],
  ])('passes on the %s', async (_, changed, expected) => {
    await access.withPolicies({ ...inputs, ...changed }).toContain(expected);
  });

  it('evaluates only for viewers who meet the rest of the rule, and once', async () => {
    evaluated.length = 0;

    const evaluation = access.withPolicies(inputs);
    await evaluation.toContain({ 'Query.posts': ['reader'] });
    await evaluation.toContain({ 'Query.posts': ['reader'] });

    expect(evaluated).toEqual(['eve']);
  });

  it.each<[string, TestPolicyInputs, AccessTable<keyof typeof viewers>, string]>([
    ['a difference', inputs, { 'Post.id': [] }, 'Post.id: ada has access, and should not.'],
    ['another one', inputs, { 'Post.id': ['ada', 'reader'] }, 'reader has no access, and should.'],
    [
      'a missing input',
      {},
      { 'Query.posts': [] },
      "Query.posts has the policy large, counted: pass its input as withPolicies({ 'Query.posts': { source, args } }).",
    ],
    [
      'a policy that throws',
      { 'Query.office': {} },
      { 'Query.office': [] },
      'Query.office: the policy office threw for ada: TypeError: ',
    ],
    [
      'a policy that reads info',
      { 'Query.named': {} },
      { 'Query.named': [] },
      'the policy reads info.fieldName. Pass info in the input of Query.named.',
    ],
  ])('reports %s', async (_, given, expected, message) => {
    await expect(access.withPolicies(given).toContain(expected)).rejects.toThrow(message);
  });

  it('requires all inputs for the whole table', async () => {
    await expect(access.withPolicies(inputs).toBe(table)).rejects.toThrow(
      'Query.named has the policy named',
    );
  });

  it('rejects inputs that no policy gets', () => {
    expect(() => access.withPolicies({ 'Query.post': {}, 'Query.gone': {} })).toThrow(
      'withPolicies: Query.post, Query.gone has no policy. Policies are applied to: Post, Query.posts, Query.office, Query.named, Query.filter(all:).',
    );
  });
});

describe('the printed table', () => {
  it('has a line for each coordinate, in alphabetical order', () => {
    expect(access.print()).toMatchInlineSnapshot(`
      "Note.id: reader
      Post.id: ada, reader (policy: owner)
      Query.filter: anonymous, ada, reader
      Query.filter(all:): ada, reader (policy: large)
      Query.named: ada, reader (policy: named)
      Query.office: ada, reader (policy: office)
      Query.open: anonymous, ada, reader
      Query.post: ada, reader (policy: owner)
      Query.posts: reader (policy: large, counted)
      Query.search: ada, reader (policy: owner)"
    `);
  });

  it('has the decisions of policies', async () => {
    const isNamed = await access
      .withPolicies({ ...inputs, 'Query.named': { info: Object.create({ fieldName: 'named' }) } })
      .print();

    expect(isNamed).toMatchInlineSnapshot(`
      "Note.id: reader
      Post.id: ada
      Query.filter: anonymous, ada, reader
      Query.filter(all:): -
      Query.named: ada, reader
      Query.office: ada, reader
      Query.open: anonymous, ada, reader
      Query.post: ada
      Query.posts: reader
      Query.search: ada, reader"
    `);
  });
});
