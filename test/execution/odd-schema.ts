import { makeExecutableSchema } from '@graphql-tools/schema';
import {
  GraphQLError,
  type GraphQLResolveInfo,
  GraphQLScalarType,
  type GraphQLSchema,
  GraphQLString,
} from 'graphql';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import type { PolicyInput } from '../../src/authorization/rules/policies.ts';
import type { BatchedPolicy } from '../../src/authorization/rules/policy-definition.ts';
import type { InfoExtras } from '../../src/execution/run.ts';
import {
  createSource,
  keysOf,
  later,
  mix,
  type Note,
  oneOf,
  produce,
  seedOf,
  thenable,
  type World,
} from './odd-values.ts';

type Decisions = Awaited<ReturnType<BatchedPolicy['batched']>>;

/** What a schema is generated from. */
export interface SchemaTraits {
  /** The type of each field, the same in every type, so that selections can be merged. */
  readonly types: Readonly<Record<string, string>>;
  /** Decides what each function of the schema does. */
  readonly seed: number;
  readonly failsLate: World['failsLate'];
  /** Whether there are batched policies. */
  readonly isBatched: boolean;
}

export interface OddSchema {
  readonly schema: GraphQLSchema;
  /** Creates the value at the root of an operation. */
  createRoot(): unknown;
}

export const fieldNames = ['a', 'b', 'c', 'd', 'e'] as const;
export const leafNames = ['Int', 'String', 'Boolean', 'ID', 'Odd', 'Color'];
export const compositeNames = ['A', 'B', 'C', 'I', 'U'];
const usualRules = ['@auth(scope: "a")', '@auth(scope: "b")', '@auth', '@auth(policy: "odd")'];
const batchedRules = [
  '@auth(policy: "many")',
  '@auth(policy: "many")',
  '@auth(policy: "known")',
  '@auth(policy: ["odd", "many"])',
];
export const namesWithArguments: readonly string[] = ['a', 'b'];

/**
 * A guarded schema whose functions return, reject and throw whatever JavaScript lets them, but the same
 * each time.
 */
export function createOddSchema(
  { types, seed, failsLate, isBatched }: SchemaTraits,
  note: Note,
): OddSchema {
  const rules = isBatched ? [...usualRules, ...batchedRules] : usualRules;
  const pick = (salt: string, all: number): number => mix(seed, salt) % all;
  const isGuarded = pick('guarded', 3) > 0;
  const rule = (salt: string, frequency: number): string =>
    isGuarded && pick(`rule ${salt}`, frequency) === 0
      ? (rules[pick(`kind ${salt}`, rules.length)] ?? '')
      : '';
  const body = (owner: string): string =>
    fieldNames
      .map((name) => {
        const args = namesWithArguments.includes(name)
          ? `(x: Int = 1, y: In, z: [Odd!], c: Color ${rule(`${owner}.${name} c`, 9)})`
          : '';
        return `${name}${args}: ${types[name]} ${rule(`${owner}.${name}`, 9)}`;
      })
      .join(' ');
  const typeDefs = `
    scalar Odd
    enum Color { RED GREEN ${rule('GREEN', 5)} }
    input In { n: Int! m: [Color!] = [RED] o: Odd in: In }
    interface I { ${body('I')} }
    type A implements I ${rule('A', 5)} { ${body('A')} }
    type B implements I ${rule('B', 5)} { ${body('B')} }
    type C implements I ${rule('C', 5)} { ${body('C')} }
    union U = A | B
    type Query { ${body('Query')} }
    type Mutation { ${body('Mutation')} }
  `;
  const resolve = (
    source: unknown,
    args: object,
    context: unknown,
    info: GraphQLResolveInfo & Partial<InfoExtras>,
  ) => {
    const { parentType, fieldName, path, returnType, fieldNodes } = info;
    note(
      `${keysOf(path).join('.')} ${parentType.name}.${fieldName}(${JSON.stringify(args)}) ${fieldNodes.length}`,
    );
    note(describe(info, context));
    const by = mix(seedOf(source, seed), fieldName);
    if (by % 7 === 0) {
      const value = later(1, () => note('tracked'));
      info.getAsyncHelpers?.().track([value, 1]);
    }
    return produce(returnType, by, world);
  };
  const resolversOf = (type: string) =>
    Object.fromEntries(
      fieldNames
        .filter((name) =>
          type === 'Query' || type === 'Mutation'
            ? pick(type + name, 5) > 0
            : pick(type + name, 3) === 0,
        )
        .map((name) => [name, resolve]),
    );
  const createIsTypeOf =
    (type: string) =>
    (value: unknown): unknown => {
      note('isTypeOf');
      const by = mix(seedOf(value, seed), 'isTypeOf');
      const how = mix(by, 'how') % 69;
      if (how === 0) throw new Error('Not known.');
      // A guard takes one microtask more for a promise, which compiled operations save.
      if (rule(type, 5) !== '') return by % 12 > 0;
      if (how === 1) return Promise.reject(new TypeError('Not known.'));
      if (how > 20) return true;
      return oneOf(by, [
        1,
        Promise.resolve(true),
        later(by % 5, () => true),
        later(by % 3, () => true),
        false,
        Promise.resolve(0),
        thenable((done: (value: unknown) => unknown) => done(true)),
        undefined,
      ]);
    };
  const resolveType = (
    value: unknown,
    _context: unknown,
    { schema, path }: GraphQLResolveInfo,
  ): unknown => {
    note(`resolveType ${keysOf(path).join('.')}`);
    const by = mix(seedOf(value, seed), 'type');
    const how = mix(by, 'how') % 64;
    if (how > 24) return how % 2 > 0 ? 'A' : 'B';
    if (how > 16) return later(by % 5, () => 'B');
    if (how === 0) throw new Error('No type.');
    if (how === 1) return Promise.reject(new Error('No type later.'));
    return oneOf(by, [
      'A',
      'B',
      'A',
      Promise.resolve('B'),
      'C',
      'B',
      'A',
      'C',
      'Query',
      'None',
      7,
      null,
      'Odd',
      later(2, () => undefined),
      schema.getType('A'),
      thenable((done: (value: unknown) => unknown) => done('B')),
      'constructor',
    ]);
  };
  const typeOf = (type: string) =>
    pick(`isTypeOf ${type}`, 2) === 0 ? { __isTypeOf: createIsTypeOf(type) } : {};
  /** Decides in the same tick, some microtasks later, or in a later tick. */
  const batched = (inputs: readonly PolicyInput[]): Decisions | Promise<Decisions> => {
    const decisions = inputs.map(({ source, info }) => {
      note(`policies ${keysOf(info.path).join('.')}`);
      const by = mix(seedOf(source, seed), 'policies');
      return by % 4 > 0 || (by % 5 > 0 ? false : { kind: 'scope' as const, scope: 'c' });
    });
    const how = pick('batched', 9);
    if (how < 3) return decisions;
    if (how < 6) return later(how, () => decisions);
    return new Promise((resolve) => setImmediate(() => resolve(decisions)));
  };
  const schema = guardSchema(
    makeExecutableSchema({
      typeDefs: [authDirectives, typeDefs],
      resolverValidationOptions: { requireResolversForResolveType: 'ignore' },
      resolvers: {
        Query: resolversOf('Query'),
        Mutation: resolversOf('Mutation'),
        A: { ...resolversOf('A'), ...typeOf('A') },
        B: { ...resolversOf('B'), ...typeOf('B') },
        C: resolversOf('C'),
        ...(pick('I', 2) === 0 ? { I: { __resolveType: resolveType } } : {}),
        ...(pick('U', 2) === 0 ? { U: { __resolveType: resolveType } } : {}),
        ...(pick('Color', 2) === 0 ? { Color: { RED: 3, GREEN: 'RED' } } : {}),
        Odd: new GraphQLScalarType({
          name: 'Odd',
          serialize: serializeOdd,
          parseValue: parseOdd,
          ...(pick('literal', 2) === 0 ? { parseLiteral: ({ kind }) => parseOdd(kind) } : {}),
        }),
      },
    }),
    {
      allowNoRules: true,
      policies: {
        many: { batched },
        known: { batched, memo: ({ source }) => source },
        odd: ({ source, info }) => {
          note(`policy ${keysOf(info.path).join('.')}`);
          const by = mix(seedOf(source, seed), 'policy');
          if (by % 9 === 0) throw new Error('No policy.');
          return by % 3 === 0 ? later(by % 2, () => by % 4 > 0) : by % 4 > 0;
        },
      },
    },
  );
  const fields = schema.getQueryType()?.getFields();
  const world: World = {
    note,
    fieldNames,
    failsLate,
    typeOf: (name) => fields?.[name]?.type ?? GraphQLString,
  };
  const createRoot = (): unknown =>
    oneOf(mix(seed, 'root'), [
      undefined,
      null,
      'no object',
      () => 'called',
      ...Array.from({ length: 8 }, () => createSource(seed, world)),
    ]);
  return { schema, createRoot };
}

/** What resolvers see of the operation. */
function describe(info: GraphQLResolveInfo & Partial<InfoExtras>, context: unknown): string {
  return [
    Object.keys(info),
    info.operation.name?.value,
    JSON.stringify(info.variableValues),
    Object.keys(info.fragments),
    seedOf(info.rootValue, 0),
    String(info.returnType),
    info.fieldNodes.map(({ loc }) => loc?.start),
    typeof info.getAsyncHelpers,
    info.getAbortSignal?.(),
    context === null ? 'null' : Object.keys(Object(context)),
  ].join(' ');
}

function serializeOdd(value: unknown): unknown {
  const by = mix(1, String(value));
  if (by % 29 === 0)
    throw new GraphQLError('Not this one.', { extensions: { code: 'ODD' }, path: ['elsewhere'] });
  if (by % 29 === 1) throw new TypeError('No value.');
  if (by % 29 > 14) return 'usual';
  return oneOf(by, [
    1,
    'text',
    { a: 1 },
    [1],
    false,
    0,
    '',
    null,
    undefined,
    Number.NaN,
    thenable(1),
    new Error('kept'),
    10n,
    Object.defineProperty({}, 'then', {
      get: () => {
        throw new Error('No then.');
      },
    }),
    () => 1,
  ]);
}

function parseOdd(value: unknown): unknown {
  const by = mix(2, String(value));
  if (by % 17 === 0) throw new GraphQLError('Not that.', { extensions: { code: 'PARSE' } });
  if (by % 17 === 1) throw new TypeError('Not parsed.');
  return by % 17 === 2 ? undefined : { parsed: value };
}
