import fc from 'fast-check';
import {
  compositeNames,
  fieldNames,
  leafNames,
  mix,
  namesWithArguments,
  type SchemaTraits,
} from './odd-schema.ts';

/** An operation on a generated schema. */
export interface GeneratedOperation extends SchemaTraits {
  readonly document: string;
  readonly variables: Readonly<Record<string, unknown>>;
}

const shape = fc.constantFrom('T', 'T', 'T', 'T!', 'T!', '[T]', '[T!]', '[T]!', '[T!]!', '[[T!]]');
const name = fc.oneof(fc.constantFrom(...leafNames), fc.constantFrom(...compositeNames));
const type = fc.tuple(shape, name).map(([around, named]) => around.replace('T', named));

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
];
const conditions = [
  '',
  '',
  '',
  '',
  '',
  '@skip(if: $yes)',
  '@include(if: $yes)',
  '@include(if: $no)',
  '@skip(if: false)',
  '@include(if: true) @skip(if: $no)',
  '@skip(if: true)',
];
const condition = fc.constantFrom(...conditions);

type Types = Readonly<Record<string, string>>;

function selectionsOf(
  types: Types,
  depth: number,
  spreads: readonly string[],
): fc.Arbitrary<string> {
  const field = fc
    .tuple(
      fc.constantFrom(...fieldNames),
      fc.constantFrom('', '', 'k', '_1'),
      fc.constantFrom(...given),
      condition,
    )
    .chain(([field, prefix, args, when]) => {
      const supplied = namesWithArguments.includes(field) ? args : '';
      // Fields with the same key have the same arguments, so that they merge.
      const key = `${prefix}${field}${supplied === '' ? '' : mix(0, supplied) % 1000}`;
      const head = `${key === field ? '' : `${key}: `}${field}${supplied} ${when}`;
      if (leafNames.some((leaf) => (types[field] ?? '').replace(/[[\]!]/g, '') === leaf))
        return fc.constant(head);
      if (depth === 0) return fc.constant(`${head} { __typename }`);
      return selectionsOf(types, depth - 1, spreads).map((inner) => `${head} { ${inner} }`);
    });
  const fragment = fc
    .tuple(fc.constantFrom('on A', 'on B', 'on C', 'on I', ''), condition, field)
    .map(([on, when, inner]) => `... ${on} ${when} { ${inner} }`);
  const selection = fc.oneof(
    { weight: 6, arbitrary: field },
    { weight: 1, arbitrary: fragment },
    { weight: 1, arbitrary: fc.constantFrom('__typename', 'kind: __typename', ...spreads) },
  );
  return fc.array(selection, { minLength: 1, maxLength: 4 }).map((all) => all.join(' '));
}

/** Documents are not validated: only what validation cannot rule out is generated. */
export const generatedOperation: fc.Arbitrary<GeneratedOperation> = fc
  .record(Object.fromEntries(fieldNames.map((one) => [one, type])))
  .chain((types) =>
    fc.record({
      types: fc.constant(types),
      seed: fc.integer({ min: 0, max: 2 ** 31 }),
      document: fc
        .tuple(
          fc.constantFrom('query', 'query', 'mutation'),
          selectionsOf(types, 3, ['...F', '...G @include(if: $yes)']),
          selectionsOf(types, 1, ['...G']),
          selectionsOf(types, 1, []),
        )
        .map(
          ([kind, root, onA, onI]) =>
            `${kind} Q($n: Int! = 3, $odd: [Odd!], $yes: Boolean! = true, $no: Boolean!, $missing: Int) { ${root} }
            fragment F on A { ${onA} __typename }
            fragment G on I { ${onI} __typename }`,
        ),
      variables: fc.record(
        {
          n: fc.constantFrom(1, 5, 7, 'no number'),
          odd: fc.constantFrom([1], null, 'text', ['x', 2]),
          yes: fc.boolean(),
          no: fc.boolean(),
        },
        { requiredKeys: ['no'] },
      ),
    }),
  );
