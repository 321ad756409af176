import type {
  GraphQLAbstractType,
  GraphQLNamedOutputType,
  GraphQLResolveInfo,
  GraphQLSchema,
  GraphQLTypeResolver,
} from 'graphql';
import { isAbstractType, isObjectType, isUnionType } from 'graphql';
import { isThenable } from '../../shared/type-guards.ts';
import type { Guard } from '../operation/guard.ts';
import { ObjectGuard } from './guard-type.ts';
import { markHandled } from './handled-promise.ts';

export type TypeResolver = GraphQLTypeResolver<unknown, unknown>;

/** The guards of the types of a schema, and how executors find the types of its objects. */
export class ObjectTypes {
  readonly #schema: GraphQLSchema;
  readonly #guard: Guard;
  readonly #guards = new Map<string, ObjectGuard>();
  readonly #resolvers = new Map<string, () => TypeResolver>();

  constructor(schema: GraphQLSchema, guard: Guard) {
    this.#schema = schema;
    this.#guard = guard;
  }

  /** The guard of an object type, or of a union for its own policies. */
  guardOf(typeName: string): ObjectGuard {
    const known = this.#guards.get(typeName);
    if (known !== undefined) return known;
    const created = new ObjectGuard(this.#guard, typeName);
    this.#guards.set(typeName, created);
    return created;
  }

  /** By the types that a value of this type can have: the guards that its policies are in. */
  guardsOf(type: GraphQLNamedOutputType): ReadonlyMap<string, readonly ObjectGuard[]> {
    const guards = new Map<string, readonly ObjectGuard[]>();
    if (isObjectType(type)) guards.set(type.name, [this.guardOf(type.name)]);
    if (isAbstractType(type)) {
      // The policies of interfaces are among those of the types that implement them.
      const shared = isUnionType(type) ? [this.guardOf(type.name)] : [];
      for (const { name } of this.#schema.getPossibleTypes(type)) {
        guards.set(name, [...shared, this.guardOf(name)]);
      }
    }
    return guards;
  }

  /** @param getResolver Gets the current function that finds the type of an object, without its guard. */
  setResolver(type: GraphQLAbstractType, getResolver: () => TypeResolver): void {
    this.#resolvers.set(type.name, getResolver);
  }

  /** Finds the type of an object. Undefined if that fails, which executors report. */
  findTypeName(
    type: GraphQLNamedOutputType,
    value: unknown,
    context: unknown,
    info: GraphQLResolveInfo,
  ): string | undefined | Promise<string | undefined> {
    if (!isAbstractType(type)) return type.name;
    try {
      const name: unknown = this.#resolvers.get(type.name)?.()(value, context, info, type);
      if (isThenable(name)) return markHandled(name).then(toName, () => undefined);
      return toName(name);
    } catch {
      return undefined;
    }
  }
}

const toName = (name: unknown): string | undefined => (typeof name === 'string' ? name : undefined);
