import {
  defaultFieldResolver,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  type GraphQLTypeResolver,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { isThenable } from '../../shared/thenable.ts';
import { open } from '../directives/requirement.ts';
import type { Guard } from '../operation/guard.ts';
import { isProtected, policyNames } from '../rules/schema-rules.ts';
import { viewerOf } from './execution.ts';
import { guardEnumValues } from './guard-enum.ts';
import { guardResolver, type Resolver } from './guard-field.ts';
import { guardIsTypeOf, objectChecker, typeResolver } from './guard-type.ts';
import { guardedField, guardProperty, type Wrap } from './guarded-functions.ts';
import { markHandled } from './handled-promise.ts';
import { refuseObject } from './refuse.ts';

/** The object types of a schema, as far as finding a runtime type needs them. */
type PossibleType = Pick<GraphQLObjectType, 'name' | 'isTypeOf'>;

/**
 * Puts the guards into a schema that `rebuildSchema` made. They stay when functions are replaced in
 * place. Adding, removing or replacing a field or a composite type throws a TypeError: it would
 * bypass them.
 */
export function installGuards(schema: GraphQLSchema, guard: Guard): void {
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type));
  const subscriptionType = schema.getSubscriptionType();
  const unguarded = new Map<string, PossibleType>();

  for (const type of types) {
    if (isObjectType(type)) {
      const fields = type.getFields();
      for (const [name, field] of Object.entries(fields)) {
        fields[name] = guardField(guard, type, field, type === subscriptionType) ?? field;
      }
      unguarded.set(type.name, guardObjectType(guard, type));
    }
    if (isObjectType(type) || isInterfaceType(type)) Object.freeze(type.getFields());
    if (isCompositeType(type)) {
      lock(type, typeMembers);
      pin(schema, type);
    }
  }
  Object.preventExtensions(schema.getTypeMap());
  lock(schema, schemaMembers);
  for (const type of types) {
    if (!isAbstractType(type)) continue;
    const possible = schema
      .getPossibleTypes(type)
      .map((member) => unguarded.get(member.name) ?? member);
    guardAbstractType(guard, type, possible);
  }
}

/** Undefined where nothing of the field needs a guard: its functions are then free. */
function guardField(
  guard: Guard,
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  isEvent: boolean,
): GraphQLField<unknown, unknown> | undefined {
  const rule = guard.rules.field(type.name, field.name);
  const isGuarded = isProtected(rule);
  const checksValues = guardEnumValues(guard, field.type, defaultFieldResolver) !== undefined;
  if (!isGuarded && !checksValues) return undefined;
  return guardedField<GraphQLField<unknown, unknown>, Resolver>(field, {
    resolve: (given) => {
      const resolve = isGuarded ? guardResolver(guard, rule, given, !isEvent) : given;
      return guardEnumValues(guard, field.type, resolve ?? defaultFieldResolver) ?? resolve;
    },
    subscribe: (given) => (isGuarded && isEvent ? guardResolver(guard, rule, given) : given),
  });
}

/** Gives back the type as finding a runtime type sees it: by what was given, without the guard. */
function guardObjectType(guard: Guard, type: GraphQLObjectType): PossibleType {
  const rule = guard.rules.type(type.name);
  if (rule.length === 0) return type;
  const check = objectChecker(guard, type.name);
  const kept = guardProperty(type, 'isTypeOf', type.isTypeOf ?? undefined, (given) =>
    guardIsTypeOf(check, given),
  );
  return {
    name: type.name,
    get isTypeOf() {
      return kept.given;
    },
  };
}

type TypeResolver = GraphQLTypeResolver<unknown, unknown>;

function guardAbstractType(
  guard: Guard,
  type: GraphQLAbstractType,
  possible: readonly PossibleType[],
): void {
  const isGuarded = possible.some(({ name }) => guard.rules.type(name).length > 0);
  const rule = isUnionType(type) ? guard.rules.type(type.name) : open;
  if (!isGuarded && rule.length === 0) return;
  const byDefault = typeResolver(possible);
  // The rule of a union reaches its members through the fields that return it; only its policies
  // need the object. What interfaces say is part of the rule of each implementing type.
  const asksPolicies = policyNames(rule).length > 0;
  const wrap: Wrap<TypeResolver> = (given) => {
    const find = given ?? byDefault;
    return asksPolicies ? guardResolveType(guard, type, find) : find;
  };
  guardProperty(type, 'resolveType', type.resolveType ?? undefined, wrap);
}

function guardResolveType(
  guard: Guard,
  type: GraphQLAbstractType,
  find: TypeResolver,
): TypeResolver {
  const check = objectChecker(guard, type.name);
  return function guardedResolveType(value, context, info, abstractType) {
    const settle = (name: string | undefined): string | undefined | Promise<string | undefined> => {
      // Policies come last: they are not asked about what the object's own type refuses.
      const rule = name === undefined ? open : guard.rules.type(name);
      const missing = guard.compile(rule)(viewerOf(context));
      if (missing) return refuseObject({ missing, coordinate: name ?? type.name, rule }, info);
      const checked = check(value, context, info);
      return checked === true ? name : checked.then(() => name);
    };
    const found = find(value, context, info, abstractType);
    return isThenable(found) ? markHandled(found).then(settle) : settle(found);
  };
}

/** What composite types say of their parts, and where GraphQL.js keeps it. */
const typeMembers = [
  '_fields',
  'getFields',
  '_interfaces',
  'getInterfaces',
  '_types',
  'getTypes',
] as const;

/** Where executors look for types. */
const schemaMembers = [
  '_queryType',
  'getQueryType',
  '_mutationType',
  'getMutationType',
  '_subscriptionType',
  'getSubscriptionType',
  'getRootType',
  '_typeMap',
  'getTypeMap',
  'getType',
  '_implementationsMap',
  'getImplementations',
  'getPossibleTypes',
  'isSubType',
] as const;

/** Makes members that a type or schema has, itself or by its class, its own and unchangeable. */
function lock(target: object, names: readonly string[]): void {
  for (const name of names) {
    if (Object.hasOwn(target, name)) {
      Object.defineProperty(target, name, { writable: false, configurable: false });
    } else if (name in target) {
      Object.defineProperty(target, name, { value: Reflect.get(target, name) });
    }
  }
}

/** Keeps a type in its place: executors look runtime types up by name. */
function pin(schema: GraphQLSchema, type: GraphQLNamedType): void {
  Object.defineProperty(schema.getTypeMap(), type.name, {
    get: () => type,
    set: (other: unknown) => {
      if (other === type) return;
      throw new TypeError(
        `The type "${type.name}" of a guarded schema cannot be replaced: replace it before guardSchema.`,
      );
    },
    enumerable: true,
    configurable: false,
  });
}
