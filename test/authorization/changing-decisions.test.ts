import { parse, subscribe } from 'graphql';
import { describe, expect, test } from 'vitest';
import { defineFilterPolicy } from '../../src/authorization/rules/filter-policies.ts';
import type { PolicyDefinitions } from '../../src/authorization/rules/policy-definition.ts';
import { createViewer, RulesApi } from '../support/rules-api.ts';

/* What policies decide changes while an operation runs: what they decided before is not used again. */

const viewer = createViewer('read');

interface Event {
  readonly __typename: string;
  readonly id: number;
}
const idOf = (source: unknown): unknown => (source as Event).id;

describe('an event after one that is left out', () => {
  /** Whether the viewer is still a member. */
  let isMember = true;
  /** The first event is left out, and the viewer is no member when the second one comes. */
  async function* events() {
    isMember = true;
    yield { event: { __typename: 'Note', id: 1 } };
    isMember = false;
    yield { event: { __typename: 'Note', id: 2 } };
  }
  const create = (policies: PolicyDefinitions): RulesApi =>
    new RulesApi(
      `type Query { x: Int }
      type Subscription { event: Event }
      union Event @auth(policy: "member") = Note
      type Note @auth(policy: "second") { id: Int }`,
      {
        policies: {
          second: { refusedAs: 'omitted', decide: ({ source }) => idOf(source) === 2 },
          ...policies,
        },
        subscribe: { event: events },
      },
    );
  const query = 'subscription { event { ... on Note { id } } }';
  const cases: [string, PolicyDefinitions][] = [
    ['a policy', { member: { decide: () => isMember } }],
    ['a remembered decision', { member: { decide: () => isMember, memo: () => 'all' } }],
    [
      'a filter',
      {
        member: defineFilterPolicy({
          filter: () => ({ isMember }),
          matches: (filter) => filter.isMember,
        }),
      },
    ],
  ];

  test.each(cases)('%s', async (_name, policies) => {
    const response = await create(policies).post({ query }, viewer, 'text/event-stream');
    const text = await response.text();
    expect(text).toContain('event: complete');
    expect(text).not.toContain('data: {');
  });

  test.each(cases)('%s, without a gate', async (_name, policies) => {
    const { schema } = create(policies);
    const args = { schema, document: parse(query), contextValue: { viewer } };
    const results = await subscribe(args);
    if (!(Symbol.asyncIterator in results)) throw new Error('No stream.');
    expect((await results.next()).done).toBe(true);
  });
});

test('an object that a field of a mutation has returned before', async () => {
  const note = { __typename: 'Note', id: 1 };
  let isMine = true;
  const api = new RulesApi(
    `type Query { x: Int }
    type Mutation { any: Any give: Note }
    union Any @auth(policy: "any") = Note
    type Note @auth(policy: "mine") { id: Int }`,
    {
      resolvers: {
        Mutation: {
          any: () => note,
          give: () => {
            isMine = false;
            return note;
          },
        },
      },
      policies: { any: { refusedAs: 'omitted', decide: () => true }, mine: () => isMine },
    },
  );
  const operation = 'mutation { any { ... on Note { id } } give { id } }';
  expect(await api.execute(operation, { viewer })).toMatchObject({
    data: { any: { id: 1 }, give: null },
    errors: { give: 'FORBIDDEN' },
  });
});
