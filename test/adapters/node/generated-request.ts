import fc from 'fast-check';
import { deedNames, sightNames } from './fronts-api.ts';

/** The credentials of a generated request. */
const credentialNames = [
  'none',
  'valid',
  'reader',
  'admin',
  'expired',
  'other audience',
  'unknown key',
  'opaque',
  'Basic',
  'bound',
  'bound with a used proof',
  'bound with a proof of another key',
  'bound with a proof for another URL',
  'bound as Bearer',
] as const;

/** A request, apart from its credentials. */
export interface GeneratedRequest {
  readonly credentials: (typeof credentialNames)[number];
  readonly headers: readonly string[];
  readonly target: string;
  readonly body: string;
  /** Where the request is cut into packets, as parts of its length. */
  readonly cuts: readonly number[];
}

const often = <Value>(usual: Value, others: fc.Arbitrary<Value>): fc.Arbitrary<Value> =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: others });

const leaf = fc.constantFrom(
  'required',
  'either',
  'recent',
  'strong',
  'claimed',
  'echo',
  'echo(number: $number)',
  'echo(text: $text, list: $list)',
  'echo(input: $in)',
  'echo(input: { text: $text, inner: { kind: OPEN, list: $list } })',
  'echo(input: { secret: 1 })',
  'echo(kind: SECRET)',
  'echo(kind: $kind)',
  'kind',
  'kind(of: "SECRET")',
  'kind(of: $text)',
  'policed(how: "yes")',
  'policed(how: "later")',
  'policed(how: "no")',
  'policed(how: "throw")',
  '__typename',
);
const rare = fc.oneof(
  fc
    .constantFrom(...deedNames.filter((name) => !name.includes('large')))
    .chain((what) =>
      fc.constantFrom('does', 'text', 'must').map((field) => `${field}(what: "${what}")`),
    ),
  fc.constantFrom(...sightNames).map((what) => `seen(what: "${what}")`),
  // Not valid, or not plain.
  fc.constantFrom(
    'nothing',
    'echo(number: "three")',
    'public',
    'kind { name }',
    '__schema { queryType { name } }',
    '__type(name: "In") { name }',
    '... @defer { echo }',
    '...Missing',
    'echo(text: $undefined)',
    '{',
  ),
);
const greeting = fc
  .tuple(
    fc.constantFrom('public', 'private', 'scoped', 'admin'),
    fc.constantFrom('message', 'subject', 'message subject', 'message, other: message', '...G'),
  )
  .map(([name, inner]) => `${name} { ${inner} }`);
const thing = fc
  .tuple(
    fc.constantFrom('things', 'things(count: 3)', 'any'),
    fc.constantFrom(
      '__typename',
      '... on Plain { name own }',
      '... on Hidden { name }',
      '...T',
      '... on Thing { name next: __typename }',
    ),
  )
  .map(([name, inner]) => `${name} { ${inner} }`);

const selection = fc
  .tuple(
    fc.oneof(
      { weight: 8, arbitrary: leaf },
      { weight: 6, arbitrary: greeting },
      { weight: 4, arbitrary: thing },
      { weight: 1, arbitrary: rare },
    ),
    fc.constantFrom('', '', '', '', '', '@skip(if: $yes)', '@include(if: $yes)', '@skip(if: true)'),
  )
  .map(([field, condition]) => {
    const at = field.indexOf(' {');
    return at === -1 || field === '{'
      ? `${field} ${condition}`
      : `${field.slice(0, at)} ${condition}${field.slice(at)}`;
  });

const selections = fc
  .array(selection, { minLength: 1, maxLength: 4 })
  .map((all) =>
    all.map((one, index) => (/^[a-z]/.test(one) ? `k${index}: ${one}` : one)).join(' '),
  );

const mutation = fc
  .array(
    fc.constantFrom(
      'a: count',
      'b: count',
      'countFor',
      'c: countIf(how: "yes")',
      'd: countIf(how: "no")',
      'e: does(what: "throw with status")',
      'f: does(what: "object")',
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map((fields) => fields.join(' '));

/** The declarations of variables. */
const declarations: Readonly<Record<string, string>> = {
  $number: 'Int! = 3',
  $text: 'String',
  $list: '[Int!]',
  $in: 'In',
  $kind: 'Kind',
  $yes: 'Boolean! = true',
};

/** Declares the variables that a document uses. */
function declareVariables(text: string): string {
  const used = Object.entries(declarations).filter(([name]) =>
    new RegExp(`\\${name}\\b`).test(text),
  );
  const declared = used.map(([name, type]) => `${name}: ${type}`).join(', ');
  return used.length === 0 ? text : text.replace('query A', `query A(${declared})`);
}

const fragments: Readonly<Record<string, string>> = {
  '...G': ' fragment G on Greeting { message subject }',
  '...T': ' fragment T on Thing { name size(unit: $text) ... on Plain { own } }',
};

const document = fc
  .tuple(
    fc.oneof(
      { weight: 10, arbitrary: selections.map((body) => `query A { ${body} }`) },
      {
        weight: 3,
        arbitrary: selections.map((body) => `query A { ${body} }  query B { echo }`),
      },
      { weight: 2, arbitrary: mutation.map((body) => `mutation A { ${body} }`) },
      { weight: 3, arbitrary: greeting.map((body) => `query A { ${body} }`) },
      {
        weight: 1,
        arbitrary: fc.constantFrom('', '#', '{', '{ nothing }', 'subscription { public }'),
      },
    ),
  )
  .map(([text]) =>
    Object.entries(fragments).reduce(
      (all, [spread, fragment]) => (text.includes(spread) ? all + fragment : all),
      text,
    ),
  )
  .map(declareVariables);

const value = fc.constantFrom<unknown>(
  1,
  2.5,
  'text',
  '',
  null,
  true,
  [1, 2],
  [null],
  {},
  'SECRET',
);
const input = fc.record(
  {
    text: fc.constantFrom('a', null, 1),
    kind: fc.constantFrom('OPEN', 'SECRET', 'NONE'),
    secret: fc.constant(1),
    list: fc.constantFrom([1], 2, null),
    inner: fc.constantFrom({ secret: 1 }, { inner: { kind: 'OPEN' } }, null),
  },
  { requiredKeys: [] },
);
const givenVariables = fc.record(
  {
    number: often<unknown>(1, value),
    text: often<unknown>('ä€😀', fc.oneof(fc.constantFrom('SECRET', 'mm'), value)),
    list: often<unknown>([1], value),
    in: often<unknown>({ text: 'a' }, fc.oneof(input, value)),
    kind: often<unknown>('OPEN', fc.constantFrom('SECRET', 1)),
    yes: fc.boolean(),
  },
  { requiredKeys: [] },
);

/** A body, of which most are valid. */
const bodyWith = (documents: readonly string[]): fc.Arbitrary<string> =>
  fc
    .record({
      query: fc.constantFrom(...documents),
      variables: often<unknown>(undefined, value),
      operationName: often<unknown>('A', fc.constantFrom('B', 'C', '', null, 1, undefined)),
      rest: often<object>(
        {},
        fc.constantFrom({ other: 1 }, { extensions: {} }, { extensions: [] }),
      ),
    })
    .chain(({ rest, ...params }) =>
      givenVariables.map((variables) =>
        JSON.stringify({ variables, ...withoutUndefined(params), ...rest }),
      ),
    )
    .chain((text) =>
      often(text, fc.constantFrom(text.slice(0, -1), `\uFEFF${text}`, `[${text}]`, ` ${text}\n`)),
    );

const withoutUndefined = (params: object): object =>
  Object.fromEntries(Object.entries(params).filter(([, one]) => one !== undefined));

const header = (name: string, usual: string, ...others: readonly (string | undefined)[]) =>
  often<string | undefined>(usual, fc.constantFrom(...others)).map((text) =>
    text === undefined ? [] : [`${name}: ${text}`],
  );

const headers = fc
  .tuple(
    fc.oneof(
      header('Accept', 'application/json', undefined, '*/*', 'text/html', 'text/event-stream'),
      header(
        'Accept',
        'application/graphql-response+json, application/json',
        'application/graphql-response+json;q=0.5, application/json;q=0.4, */*;q=0.1',
        'application/json;q=0, application/*',
        'multipart/mixed, application/json;q=0.5',
        '*/*;q=0',
      ),
    ),
    header('Content-Type', 'application/json', 'application/json; charset=utf-8', 'text/plain', ''),
    header('Origin', 'http://localhost:5173', undefined, 'https://other.example', 'null'),
    often<readonly string[]>(
      [],
      fc.constantFrom(
        ['If-None-Match: *', 'Cache-Control: no-cache'],
        ['Content-Encoding: identity'],
        ['Connection: close'],
        ['Expect: 100-continue'],
        ['Host: other.example'],
        ['Authorization: Bearer second'],
        ['DPoP: a.b.c'],
        ['X-Context: text'],
        ['X-Context: throw'],
        ['X-Context: status'],
      ),
    ),
  )
  .map((all) => all.flat());

/** Requests with these many documents, of which most are plain and valid. */
export function generateRequests(documents: number, seed: number): fc.Arbitrary<GeneratedRequest> {
  return fc.record({
    credentials: fc.oneof(
      { weight: 3, arbitrary: fc.constantFrom('none', 'valid', 'reader', 'admin', 'bound') },
      { weight: 1, arbitrary: fc.constantFrom(...credentialNames) },
    ),
    headers,
    target: often(
      '/graphql',
      fc.constantFrom('/graphql?a=b', 'http://other.example/graphql', '/other'),
    ),
    body: bodyWith(fc.sample(document, { numRuns: documents, seed })),
    cuts: often<readonly number[]>(
      [],
      fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 3 }),
    ),
  });
}
