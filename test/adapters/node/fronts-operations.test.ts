import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  graphql,
  json,
  type ServedBy,
  sendTwice,
  startTwoFronts,
  type TwoFronts,
} from './two-fronts.ts';

let fronts: TwoFronts;
beforeAll(async () => {
  // Some have hundreds of aliases.
  fronts = await startTwoFronts({
    environment: { MAX_ALIASES: '1000', MAX_ROOT_FIELDS: '1000' },
  });
});
afterAll(() => fronts.stop());

const anyone = undefined;
const viewer = { scope: '' };
const reader = { scope: 'read:messages read:things' };
const admin = {
  scope: 'read:messages read:things admin:write',
  email: 'me@example.com',
  acr: 'gold',
};

type Row = readonly [
  query: string,
  claims: Readonly<Record<string, unknown>> | undefined,
  statusOfJson: number,
  statusOfGraphql: number,
  servedBy: ServedBy,
  rest?: object,
];

/** Runs rows in both media types. */
function testRows(rows: readonly Row[]): void {
  const cases = rows.map((row) => [`${row[0]} ${JSON.stringify(row[5] ?? {})}`, row] as const);
  it.each(cases)('%s', async (_title, [query, claims, asJson, asGraphql, servedBy, rest]) => {
    const body = { query, ...rest };
    const one = await sendTwice(fronts, body, { claims, accept: json });
    const other = await sendTwice(fronts, body, { claims, accept: graphql });
    expect([one.status, other.status, one.servedBy, other.servedBy]).toEqual([
      asJson,
      asGraphql,
      servedBy,
      servedBy,
    ]);
  });
}

describe('variables that do not fit have the status 400 in both media types', () => {
  const query =
    'query ($number: Int!, $in: In, $list: [Int!]) { echo(number: $number, input: $in, list: $list) }';
  testRows(
    [
      {},
      { variables: null },
      { variables: {} },
      { variables: { number: null } },
      { variables: { number: 'three' } },
      { variables: { number: 1.5 } },
      { variables: { number: 2 ** 31 } },
      { variables: { number: true } },
      { variables: { number: [1] } },
      { variables: { number: {} } },
      { variables: { number: 1, list: [1, null] } },
      { variables: { number: 1, list: ['a', 'b'] } },
      { variables: { number: 1, in: 1 } },
      { variables: { number: 1, in: { other: 1 } } },
      { variables: { number: 1, in: { kind: 'NONE' } } },
      { variables: { number: 1, in: { inner: { inner: { text: 1 } } } } },
    ].map((rest): Row => [query, anyone, 400, 400, 'Yoga', rest]),
  );
  testRows([
    ['mutation ($how: String!) { countIf(how: $how) count }', viewer, 400, 400, 'Yoga'],
    ['query ($n: Int!) { private { message } echo(number: $n) }', anyone, 400, 400, 'Yoga'],
  ]);
});

describe('variables that fit', () => {
  const query = `query ($number: Int! = 5, $text: String, $in: In = { list: [1] }, $list: [Int!], $yes: Boolean = true) {
    echo(number: $number, text: $text, input: $in, list: $list)
    ... @include(if: $yes) { other: echo(kind: OPEN) }
    skipped: echo @skip(if: $yes)
  }`;
  testRows(
    [
      {},
      { variables: {} },
      { variables: { number: 7, text: 'ä"\\\n', other: 1 } },
      { variables: { text: null, in: null, list: null, yes: false } },
      { variables: { list: 3, in: { text: 'a', inner: { kind: 'OPEN', list: 4 } } } },
      { variables: { in: { __proto__: null } } },
      { variables: JSON.parse('{"__proto__":{"number":9},"text":"a"}') },
    ].map((rest): Row => [query, anyone, 200, 200, 'listener', rest]),
  );
  testRows([
    [
      'query ($in: In) { echo(input: $in) }',
      viewer,
      403,
      403,
      'listener',
      { variables: { in: { secret: 1 } } },
    ],
    [
      'query ($in: In) { echo(input: $in) }',
      admin,
      200,
      200,
      'listener',
      { variables: { in: { secret: 1 } } },
    ],
    [
      'query ($k: Kind) { echo(kind: $k) a: echo }',
      anyone,
      200,
      200,
      'listener',
      { variables: { k: 'SECRET' } },
    ],
  ]);
});

describe('operations beyond a limit run nothing', () => {
  testRows([
    [`{ ${'echo @skip(if: false) '.repeat(51)} }`, anyone, 400, 400, 'listener'],
    [`{ ${'required @skip(if: false) '.repeat(51)} }`, viewer, 400, 400, 'listener'],
    [`mutation { ${'count @skip(if: false) '.repeat(51)} }`, viewer, 400, 400, 'listener'],
    [
      `query A { echo } query B { ${'echo @skip(if: false) '.repeat(51)} }`,
      anyone,
      400,
      400,
      'listener',
      { operationName: 'B' },
    ],
  ]);
});

describe('several operations in one document', () => {
  const query =
    'query A { echo } query B { private { message } } mutation C { count } subscription D { public }';
  const plain = 'query A { echo } query B { private { message } } mutation C { count }';
  testRows([
    [plain, anyone, 200, 200, 'listener', { operationName: 'A' }],
    [plain, anyone, 401, 401, 'listener', { operationName: 'B' }],
    [plain, viewer, 200, 200, 'listener', { operationName: 'B' }],
    [plain, anyone, 200, 200, 'listener', { operationName: 'C' }],
    [plain, anyone, 400, 400, 'Yoga', { operationName: 'E' }],
    [plain, anyone, 400, 400, 'Yoga', { operationName: '' }],
    [plain, anyone, 400, 400, 'Yoga', { operationName: null }],
    [plain, anyone, 400, 400, 'Yoga'],
    [plain, anyone, 400, 400, 'Yoga', { operationName: '__proto__' }],
    [query, anyone, 200, 200, 'Yoga', { operationName: 'A' }],
    ['query A { echo }', anyone, 200, 200, 'listener'],
    ['query A { echo }', anyone, 200, 200, 'listener', { operationName: null }],
    ['query A { echo }', anyone, 400, 400, 'Yoga', { operationName: 'B' }],
    ['{ echo } query A { echo }', anyone, 400, 400, 'Yoga'],
    ['fragment A on Query { echo }', anyone, 400, 400, 'Yoga'],
  ]);
});

const many = (field: string): string =>
  Array.from({ length: 150 }, (_, index) => `a${index}: ${field}`).join(' ');

describe('rules', () => {
  testRows([
    ['{ public { message subject } }', anyone, 200, 200, 'listener'],
    ['{ public { message subject } }', viewer, 200, 200, 'listener'],
    ['{ private { message subject } }', anyone, 401, 401, 'listener'],
    ['{ private { message subject } }', viewer, 200, 200, 'listener'],
    ['{ scoped { message } admin { message } }', viewer, 403, 403, 'listener'],
    ['{ scoped { message } admin { message } }', reader, 200, 200, 'listener'],
    ['{ public { message } scoped { message } admin { message } }', anyone, 200, 200, 'listener'],
    ['{ either }', viewer, 403, 403, 'listener'],
    ['{ public { message } required }', anyone, 401, 401, 'listener'],
    // A last error counts those that are omitted.
    [`{ ${many('private { message }')} }`, anyone, 401, 401, 'Yoga'],
    [`{ echo ${many('private { message }')} }`, anyone, 200, 200, 'Yoga'],
    ['{ recent strong claimed }', viewer, 401, 401, 'listener'],
    ['{ claimed }', viewer, 403, 403, 'listener'],
    ['{ recent strong claimed }', admin, 200, 200, 'listener'],
    ['{ echo(kind: SECRET) }', anyone, 401, 401, 'listener'],
    ['{ echo(input: { inner: { secret: 1 } }) a: echo }', viewer, 200, 200, 'listener'],
    ['{ kind(of: "SECRET") }', viewer, 200, 200, 'listener'],
    ['{ kind(of: "SECRET") echo }', viewer, 200, 200, 'listener'],
    ['{ kind(of: "SECRET") }', admin, 200, 200, 'listener'],
    ['{ kind(of: "NONE") }', viewer, 200, 200, 'Yoga'],
    [
      '{ things(count: 3) { __typename name size(unit: "mm") ... on Plain { own next { name } } } }',
      anyone,
      200,
      200,
      'listener',
    ],
    [
      '{ things(count: 3) { ...F } any { ... on Plain { ...F } ... on Hidden { name } } } fragment F on Thing { a: name __typename }',
      reader,
      200,
      200,
      'listener',
    ],
    ['{ any { ... on Hidden { name } } }', viewer, 200, 200, 'listener'],
    ['{ any { __typename } }', viewer, 200, 200, 'listener'],
    ['mutation { count }', anyone, 200, 200, 'listener'],
    ['mutation { count countFor }', viewer, 403, 403, 'listener'],
    ['mutation { count countFor b: count }', admin, 200, 200, 'listener'],
    [
      '{ private @skip(if: true) { message } echo @include(if: false) }',
      anyone,
      200,
      200,
      'listener',
    ],
  ]);
  for (const kind of ['query', 'mutation']) {
    const field = kind === 'query' ? 'policed' : 'countIf';
    testRows(
      (['yes', 'later', 'no', 'throw', 'reject'] as const).map((how): Row => {
        const status = how === 'yes' || how === 'later' ? 200 : 403;
        return [`${kind} { ${field}(how: "${how}") }`, viewer, status, status, 'listener'];
      }),
    );
  }
});

describe('documents', () => {
  testRows([
    ['{', anyone, 200, 400, 'Yoga'],
    ['{ nothing }', anyone, 200, 400, 'Yoga'],
    ['{ publicly }', anyone, 200, 400, 'Yoga'],
    ['{ echo(number: "a") }', anyone, 200, 400, 'Yoga'],
    [`{ ${'a: echo '.repeat(1_100)} }`, anyone, 200, 400, 'Yoga'],
    [
      `{ ${Array.from({ length: 300 }, (_, index) => `a${index}: echo`).join(' ')} }`,
      anyone,
      200,
      200,
      'listener',
    ],
    ['{ __typename }', anyone, 200, 200, 'listener'],
    ['mutation { __typename }', anyone, 200, 200, 'listener'],
    ['{ __schema { queryType { name } } }', anyone, 200, 200, 'listener'],
    ['{ __type(name: "Kind") { enumValues { name } } echo }', anyone, 200, 200, 'listener'],
    ['# a comment\n{ echo(text: """ block\n  text """) }', anyone, 200, 200, 'listener'],
    ['{ __proto__: echo constructor: echo toJSON: echo }', anyone, 200, 200, 'listener'],
    // The ordinary executor takes the data for a promise.
    ['{ then: echo }', anyone, 500, 500, 'Yoga'],
  ]);

  it.each(['on', 'viewer', 'off'])('with INTROSPECTION=%s', async (setting) => {
    const own = await startTwoFronts({ environment: { INTROSPECTION: setting } });
    for (const accept of [json, graphql]) {
      const answers = [];
      for (const query of [
        '{ __schema { types { name } } }',
        '{ a: __type(name: "In") { name } echo }',
        '{ echo }',
        '{ publicly }',
      ]) {
        answers.push(await sendTwice(own, { query }, { accept }));
      }
      const servedBy = setting === 'on' ? 'listener' : 'Yoga';
      expect(answers.map((answer) => answer.servedBy)).toEqual([
        servedBy,
        servedBy,
        'listener',
        'Yoga',
      ]);
    }
    await own.stop();
  });
});

describe('streams', () => {
  it('of subscriptions', async () => {
    const query = 'subscription { public }';
    for (const accept of [
      'text/event-stream',
      json,
      'application/json, text/event-stream',
      '*/*',
      'multipart/mixed',
    ]) {
      expect(await sendTwice(fronts, { query }, { accept })).toMatchObject({ servedBy: 'Yoga' });
    }
    const refused = await sendTwice(
      fronts,
      { query: 'subscription { private }' },
      { accept: '*/*' },
    );
    expect(refused).toMatchObject({ status: 401, servedBy: 'Yoga' });
  });

  it('of incremental delivery', async () => {
    const own = await startTwoFronts({ environment: { INCREMENTAL_DELIVERY: 'on' } });
    const query = '{ echo ... @defer { later: does(what: "later") private { message } } }';
    for (const accept of ['multipart/mixed', 'text/event-stream', json]) {
      expect(await sendTwice(own, { query }, { accept })).toMatchObject({ servedBy: 'Yoga' });
    }
    expect(await sendTwice(own, { query: '{ echo }' })).toMatchObject({
      servedBy: 'listener',
    });
    await own.stop();
  });
});
