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

/** A schema whose functions return, reject and throw whatever JavaScript lets them, but the same each time. */
export function createOddSchema({ types, seed }: SchemaTraits, note: Note): GraphQLSchema {
  const body = fieldNames
    .map((name) => {
      const args = namesWithArguments.includes(name) ? '(x: Int = 1, y: In, z: [Odd!])' : '';
      return `${name}${args}: ${types[name]}`;
    })
    .join(' ');
  const typeDefs = `
    scalar Odd
    enum Color { RED GREEN }
    input In { n: Int! m: [Color!] = [RED] o: Odd }
    interface I { ${body} }
    type A implements I { ${body} }
    type B implements I { ${body} }
    type C implements I { ${body} }
    union U = A | B
    type Query { ${body} }
    type Mutation { ${body} }
  `;
  const resolve = (source: unknown, args: object, _context: unknown, info: GraphQLResolveInfo) => {
    const { parentType, fieldName, path, returnType } = info;
    note(
      `${keysOf(path).join('.')} ${parentType.name}.${fieldName}(${JSON.stringify(args)}) ${info.fieldNodes.length}`,
    );
    return produce(returnType, mix(seedOf(source, seed), fieldName), note);
  };
  const pick = (salt: string, all: number): number => mix(seed, salt) % all;
  const resolversOf = (type: string) =>
    Object.fromEntries(
      fieldNames
        .filter((name) => type === 'Query' || type === 'Mutation' || pick(type + name, 3) === 0)
        .map((name) => [name, resolve]),
    );
  const isTypeOf = (value: unknown): unknown => {
    note('isTypeOf');
    return oneOf(mix(seedOf(value, seed), 'isTypeOf'), [
      true,
      true,
      true,
      1,
      Promise.resolve(true),
      false,
      Promise.resolve(0),
    ]);
  };
  const resolveType = (value: unknown): unknown => {
    note('resolveType');
    const by = mix(seedOf(value, seed), 'type');
    if (by % 11 === 0) throw new Error('No type.');
    return oneOf(by, ['A', 'B', 'A', Promise.resolve('B'), 'C', 'Query', 'None', 7, null, 'Odd']);
  };
  return makeExecutableSchema({
    typeDefs,
    resolverValidationOptions: { requireResolversForResolveType: 'ignore' },
    resolvers: {
      Query: resolversOf('Query'),
      Mutation: resolversOf('Mutation'),
      A: { ...resolversOf('A'), ...(pick('A', 2) === 0 ? { __isTypeOf: isTypeOf } : {}) },
      B: resolversOf('B'),
      C: resolversOf('C'),
      ...(pick('I', 2) === 0 ? { I: { __resolveType: resolveType } } : {}),
      ...(pick('U', 2) === 0 ? { U: { __resolveType: resolveType } } : {}),
      Odd: new GraphQLScalarType({ name: 'Odd', serialize: (value) => serializeOdd(value) }),
    },
  });
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
  ]);
}

/** An object that executors take for a promise. */
const thenable = (then: unknown): object => Object.fromEntries([['then', then]]);

/** What a function of the schema does for a type. */
function produce(type: GraphQLOutputType, seed: number, note: Note): unknown {
  switch (mix(seed, 'how') % 90) {
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
    default:
      return plain(type, seed, note);
  }
}

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
        return generate(items, make, seed);
      case 2:
        return generateLater(items, make, seed);
      case 3:
        return { length: 1, 0: 'no list' };
      case 4:
        return 'text';
      default:
        return items.map(make);
    }
  }
  if (isEnumType(type)) return oneOf(seed, ['RED', 'GREEN', 'RED', 'BLUE', 3]);
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
): Iterable<unknown> {
  for (const item of items) yield make(item);
  if (mix(seed, 'end') % 4 === 0) throw new Error('broke off');
}

async function* generateLater(
  items: readonly number[],
  make: (item: number) => unknown,
  seed: number,
): AsyncIterable<unknown> {
  for (const item of items) {
    await later(item % 3, () => undefined);
    yield make(item);
  }
  if (mix(seed, 'end') % 4 === 0) throw new Error('broke off');
}

/** A promise that takes so many microtasks. */
async function later(turns: number, make: () => unknown): Promise<unknown> {
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
