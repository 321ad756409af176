import type { GraphQLResolveInfo } from 'graphql';
import { isObject } from '../../shared/type-guards.ts';
import type { FilterCall, Guard, TakeFilter } from '../operation/guard.ts';

/**
 * A context like the given one, with a `filter` of its own. Everything else is read from and written to the
 * given one, which may be frozen, and is shared by all resolvers of an operation. Accessors and the methods
 * of its class run on the given one, because its private members exist on nothing else.
 */
export function withFilter(context: object, filter: TakeFilter): object {
  const own: PropertyDescriptor = { value: filter, enumerable: true, configurable: true };
  const methods = new Map<unknown, object>();
  const read = (key: PropertyKey): unknown => {
    const value: unknown = Reflect.get(context, key);
    if (typeof value !== 'function' || !isMethod(context, key, value)) return value;
    const known = methods.get(value);
    if (known) return known;
    const method = new Proxy(value, {
      apply: (target, self, given) =>
        Reflect.apply(target, self === filtered ? context : self, given),
    });
    methods.set(value, method);
    return method;
  };
  // The target is not the context: for a frozen target, a proxy cannot list properties that it lacks.
  const filtered: object = new Proxy(Object.create(null), {
    get: (_target, key) => (key === 'filter' ? filter : read(key)),
    set: (_target, key, value) => key !== 'filter' && Reflect.set(context, key, value),
    has: (_target, key) => key === 'filter' || Reflect.has(context, key),
    deleteProperty: (_target, key) => key !== 'filter' && Reflect.deleteProperty(context, key),
    ownKeys: () => [...new Set([...Reflect.ownKeys(context), 'filter'])],
    getOwnPropertyDescriptor(_target, key) {
      if (key === 'filter') return own;
      const descriptor = Reflect.getOwnPropertyDescriptor(context, key);
      return descriptor && { ...descriptor, configurable: true };
    },
    defineProperty: (_target, key, descriptor) =>
      key !== 'filter' && Reflect.defineProperty(context, key, descriptor),
    getPrototypeOf: () => Reflect.getPrototypeOf(context),
  });
  return filtered;
}

/** Whether a function of a context is one of its class: not a value, and not what every object has. */
const isMethod = (context: object, key: PropertyKey, value: object): boolean =>
  key !== 'constructor' &&
  !Object.hasOwn(context, key) &&
  value !== Reflect.get(Object.prototype, key);

/**
 * The call that a guard is within: a tool that wraps resolvers in place, such as Apollo Server, puts one
 * guard of a field into another.
 */
export function findOuterCall(
  { filterCalls }: Guard,
  context: unknown,
  info: GraphQLResolveInfo,
): (FilterCall & { readonly take: TakeFilter }) | undefined {
  const take = isObject(context) ? context['filter'] : undefined;
  if (!isTakeFilter(take)) return undefined;
  const call = filterCalls.get(take);
  return call?.info === info ? { ...call, take } : undefined;
}

const isTakeFilter = (value: unknown): value is TakeFilter => typeof value === 'function';

const rejectFilter = (name: string): never => {
  throw new Error(
    `context.filter(${JSON.stringify(name)}) was called where there is no filter: only the resolver of a field with @auth(policy: ${JSON.stringify(name)}) can call it, on the context that it is given.`,
  );
};

/**
 * What adapters put on the context of each operation, unless it has members of these names: `filter`
 * explains that there is no filter, to policies and to the resolvers of other fields.
 */
export const contextDefaults: { readonly filter: (name: string) => never } = Object.freeze({
  filter: rejectFilter,
});
