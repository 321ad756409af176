// cspell:ignore vate privat
import fc from 'fast-check';

/** A body for GraphQL over HTTP. */
export interface HostileOperation {
  readonly query: string;
  readonly variables?: unknown;
  readonly operationName?: unknown;
  readonly extensions?: unknown;
}

const repeat = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');
const nest = (levels: number, open: string, inner: string, close: string): string =>
  `${open.repeat(levels)}${inner}${close.repeat(levels)}`;

/** Each spreads the next twice: 2 to the power of `levels` fields in a few lines. */
const doubling = (levels: number): string =>
  `{ ...F0 } ${repeat(levels, (index) => `fragment F${index} on Query { a: ...F${index + 1} b: ...F${index + 1} }`)}`;
const doublingFragments = (levels: number): string =>
  `{ ...F0 } ${repeat(levels, (index) => `fragment F${index} on Query { ...F${index + 1} ...F${index + 1} }`)} fragment F${levels} on Query { __typename }`;

const introspection = (levels: number): string =>
  `{ __schema { types { ${nest(levels, 'fields { type { ', 'name', ' } }')} } } }`;

/** Operations that are expensive, deep, circular, contradictory or not GraphQL, by name. */
const abusiveOperations: Readonly<Record<string, HostileOperation>> = {
  'aliases of one field': {
    query: `{ ${repeat(450, (index) => `a${index}: public { message }`)} }`,
  },
  'more aliases than tokens': {
    query: `{ ${repeat(3_000, (index) => `a${index}: public { message }`)} }`,
  },
  'aliases that are names of the prototype': {
    query:
      '{ __proto__: public { message } constructor: public { __proto__: message } toString: public { hasOwnProperty: message } }',
  },
  'one alias for two fields': { query: '{ a: public { message } a: private { message } }' },
  'one field many times': { query: `{ ${repeat(450, () => 'public { message }')} }` },
  'one leaf many times': { query: `{ public { ${repeat(1_900, () => 'message')} } }` },
  'two leaves that merge in many ways': {
    query: `{ ${repeat(200, (index) => `public { m${index % 7}: message }`)} }`,
  },
  'a directive many times': {
    query: `{ public ${repeat(400, () => '@skip(if: false)')} { message } }`,
  },
  'unknown directives': { query: `{ public ${repeat(900, (index) => `@d${index}`)} { message } }` },
  'directives of the schema': { query: '{ public @auth @public @deprecated { message } }' },
  'a directive in every place': {
    query:
      'query A($a: Int @skip(if: true)) @include(if: true) { ... @skip(if: $a) { __typename } }',
  },
  'a rule skipped': {
    query: '{ private @skip(if: true) { message } admin @include(if: false) { message } }',
  },
  'a rule skipped by what is no boolean': {
    query: 'query A($a: Boolean!) { private @skip(if: $a) { message } }',
    variables: { a: 'false' },
  },
  'a fragment in itself': { query: '{ ...A } fragment A on Query { ...A }' },
  'fragments in a circle': {
    query: `{ ...F0 } ${repeat(200, (index) => `fragment F${index} on Query { ...F${(index + 1) % 200} }`)}`,
  },
  'fragments in a circle, below fields': {
    query:
      '{ public { ...A } } fragment A on Greeting { ...B } fragment B on Greeting { ...A message }',
  },
  'fragments that nest': {
    query: `{ ...F0 } ${repeat(240, (index) => `fragment F${index} on Query { ${index < 239 ? `...F${index + 1}` : '__typename'} }`)}`,
  },
  'fragments that double': { query: doublingFragments(60) },
  'aliased spreads': { query: doubling(3) },
  'fragments that nothing spreads': {
    query: `{ __typename } ${repeat(250, (index) => `fragment F${index} on Query { __typename }`)}`,
  },
  'fragments with one name': {
    query:
      '{ ...A } fragment A on Query { public { message } } fragment A on Query { private { message } }',
  },
  'a fragment on a type that does not fit': { query: '{ public { ... on Viewer { subject } } }' },
  'a fragment on a rule around': {
    query: '{ ... on Query { ... on Query { private { message } } } }',
  },
  'inline fragments, deep': { query: `{ ${nest(95, '... { ', '__typename', ' }')} }` },
  'inline fragments, too deep': { query: `{ ${nest(5_000, '... { ', '__typename', ' }')} }` },
  'introspection, deep': { query: introspection(15) },
  'introspection, many times': {
    query: `{ ${repeat(60, (index) => `s${index}: __schema { types { fields { name } } }`)} }`,
  },
  'introspection of a type, many times': {
    query: `{ ${repeat(200, (index) => `t${index}: __type(name: "Query") { fields { name } }`)} }`,
  },
  'introspection below a field': { query: '{ public { __schema { types { name } } } }' },
  'introspection in a mutation': { query: 'mutation { __schema { types { name } } }' },
  'lists in an argument': { query: `{ public(a: ${nest(90, '[', '1', ']')}) { message } }` },
  'lists in an argument, too deep': { query: `{ public(a: ${nest(3_000, '[', '1', ']')}` },
  'objects in an argument': { query: `{ public(a: ${nest(48, '{a: ', '1', '}')}) { message } }` },
  'variables that are many': {
    query: `query A(${repeat(250, (index) => `$v${index}: Int`)}) { __typename }`,
    variables: Object.fromEntries(
      Array.from({ length: 3_000 }, (_, index) => [`v${index}`, index]),
    ),
  },
  'a variable many times': { query: `query A(${repeat(300, () => '$a: Int')}) { __typename }` },
  'a variable of an output type': {
    query: 'query A($a: Greeting) { __typename }',
    variables: { a: {} },
  },
  'a variable whose default does not fit': { query: 'query A($a: Int! = "x") { __typename }' },
  'a variable in its own default': { query: 'query A($a: Int = $a) { __typename }' },
  'a list of many items': {
    query: 'query A($a: [Int]) { __typename }',
    variables: { a: Array.from({ length: 20_000 }, () => 1) },
  },
  'a number of many digits': { query: `{ public(a: ${'9'.repeat(50_000)}) { message } }` },
  'a fraction of many digits': {
    query: `{ public(a: 0.${'9'.repeat(50_000)}e999999) { message } }`,
  },
  'an integer beyond 32 bits': {
    query: 'query A($a: Int) { __typename }',
    variables: { a: 2 ** 53 },
  },
  'a string of many escapes': { query: `{ public(a: "${'\\u0000'.repeat(8_000)}") { message } }` },
  'an escape that is half a character': { query: '{ public(a: "\\ud800") { message } }' },
  'an escape of nothing': { query: '{ public(a: "\\u{110000}") { message } }' },
  'a block string of many lines': {
    query: `{ public(a: """${'\n '.repeat(20_000)}""") { message } }`,
  },
  'a string without an end': { query: `{ public(a: "${'x'.repeat(20_000)}` },
  'a comment without an end': { query: `{ __typename } # ${'x'.repeat(80_000)}` },
  'commas and white space': { query: `${', \n\t\ufeff'.repeat(15_000)}{ __typename }` },
  'a zero byte': { query: '{ __typename \u0000 }' },
  'an empty selection': { query: '{ public { } }' },
  'a name with other letters': { query: '{ pr\u0456vate { message } }' },
  'a name of 50 KB': { query: `{ ${'a'.repeat(50_000)} }` },
  'many unknown fields': { query: `{ ${repeat(900, (index) => `privat${index}`)} }` },
  'a definition of types': { query: 'type Query { private: Int } { __typename }' },
  'an extension of the schema': { query: 'extend type Query { free: Int } query { free }' },
  'many operations': {
    query: repeat(300, (index) => `query O${index} { public { message } }`),
    operationName: 'O299',
  },
  'an operation that is not named': { query: 'query A { __typename } query B { __typename }' },
  'an operation that does not exist': { query: 'query A { __typename }', operationName: 'B' },
  'an operation of the prototype': { query: 'query A { __typename }', operationName: '__proto__' },
  'two operations of one name': {
    query: 'query A { public { message } } query A { private { message } }',
    operationName: 'A',
  },
  'an anonymous operation among others': {
    query: '{ __typename } query A { private { message } }',
  },
  'an operation name of 50 KB': { query: '{ __typename }', operationName: 'a'.repeat(50_000) },
  'a mutation behind a query': {
    query: 'query A { __typename } mutation B { a }',
    operationName: 'B',
  },
  'a subscription of two fields': {
    query: 'subscription { a: clock { time } b: clock { time } }',
  },
  'a subscription behind a fragment': {
    query:
      'subscription { ...A } fragment A on Subscription { clock { time } ... on Subscription { b: clock { time } } }',
  },
  'a subscription of a type name': { query: 'subscription { __typename }' },
  'entities of a federation': {
    query: '{ _entities(representations: []) { __typename } _service { sdl } }',
  },
};

const deep = nest(20_000, '[', '1', ']');

/** Bodies of requests with them, and some that are too deep for `JSON.stringify`. */
export const abusiveBodies: Readonly<Record<string, string>> = {
  ...Object.fromEntries(
    Object.entries(abusiveOperations).map(([name, operation]) => [name, JSON.stringify(operation)]),
  ),
  'lists in variables': `{"query":"query A($a: [Int]) { __typename }","variables":{"a":${deep}}}`,
  'lists in variables that nothing declares': `{"query":"{ __typename }","variables":{"a":${deep}}}`,
  'lists in extensions': `{"query":"{ __typename }","extensions":{"a":${deep}}}`,
  'lists in a member that is unknown': `{"query":"{ __typename }","a":${deep}}`,
};

const word = fc.constantFrom(
  '{',
  '}',
  '(',
  ')',
  '[',
  ']',
  '!',
  ':',
  '=',
  '@',
  '$',
  '|',
  '&',
  '...',
  '"',
  '"""',
  '#',
  '\n',
  ',',
  'query',
  'mutation',
  'subscription',
  'fragment',
  'on',
  'true',
  'null',
  'Query',
  'Greeting',
  'Int',
  'A',
  'B',
  'public',
  'private',
  'admin',
  'viewer',
  'clock',
  'message',
  'subject',
  'scopes',
  '__typename',
  '__schema',
  '__type',
  '__proto__',
  'constructor',
  '@skip(if: true)',
  '@include(if: $a)',
  '@auth',
  '$a',
  '1',
  '-0',
  '1e999',
  '"x"',
  '"\\ud800"',
  '{ message }',
  '{ private { message } }',
  '... on Query',
  '...A',
  'fragment A on Query {',
  'query A($a: Boolean!) {',
  '\ufeff',
  '\u0000',
);

const selection: fc.Arbitrary<string> = fc.letrec<{ set: string; field: string }>((tie) => ({
  set: fc
    .array(tie('field'), { minLength: 1, maxLength: 4 })
    .map((fields) => `{ ${fields.join(' ')} }`),
  field: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    fc.constantFrom('message', '__typename', 'subject', '...A', '...B', 'a: message'),
    fc
      .tuple(
        fc.constantFrom('', 'a: ', 'b: ', '__proto__: ', 'constructor: '),
        fc.constantFrom(
          'public',
          'private',
          'admin',
          'viewer',
          'clock',
          '... on Query',
          '...',
          '__schema',
        ),
        fc.constantFrom(
          '',
          '',
          '@skip(if: true)',
          '@skip(if: $a)',
          '@include(if: $a)',
          '@x',
          '(a: [$a])',
        ),
        tie('set'),
      )
      .map((parts) => parts.join(' ')),
  ),
})).set;

/** Operations of words of the language in any order, and of selections with fragments. */
export const hostileOperation: fc.Arbitrary<HostileOperation> = fc.record(
  {
    query: fc.oneof(
      fc.array(word, { maxLength: 60 }).map((words) => words.join(' ')),
      fc
        .tuple(
          fc.constantFrom('query', 'mutation', 'subscription'),
          selection,
          selection,
          selection,
        )
        .map(
          ([kind, root, a, b]) =>
            `${kind} A($a: Boolean) ${root} fragment A on Query ${a} fragment B on Greeting ${b}`,
        ),
    ),
    variables: fc.oneof(
      fc.constantFrom(null, {}, { a: true }, { a: 'x' }, { __proto__: { a: true } }),
      fc.jsonValue(),
    ),
    operationName: fc.constantFrom('A', 'B', '', null, 1, '__proto__', {}),
    extensions: fc.jsonValue(),
  },
  { requiredKeys: ['query'] },
);
