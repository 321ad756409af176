/** Wraps a function in its guard. Undefined if it needs none. Called with undefined if there is no function. */
export type Wrap<Original> = (original: Original | undefined) => Original | undefined;

/** A function of a schema and its guard. The guard stays if the function is replaced in place. */
class GuardedFunction<Original> {
  /** The function that was assigned last, without its guard. */
  original: Original | undefined;
  guarded: Original | undefined;
  readonly #wrap: Wrap<Original>;

  constructor(original: Original | undefined, wrap: Wrap<Original>) {
    this.original = original;
    this.#wrap = wrap;
    this.guarded = wrap(original);
  }

  replace(original: unknown, name: string): void {
    // A function that was read from the schema and written back already has its guard.
    if (original === this.guarded && original !== undefined) return;
    if (!isFunctionOrNullish<Original>(original)) {
      throw new TypeError(`${name} must be a function.`);
    }
    this.original = original ?? undefined;
    this.guarded = this.#wrap(this.original);
  }
}

function isFunctionOrNullish<Original>(value: unknown): value is Original | null | undefined {
  return value === undefined || value === null || typeof value === 'function';
}

/**
 * Guards a function that is a property of an object, even after another one is assigned. Returns the
 * function that was assigned last, without its guard.
 */
export function guardProperty<Original>(
  target: object,
  name: string,
  original: Original | undefined,
  wrap: Wrap<Original>,
): { readonly original: Original | undefined } {
  const kept = new GuardedFunction(original, wrap);
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

// Shared by all fields, so that they have one hidden class: executors read these for each field.
const accessors = {
  resolve: {
    get(this: WithGuards) {
      return this[guardsKey].resolve.guarded;
    },
    set(this: WithGuards, original: unknown) {
      this[guardsKey].resolve.replace(original, 'resolve');
    },
    enumerable: true,
    configurable: false,
  },
  subscribe: {
    get(this: WithGuards) {
      return this[guardsKey].subscribe.guarded;
    },
    set(this: WithGuards, original: unknown) {
      this[guardsKey].subscribe.replace(original, 'subscribe');
    },
    enumerable: true,
    configurable: false,
  },
};

/**
 * Copies a field with its functions guarded, even after others are assigned. A new object with its
 * properties in the same order: redefining them on the original would slow down every access.
 */
export function guardField<
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
  // Always in the same order, so that all fields share one hidden class.
  for (const name of Reflect.ownKeys(field)) {
    if (name === 'resolve' || name === 'subscribe') {
      Object.defineProperty(guarded, name, accessors[name]);
    } else Reflect.set(guarded, name, Reflect.get(field, name));
  }
  // A field can have either, both or none.
  if (!Object.hasOwn(guarded, 'resolve')) {
    Object.defineProperty(guarded, 'resolve', accessors.resolve);
  }
  if (!Object.hasOwn(guarded, 'subscribe')) {
    Object.defineProperty(guarded, 'subscribe', accessors.subscribe);
  }
  return guarded;
}
