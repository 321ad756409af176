import { makeExecutableSchema } from '@graphql-tools/schema';
import {
  GraphQLError,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  GraphQLScalarType,
  type GraphQLSchema,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  type ResponsePath,
} from 'graphql';
import { authDirectives } from '../../src/authorization/directives/auth-directives.ts';
import { guardSchema } from '../../src/authorization/enforcement/guard-schema.ts';
import type { InfoExtras } from '../../src/execution/run.ts';

/** What a schema is generated from. */
export interface SchemaTraits {
  /** The type of each field, the same in every type, so that selections can be merged. */
  readonly types: Readonly<Record<string, string>>;
  /** Decides what each function of the schema does. */
  readonly seed: number;
}

export const fieldNames = ['a', 'b', 'c', 'd', 'e'] as const;
export const leafNames = ['Int', 'String', 'Boolean', 'ID', 'Odd', 'Color'];
export const compositeNames = ['A', 'B', 'C', 'I', 'U'];
export const namesWithArguments: readonly string[] = ['a', 'b'];

/** Notes each call of a function of the schema, in order. */
export type Note = (call: string) => void;

/**
 * A guarded schema whose functions return, reject and throw whatever JavaScript lets them, but the same
 * each time.
 */
export function createOddSchema({ types, seed }: SchemaTraits, note: Note): GraphQLSchema {
  const pick = (salt: string, all: number): number => mix(seed, salt) % all;
  const isGuarded = pick('guarded', 3) > 0;
  const rule = (salt: string, frequency: number): string =>
    isGuarded && pick(`rule ${salt}`, frequency) === 0
      ? (['@auth(scope: "a")', '@auth(scope: "b")', '@auth', '@auth(policy: "odd")'][
          pick(`kind ${salt}`, 4)
        ] ?? '')
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
    return produce(returnType, by, note);
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
      if (by % 23 === 0) throw new Error('Not known.');
      // A guard takes one microtask more for a promise, which compiled operations save.
      if (rule(type, 5) !== '') return by % 5 > 0;
      if (by % 23 === 1) return Promise.reject(new TypeError('Not known.'));
      return oneOf(by, [
        true,
        true,
        true,
        1,
        Promise.resolve(true),
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
    if (by % 11 === 0) throw new Error('No type.');
    if (by % 37 === 1) return Promise.reject(new Error('No type later.'));
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
  return guardSchema(
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
        odd: ({ source, info }) => {
          note(`policy ${keysOf(info.path).join('.')}`);
          const by = mix(seedOf(source, seed), 'policy');
          if (by % 9 === 0) throw new Error('No policy.');
          return by % 3 === 0 ? later(by % 2, () => by % 4 > 0) : by % 4 > 0;
        },
      },
    },
  );
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

/** The value at the root of an operation. */
export function createRoot(seed: number, note: Note): unknown {
  return oneOf(mix(seed, 'root'), [
    undefined,
    null,
    'no object',
    () => 'called',
    createSource(seed, note),
    createSource(seed, note),
  ]);
}

class Source {
  readonly seed: number;
  constructor(seed: number) {
    this.seed = seed;
  }
}

const seedOf = (source: unknown, seed: number): number =>
  source instanceof Source ? source.seed : seed;

function serializeOdd(value: unknown): unknown {
  const by = mix(1, String(value));
  if (by % 13 === 0)
    throw new GraphQLError('Not this one.', { extensions: { code: 'ODD' }, path: ['elsewhere'] });
  if (by % 13 === 1) throw new TypeError('No value.');
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

/** An object that executors take for a promise. */
const thenable = (then: unknown): object => Object.fromEntries([['then', then]]);

/** What a function of the schema does for a type. */
function produce(type: GraphQLOutputType, seed: number, note: Note): unknown {
  switch (mix(seed, 'how') % 200) {
    case 0:
      throw new Error('thrown');
    case 1:
      throw new GraphQLError('thrown with extensions', { extensions: { code: 'OWN' } });
    case 2:
      throw 'a string';
    case 3:
      throw { message: 'like an error', name: 'Odd', stack: 'none' };
    case 4:
      throw new AggregateError([new Error('one'), 'two'], 'several');
    case 5:
      throw new AggregateError([], 'none');
    case 6:
      throw undefined;
    case 7:
      return new Error('returned');
    case 8:
      return null;
    case 9:
      return undefined;
    case 10:
      return Promise.reject(new Error('rejected'));
    case 11:
      return Promise.reject(null);
    case 12:
      return later(seed % 4, () => produce(type, mix(seed, 'later'), note));
    case 13:
      return later(1, () => produce(type, mix(seed, 'later'), note));
    case 14:
      return thenable((done: (value: unknown) => unknown) =>
        Promise.resolve().then(() => done(plain(type, seed, note))),
      );
    case 15:
      return thenable(5);
    case 16:
      return Promise.reject(new AggregateError([new Error('one'), new Error('two')], 'several'));
    case 17:
      return (args: unknown) => `called with ${JSON.stringify(args)}`;
    case 18:
      throw Object.assign(new Error('located'), {
        path: ['elsewhere', 1],
        errors: [new GraphQLError('inner')],
      });
    case 19:
      return Symbol.iterator;
    case 20:
      throw new GraphQLError('critical', { extensions: { CRITICAL_ERROR: true } });
    case 21:
      return thenable(() => {
        throw new Error('thrown by then');
      });
    case 22:
      return thenable((done: (value: unknown) => unknown) => done(plain(type, seed, note)));
    case 23:
      return Object.defineProperty({}, 'then', {
        get: () => {
          throw new Error('unreadable then');
        },
      });
    case 24:
      return Promise.reject(
        new GraphQLError('critical later', { extensions: { CRITICAL_ERROR: true } }),
      );
    case 25:
      throw null;
    case 26:
      throw new GraphQLError('already located', { path: ['elsewhere', 0] });
    case 27:
      return Promise.resolve(new Error('an error, resolved'));
    default:
      return plain(type, seed, note);
  }
}

/** What scalars serialize. */
const valid: Readonly<Record<string, unknown>> = { Int: 1, Boolean: true, ID: 7 };

function plain(type: GraphQLOutputType, seed: number, note: Note): unknown {
  if (isNonNullType(type)) return plain(type.ofType, seed, note);
  if (isListType(type)) {
    const items = Array.from({ length: mix(seed, 'length') % 4 }, (_, index) =>
      mix(seed, `item${index}`),
    );
    const make = (item: number): unknown => {
      const how = item % 17;
      if (how === 0) return null;
      if (how === 1) return new Error('item');
      if (how === 2) return later(item % 3, () => plain(type.ofType, item, note));
      if (how === 3) return Promise.reject(new Error('rejected item'));
      return plain(type.ofType, item, note);
    };
    switch (mix(seed, 'list') % 12) {
      case 0:
        return new Set(items.map(make));
      case 1:
        return generate(items, make, seed, note);
      case 2:
        return generateLater(items, make, seed, note);
      case 3:
        return { length: 1, 0: 'no list' };
      case 4:
        return 'text';
      default:
        return items.map(make);
    }
  }
  if (isEnumType(type)) return oneOf(seed, ['RED', 'GREEN', 'RED', 'BLUE', 3]);
  if (mix(seed, 'valid') % 4 > 0 && isLeafType(type)) return valid[type.name] ?? 'text';
  if (isLeafType(type))
    return oneOf(mix(seed, 'leaf'), [1, 2.5, '3', 'text', true, {}, [], 2 ** 40, seed]);
  return createSource(seed, note);
}

/** An object whose properties are read by the default resolver: values, methods, getters that throw. */
function createSource(seed: number, note: Note): unknown {
  if (mix(seed, 'primitive') % 25 === 0) return 'no object';
  const source = new Source(seed);
  for (const name of fieldNames) {
    const by = mix(seed, name);
    Object.defineProperty(source, name, {
      enumerable: true,
      get: () => {
        note(`read ${name}`);
        if (by % 29 === 0) throw new Error('unreadable');
        if (by % 7 === 0)
          return oneOf(by, [null, undefined, later(1, () => 'late'), new Error('own')]);
        if (by % 11 === 0)
          return function method(
            this: unknown,
            _args: unknown,
            _context: unknown,
            info: GraphQLResolveInfo,
          ) {
            note(`method ${keysOf(info.path).join('.')} ${this === source}`);
            return produce(info.returnType, mix(by, 'method'), note);
          };
        return oneOf(by, [
          1,
          'RED',
          true,
          new Source(by),
          [1, 'GREEN', null],
          [createSource(mix(by, 'inner'), note)],
          createSource(mix(by, 'child'), note),
        ]);
      },
    });
  }
  const typename = oneOf(mix(seed, 'typename'), [
    'A',
    'B',
    'C',
    'A',
    'B',
    'C',
    'None',
    undefined,
    5,
  ]);
  if (typename !== undefined) Object.assign(source, { __typename: typename });
  return source;
}

function* generate(
  items: readonly number[],
  make: (item: number) => unknown,
  seed: number,
  note: Note,
): Iterable<unknown> {
  try {
    for (const item of items) yield make(item);
    if (mix(seed, 'end') % 4 === 0) throw new Error('broke off');
  } finally {
    note('closed');
  }
}

async function* generateLater(
  items: readonly number[],
  make: (item: number) => unknown,
  seed: number,
  note: Note,
): AsyncIterable<unknown> {
  try {
    for (const item of items) {
      await later(item % 3, () => undefined);
      yield make(item);
    }
    if (mix(seed, 'end') % 4 === 0) throw new Error('broke off');
  } finally {
    note('closed later');
  }
}

/** A promise that takes so many microtasks. */
async function later<Value>(turns: number, make: () => Value | Promise<Value>): Promise<Value> {
  for (let turn = 0; turn < turns; turn += 1) await undefined;
  return make();
}

function oneOf<One>(seed: number, all: readonly One[]): One | undefined {
  return all[seed % all.length];
}

/** A number made of another and a text (FNV-1a). */
export function mix(seed: number, text: string): number {
  let result = (seed ^ 2_166_136_261) >>> 0;
  for (const character of text)
    result = Math.imul(result ^ character.charCodeAt(0), 16_777_619) >>> 0;
  result = Math.imul(result ^ (result >>> 15), 2_246_822_507) >>> 0;
  return (result ^ (result >>> 13)) >>> 0;
}

function keysOf(path: ResponsePath): (string | number)[] {
  return path.prev ? [...keysOf(path.prev), path.key] : [path.key];
}
