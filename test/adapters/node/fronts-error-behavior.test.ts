import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { blocksOf, readDocument } from '../../documentation/markdown.ts';
import { json, type ServedBy, sendTwice, startTwoFronts, type TwoFronts } from './two-fronts.ts';

let fronts: TwoFronts;
let propagating: TwoFronts;
beforeAll(async () => {
  fronts = await startTwoFronts({
    environment: { ON_ERROR: 'request', INCREMENTAL_DELIVERY: 'on' },
  });
  propagating = await startTwoFronts();
});
afterAll(() => Promise.all([fronts.stop(), propagating.stop()]));

const anyone = undefined;
const viewer = { scope: '' };

interface Row {
  readonly query: string;
  /** Default `NULL`. */
  readonly onError?: unknown;
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  /** Default 200. */
  readonly status?: number;
  /** Default: the listener. */
  readonly servedBy?: ServedBy;
  readonly data?: unknown;
  /** Path and code of each error. */
  readonly errors?: readonly (readonly [path: string, code: string | undefined])[];
  readonly rest?: object;
}

function testRows(rows: Readonly<Record<string, Row>>): void {
  it.each(Object.entries(rows))('%s', async (_title, row) => {
    const { query, onError = 'NULL', claims, rest, status = 200, servedBy = 'listener' } = row;
    const response = await sendTwice(fronts, { query, onError, ...rest }, { claims, accept: json });
    const body = JSON.parse(response.text.slice(response.text.indexOf('\r\n\r\n')));
    expect([response.status, response.servedBy]).toEqual([status, servedBy]);
    expect(body.data).toEqual(row.data);
    const errors: readonly { path?: readonly unknown[]; extensions?: { code?: string } }[] =
      body.errors ?? [];
    expect(errors.map((error) => [error.path?.join('.') ?? '', error.extensions?.code])).toEqual(
      row.errors ?? [],
    );
  });
}

describe('a refusal of a non-null root field', () => {
  const query = '{ required echo }';
  const echo = '{"text":"none","number":3}';
  testRows({
    'with NULL refuses the field alone': {
      query,
      data: { required: null, echo },
      errors: [['required', 'UNAUTHENTICATED']],
    },
    'with PROPAGATE refuses the query': {
      query,
      onError: 'PROPAGATE',
      status: 401,
      errors: [['required', 'UNAUTHENTICATED']],
    },
    'without onError refuses the query': {
      query,
      onError: null,
      servedBy: 'Yoga',
      status: 401,
      errors: [['required', 'UNAUTHENTICATED']],
    },
    'refuses the query if there is no other field': {
      query: '{ required }',
      status: 401,
      errors: [['required', 'UNAUTHENTICATED']],
    },
    'does not arise for viewers who are allowed': {
      query,
      claims: viewer,
      data: { required: 'required', echo },
    },
  });
});

describe('an error of a resolver', () => {
  const query = '{ must(what: "throw GraphQLError") echo: text(what: "a") }';
  testRows({
    'is null at its own position with NULL': {
      query,
      servedBy: 'Yoga',
      data: { must: null, echo: 'a' },
      errors: [['must', 'SOLD_OUT']],
    },
    'propagates with PROPAGATE': {
      query,
      onError: 'PROPAGATE',
      servedBy: 'Yoga',
      data: null,
      errors: [['must', 'SOLD_OUT']],
    },
    'is masked as always': {
      query: '{ must(what: "throw") }',
      servedBy: 'Yoga',
      data: { must: null },
      errors: [['must', 'INTERNAL_SERVER_ERROR']],
    },
  });
});

describe('objects that are refused by their type, in a list without null', () => {
  const query = '{ any { __typename ... on Plain { name } } }';
  testRows({
    'are null with NULL': {
      query,
      data: {
        any: [{ __typename: 'Plain', name: 'one' }, null, { __typename: 'Plain', name: null }],
      },
      errors: [['any.1', 'UNAUTHENTICATED']],
    },
    'end the list with PROPAGATE': {
      query,
      onError: 'PROPAGATE',
      data: { any: null },
      errors: [['any.1', 'UNAUTHENTICATED']],
    },
  });
});

describe('what cannot be executed without propagation', () => {
  testRows({
    '@defer': {
      query: '{ public { message } ... @defer { echo } }',
      servedBy: 'Yoga',
      status: 406,
      errors: [['', 'BAD_REQUEST']],
    },
    'a subscription': {
      query: 'subscription { public }',
      servedBy: 'Yoga',
      status: 400,
      errors: [['', 'BAD_REQUEST']],
    },
    'a condition that is null': {
      query: 'query ($if: Boolean = true) { echo @include(if: $if) }',
      rest: { variables: { if: null } },
      servedBy: 'Yoga',
      status: 400,
      errors: [['', 'BAD_REQUEST']],
    },
  });
});

describe('other values', () => {
  testRows(
    Object.fromEntries(
      ['HALT', 'null', '', 'NULL ', 1, true, {}, ['NULL']].map((onError) => [
        JSON.stringify(onError),
        {
          query: '{ echo }',
          onError,
          servedBy: 'Yoga',
          status: 400,
          errors: [['', 'BAD_REQUEST']],
        } satisfies Row,
      ]),
    ),
  );
});

it.each([
  ['onError=NULL', 200, '"data":{"required":null,'],
  ['onError=PROPAGATE', 401, 'UNAUTHENTICATED'],
  ['onError=', 400, 'must be'],
  ['onError=HALT', 400, 'must be'],
  ['onError=NULL&onError=NULL', 400, 'must be'],
])('reads the query string of a GET request: %s', async (parameter, status, text) => {
  const target = `/graphql?query={required,echo}&${parameter}`;
  const response = await fronts.exchange(
    `GET ${target} HTTP/1.1\r\nHost: localhost\r\nAccept: ${json}\r\n\r\n`,
  );
  expect(response.status).toBe(status);
  expect(response.text).toContain(text);
});

it('executes a mutation with NULL once', async () => {
  const response = await sendTwice(
    fronts,
    { query: 'mutation { count does(what: "throw") }', onError: 'NULL' },
    { claims: anyone, accept: json },
  );
  expect(response.text).toContain('"count":2,"does":null');
});

it('rejects the parameter where the setting is off, as any other that is unknown', async () => {
  const body = { query: '{ required echo }', onError: 'NULL' };
  const response = await sendTwice(propagating, body, { accept: json });
  expect([response.status, response.servedBy]).toEqual([400, 'Yoga']);
  expect(response.text).toContain('Unexpected parameter');
});

it('is as docs/answers.md shows it', async () => {
  const [request, expected] = blocksOf(readDocument('docs/answers.md'))
    .filter(({ heading }) => heading === 'Errors in their positions')
    .map((block) => JSON.parse(block.text));
  const { text } = await sendTwice(fronts, request, { accept: json });
  expect(JSON.parse(text.slice(text.indexOf('\r\n\r\n')))).toEqual(expected);
});
