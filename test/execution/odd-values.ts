import {
  GraphQLError,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  getNamedType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  type ResponsePath,
} from 'graphql';

/** Notes each call of a function of the schema, in order. */
export type Note = (call: string) => void;

/** What all values of one schema are made with. */
export interface World {
  readonly note: Note;
  /** The names of the fields that every object has. */
  readonly fieldNames: readonly string[];
  /** The type of a field, the same in every type. */
  typeOf(fieldName: string): GraphQLOutputType;
  /** Whether most functions of leaves reject, each after another number of microtasks. */
  readonly failsLate: boolean;
}

class Source {
  readonly seed: number;
  constructor(seed: number) {
    this.seed = seed;
  }
}

export const seedOf = (source: unknown, seed: number): number =>
  source instanceof Source ? source.seed : seed;

/** An object that executors take for a promise. */
export const thenable = (then: unknown): object => Object.fromEntries([['then', then]]);

/** What a function of the schema does for a type: mostly what it should. */
export function produce(type: GraphQLOutputType, seed: number, world: World): unknown {
  if (world.failsLate && isLeafType(getNamedType(type)) && mix(seed, 'late') % 3 > 0)
    return failLate(mix(seed, 'turns'));
  const how = mix(seed, 'how') % 400;
  if (how > 396) return failLate(mix(seed, 'turns'));
  if (how > 387)
    return later(mix(seed, 'turns') % 6, () => produce(type, mix(seed, 'later'), world));
  switch (how) {
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
    case 13:
      return later(seed % 4, () => produce(type, mix(seed, 'later'), world));
    case 14:
      return thenable((done: (value: unknown) => unknown) =>
        Promise.resolve().then(() => done(plain(type, seed, world))),
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
      return thenable((done: (value: unknown) => unknown) => done(plain(type, seed, world)));
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
      return plain(type, seed, world);
  }
}

/** What scalars serialize. */
const valid: Readonly<Record<string, unknown>> = { Int: 1, Boolean: true, ID: 7 };

/** A value of a type, or something close to one. */
function plain(type: GraphQLOutputType, seed: number, world: World): unknown {
  if (isNonNullType(type)) return plain(type.ofType, seed, world);
  if (isListType(type)) return list(type.ofType, seed, world);
  if (isEnumType(type)) return oneOf(seed, ['RED', 'RED', 'RED', 'RED', 'RED', 'GREEN', 'BLUE', 3]);
  if (!isLeafType(type)) return createSource(seed, world);
  if (mix(seed, 'valid') % 12 === 0)
    return oneOf(mix(seed, 'leaf'), [1, 2.5, '3', 'text', true, {}, [], 2 ** 40, seed]);
  return type.name === 'Odd' ? seed % 97 : (valid[type.name] ?? 'text');
}

const lengths = [0, 1, 1, 2, 2, 3];

function list(type: GraphQLOutputType, seed: number, world: World): unknown {
  const items = Array.from(
    { length: lengths[mix(seed, 'length') % lengths.length] ?? 0 },
    (_, index) => mix(seed, `item${index}`),
  );
  const make = (item: number): unknown => {
    const how = mix(item, 'how') % 48;
    if (how === 0) return null;
    if (how === 1) return new Error('item');
    if (how === 2) return Promise.reject(new Error('rejected item'));
    if (how === 3 || (how < 16 && world.failsLate)) return failLate(mix(item, 'turns'));
    if (how < 8) return later(item % 3, () => plain(type, item, world));
    return plain(type, item, world);
  };
  switch (mix(seed, 'list') % 24) {
    case 0:
      return { length: 1, 0: 'no list' };
    case 1:
      return 'text';
    case 2:
    case 3:
      return new Set(items.map(make));
    case 4:
    case 5:
      return generate(items, make, seed, world);
    case 6:
    case 7:
      return generateLater(items, make, seed, world);
    default:
      return items.map(make);
  }
}

/** An object whose properties are read by the default resolver: values, methods, getters that throw. */
export function createSource(seed: number, world: World): unknown {
  if (mix(seed, 'primitive') % 40 === 0) return 'no object';
  const source = new Source(seed);
  for (const name of world.fieldNames) {
    Object.defineProperty(source, name, {
      // Errors that describe an object would read promises that nothing awaits.
      enumerable: false,
      get: () => {
        world.note(`read ${name}`);
        return propertyOf(source, name, mix(seed, name), world);
      },
    });
  }
  const typename = oneOf(mix(seed, 'typename'), namesOfTypes);
  if (typename !== undefined) Object.assign(source, { __typename: typename });
  return source;
}

const namesOfTypes = ['None', undefined, 5, ...'CCCCCC', ...'AB'.repeat(20)];

function propertyOf(source: Source, name: string, by: number, world: World): unknown {
  const type = world.typeOf(name);
  switch (mix(by, 'property') % 40) {
    case 0:
      throw new Error('unreadable');
    case 1:
      return null;
    case 2:
      return undefined;
    case 3:
      return new Error('own');
    case 4:
    case 5:
      return oneOf(by, [1, 'RED', true, new Source(by), [1, 'GREEN', null]]);
    case 6:
    case 7:
    case 8:
    case 9:
      return function method(
        this: unknown,
        _args: unknown,
        _context: unknown,
        info: GraphQLResolveInfo,
      ) {
        world.note(`method ${keysOf(info.path).join('.')} ${this === source}`);
        return produce(info.returnType, mix(by, 'method'), world);
      };
    case 10:
    case 11:
    case 12:
    case 13:
    case 14:
      return later(by % 4, () => plain(type, by, world));
    case 15:
      return failLate(mix(by, 'turns'));
    default:
      if (world.failsLate && isLeafType(getNamedType(type)) && by % 3 > 0)
        return failLate(mix(by, 'turns'));
      return plain(type, by, world);
  }
}

function* generate(
  items: readonly number[],
  make: (item: number) => unknown,
  seed: number,
  world: World,
): Iterable<unknown> {
  try {
    for (const item of items) yield make(item);
    if (mix(seed, 'end') % 8 === 0) throw new Error('broke off');
  } finally {
    world.note('closed');
  }
}

async function* generateLater(
  items: readonly number[],
  make: (item: number) => unknown,
  seed: number,
  world: World,
): AsyncIterable<unknown> {
  try {
    for (const item of items) {
      await later(item % 3, () => undefined);
      yield make(item);
    }
    if (mix(seed, 'end') % 8 === 0) throw new Error('broke off');
  } finally {
    world.note('closed later');
  }
}

/** A promise that takes so many microtasks. */
export async function later<Value>(
  turns: number,
  make: () => Value | Promise<Value>,
): Promise<Value> {
  for (let turn = 0; turn < turns; turn += 1) await undefined;
  return make();
}

export function oneOf<One>(seed: number, all: readonly One[]): One | undefined {
  return all[seed % all.length];
}

/** A promise that rejects after so many microtasks, at most 15. */
const failLate = (turns: number): Promise<never> =>
  later(turns % 16, () => {
    throw new Error(`late ${turns % 16}`);
  });

/** A number made of another and a text (FNV-1a). */
export function mix(seed: number, text: string): number {
  let result = (seed ^ 2_166_136_261) >>> 0;
  for (const character of text)
    result = Math.imul(result ^ character.charCodeAt(0), 16_777_619) >>> 0;
  result = Math.imul(result ^ (result >>> 15), 2_246_822_507) >>> 0;
  return (result ^ (result >>> 13)) >>> 0;
}

export function keysOf(path: ResponsePath): (string | number)[] {
  return path.prev ? [...keysOf(path.prev), path.key] : [path.key];
}
