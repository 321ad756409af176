/** Puts a guard around a function; undefined where none is needed. Called with undefined where there is no function. */
export type Wrap<Given, Guarded = Given> = (given: Given | undefined) => Guarded | undefined;

/** A function of a schema and its guard, which stays when the function is replaced in place. */
class GuardedFunction<Given> {
  /** What was assigned last, without its guard. */
  given: Given | undefined;
  guarded: Given | undefined;
  readonly #wrap: Wrap<Given>;

  constructor(given: Given | undefined, wrap: Wrap<Given>) {
    this.given = given;
    this.#wrap = wrap;
    this.guarded = wrap(given);
  }

  replace(given: unknown, name: string): void {
    // What was read from the schema may be written back: it has its guard.
    if (given === this.guarded && given !== undefined) return;
    if (!isFunctionOrNothing<Given>(given)) {
      throw new TypeError(`${name} must be a function.`);
    }
    this.given = given ?? undefined;
    this.guarded = this.#wrap(this.given);
  }
}

function isFunctionOrNothing<Given>(value: unknown): value is Given | null | undefined {
  return value === undefined || value === null || typeof value === 'function';
}

/**
 * Makes a property of an object hold its function guarded, also after another one is assigned.
 * Returns what was assigned last, without the guard.
 */
export function guardProperty<Given>(
  target: object,
  name: string,
  given: Given | undefined,
  wrap: Wrap<Given>,
): { readonly given: Given | undefined } {
  const kept = new GuardedFunction(given, wrap);
  Object.defineProperty(target, name, {
    get: () => kept.guarded,
    set: (value: unknown) => kept.replace(value, name),
    enumerable: true,
    configurable: false,
  });
  return kept;
}

const guardsKey = Symbol('guards');

interface WithGuards {
  readonly [guardsKey]: {
    readonly resolve: GuardedFunction<unknown>;
    readonly subscribe: GuardedFunction<unknown>;
  };
}

// Shared by all fields, so that engines see one kind of object: executors read it for each field.
const accessors = {
  resolve: {
    get(this: WithGuards) {
      return this[guardsKey].resolve.guarded;
    },
    set(this: WithGuards, given: unknown) {
      this[guardsKey].resolve.replace(given, 'resolve');
    },
    enumerable: true,
    configurable: false,
  },
  subscribe: {
    get(this: WithGuards) {
      return this[guardsKey].subscribe.guarded;
    },
    set(this: WithGuards, given: unknown) {
      this[guardsKey].subscribe.replace(given, 'subscribe');
    },
    enumerable: true,
    configurable: false,
  },
};

/**
 * A field like the given one, whose functions are guarded, also after others are assigned. A new
 * object, with its properties in the same order: redefining them on the given one would make every
 * reading of it slower.
 */
export function guardedField<
  Field extends { resolve?: Resolve | undefined; subscribe?: Resolve | undefined },
  Resolve,
>(
  field: Field,
  wrap: { readonly resolve: Wrap<Resolve>; readonly subscribe: Wrap<Resolve> },
): Field {
  const guards = {
    resolve: new GuardedFunction(field.resolve, wrap.resolve),
    subscribe: new GuardedFunction(field.subscribe, wrap.subscribe),
  };
  const guarded: Field = Object.create(Object.getPrototypeOf(field));
  Object.defineProperty(guarded, guardsKey, { value: guards });
  // One after the other, in one order: engines then share the layout of all of them.
  for (const name of Reflect.ownKeys(field)) {
    if (name === 'resolve' || name === 'subscribe') {
      Object.defineProperty(guarded, name, accessors[name]);
    } else Reflect.set(guarded, name, Reflect.get(field, name));
  }
  // A field need not have both.
  if (!Object.hasOwn(guarded, 'resolve')) {
    Object.defineProperty(guarded, 'resolve', accessors.resolve);
  }
  if (!Object.hasOwn(guarded, 'subscribe')) {
    Object.defineProperty(guarded, 'subscribe', accessors.subscribe);
  }
  return guarded;
}
