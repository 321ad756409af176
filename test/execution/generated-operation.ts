import fc from 'fast-check';
import {
  compositeNames,
  fieldNames,
  leafNames,
  namesWithArguments,
  type SchemaTraits,
} from './odd-schema.ts';
import { mix } from './odd-values.ts';

/** Operations on a generated schema. */
export interface GeneratedOperations extends SchemaTraits {
  readonly operations: readonly GeneratedOperation[];
}

export interface GeneratedOperation {
  readonly document: string;
  readonly context: 'plain' | 'waiting' | 'none';
  /** Executions of the same document. */
  readonly executions: readonly {
    readonly variables: Readonly<Record<string, unknown>>;
    readonly isAnonymous: boolean;
  }[];
}

/** A schema takes as long to make as some operations. */
export const operationsPerSchema = 20;

/** Mostly nullable, so that most errors leave the rest of the data. */
const lenient = ['T', 'T', 'T', 'T', 'T!', '[T]', '[T]', '[T!]', '[T]!', '[[T!]]'];
/** Here most errors propagate, while other fields are still being executed. */
const strict = ['T', 'T!', 'T!', '[T]', '[T!]', '[T!]!', '[T!]!', '[[T!]!]', '[[T]!]!'];

const named = fc.oneof(fc.constantFrom(...leafNames), fc.constantFrom(...compositeNames));
const typeWith = (shapes: readonly string[]): fc.Arbitrary<string> =>
  fc.tuple(fc.constantFrom(...shapes), named).map(([shape, name]) => shape.replace('T', name));
const typesWith = (shapes: readonly string[]): fc.Arbitrary<Types> =>
  fc.record(Object.fromEntries(fieldNames.map((name) => [name, typeWith(shapes)])));

const given = [
  '',
  '',
  '',
  '(x: 2)',
  '(x: $n)',
  '(x: null)',
  '(y: { n: 1 })',
  '(y: { n: $n, m: GREEN })',
  '(z: [1, "two"])',
  '(z: $odd)',
  '(y: { n: $missing })',
  '(y: $in)',
  '(y: { n: 1, in: $in }, c: $color)',
  '(c: GREEN)',
  '(x: $missing, c: RED)',
];
const conditions = [
  ...Array.from({ length: 15 }, () => ''),
  '@skip(if: $yes)',
  '@include(if: $yes)',
  '@include(if: $no)',
  '@skip(if: false)',
  '@include(if: true) @skip(if: $no)',
  '@skip(if: true)',
  '@include(if: $maybe)',
  '@skip(if: $no) @include(if: $maybe)',
];
const condition = fc.constantFrom(...conditions);

type Types = Readonly<Record<string, string>>;

/** A field as it is selected, without selections of its own. */
const headOf = (names: readonly string[]): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom(...names),
      fc.constantFrom('', '', '', '', 'k', '_1', 'constructor', 'toJSON'),
      fc.constantFrom(...given),
      condition,
    )
    .map(([field, prefix, args, when]) => {
      const supplied = namesWithArguments.includes(field) ? args : '';
      // Fields with the same key have the same arguments, so that they merge.
      const own = `${field}${supplied === '' ? '' : mix(0, supplied) % 1000}`;
      // Also keys that every object has, on a field without arguments.
      const key = prefix.length < 3 ? `${prefix}${own}` : field === 'e' ? prefix : own;
      return `${key === field ? '' : `${key}: `}${field}${supplied} ${when}`;
    });

function selectionsOf(
  types: Types,
  depth: number,
  spreads: readonly string[],
): fc.Arbitrary<string> {
  const isLeaf = (field: string): boolean =>
    leafNames.includes((types[field] ?? '').replace(/[[\]!]/g, ''));
  const leaves = fieldNames.filter(isLeaf);
  const composites = fieldNames.filter((field) => !isLeaf(field));
  const inner = depth === 0 ? fc.constant('__typename') : selectionsOf(types, depth - 1, spreads);
  const composite = (): fc.Arbitrary<string> =>
    fc.tuple(headOf(composites), inner).map(([head, selections]) => `${head} { ${selections} }`);
  const field = fc.oneof(
    ...(leaves.length > 0 ? [headOf(leaves)] : []),
    ...(composites.length > 0 ? [composite()] : []),
  );
  const fragment = fc
    .tuple(fc.constantFrom('on A', 'on B', 'on C', 'on I', 'on U', '', '', ''), condition, field)
    .map(([on, when, inner]) => `... ${on} ${when} { ${inner} }`);
  const selection = fc.oneof(
    { weight: 6, arbitrary: field },
    { weight: 1, arbitrary: fragment },
    { weight: 1, arbitrary: fc.constantFrom('__typename', 'kind: __typename', ...spreads) },
  );
  return fc
    .array(selection, { minLength: depth > 1 ? 3 : 2, maxLength: 4, size: 'max' })
    .map((all) => all.join(' '));
}

/** What GraphQL itself has at the root of queries, or nothing. */
const introspection = fc.constantFrom(
  '',
  '',
  '',
  '',
  '__schema { queryType { name } types @include(if: $yes) { kind name } }',
  '__type(name: "I") { name possibleTypes { name } fields { name type { kind ofType { name } } } }',
  '... @skip(if: $no) { none: __type(name: "None") { name } } __typename',
);

const often = <Value>(usual: readonly Value[], rare: Value): fc.Arbitrary<Value> =>
  fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(...usual) },
    { weight: 1, arbitrary: fc.constant(rare) },
  );

const variables = fc.record(
  {
    n: often<unknown>([1, 5, 7], 'no number'),
    odd: fc.constantFrom([1], null, 'text', ['x', 2]),
    yes: fc.boolean(),
    no: fc.boolean(),
    maybe: often<unknown>([true, false], null),
    missing: fc.constantFrom(null, 4, undefined),
    in: often<unknown>(
      [
        null,
        { n: 2 },
        { n: 2, m: null, o: 'x', in: { n: 3, m: 'GREEN' } },
        { n: 1, o: { deep: [1] } },
      ],
      { n: 1, other: 1 },
    ),
    color: often<unknown>(['RED', 'GREEN', null], 'BLUE'),
    unknown: fc.constant(1),
  },
  { requiredKeys: ['no'] },
);

const executions = fc.array(
  fc.record({ variables, isAnonymous: fc.constantFrom(false, false, false, true) }),
  { minLength: 1, maxLength: 2 },
);

const header =
  'Q($n: Int! = 3, $odd: [Odd!], $yes: Boolean! = true, $no: Boolean!, $maybe: Boolean = true, ' +
  '$missing: Int, $in: In = { n: 9 }, $color: Color = GREEN)';

const documentOf = (types: Types): fc.Arbitrary<string> =>
  fc
    .tuple(
      fc.constantFrom('query', 'query', 'mutation'),
      selectionsOf(types, 4, ['...F', '...G @include(if: $yes)']),
      selectionsOf(types, 1, ['...G']),
      selectionsOf(types, 1, []),
      introspection,
    )
    .map(
      ([kind, root, onA, onI, meta]) =>
        `${kind} ${header} { ${root} ${kind === 'query' ? meta : ''} }
        fragment F on A { ${onA} __typename }
        fragment G on I { ${onI} __typename }`,
    );

const traits = fc.oneof(
  { weight: 2, arbitrary: fc.record({ types: typesWith(lenient), failsLate: fc.constant(false) }) },
  { weight: 1, arbitrary: fc.record({ types: typesWith(strict), failsLate: fc.boolean() }) },
);

/** Documents are not validated: only what validation cannot rule out is generated. */
export const generatedOperations: fc.Arbitrary<GeneratedOperations> = fc.noBias(
  traits.chain(({ types, failsLate }) =>
    fc.record({
      types: fc.constant(types),
      failsLate: fc.constant(failsLate),
      isBatched: fc.boolean(),
      seed: fc.integer({ min: 0, max: 2 ** 31 }),
      operations: fc.array(
        fc.record({
          document: documentOf(types),
          context: fc.constantFrom('plain', 'plain', 'waiting', 'none'),
          executions,
        }),
        { minLength: operationsPerSchema, maxLength: operationsPerSchema },
      ),
    }),
  ),
);
