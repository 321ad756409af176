import {
  defaultFieldResolver,
  type GraphQLAbstractType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isUnionType,
} from 'graphql';
import { isThenable } from '../../shared/type-guards.ts';
import { policiesOf, publicRule } from '../directives/requirement.ts';
import type { Guard, Resolver } from '../operation/guard.ts';
import { innermost } from '../rules/list-ends.ts';
import { isProtected } from '../rules/schema-rules.ts';
import { isEntitiesField } from '../rules/subgraph-fields.ts';
import { EventGuard } from './event-guard.ts';
import { viewerOf } from './execution.ts';
import { guardEntities } from './guard-entities.ts';
import { guardEnumValues } from './guard-enum.ts';
import { guardResolver } from './guard-field.ts';
import { guardObjects } from './guard-objects.ts';
import { createTypeResolver, guardIsTypeOf } from './guard-type.ts';
import { guardField, guardProperty, type Wrap } from './guarded-functions.ts';
import { markHandled } from './handled-promise.ts';
import { ObjectTypes, type TypeResolver } from './object-types.ts';
import { refuseObject } from './refuse.ts';

/** What finding a runtime type needs of an object type. */
type PossibleType = Pick<GraphQLObjectType, 'name' | 'isTypeOf'>;

/**
 * Installs the guards in a schema that `rebuildSchema` returned. They stay if functions are replaced in
 * place. Adding, removing or replacing a field or a composite type throws a TypeError, because it would
 * bypass them.
 */
export function installGuards(schema: GraphQLSchema, guard: Guard): void {
  const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type));
  const unguarded = new Map<string, PossibleType>();
  const objects = new ObjectTypes(schema, guard);

  for (const type of types) {
    if (isObjectType(type)) {
      const fields = type.getFields();
      for (const [name, field] of Object.entries(fields)) {
        fields[name] = guardFieldOf(guard, schema, objects, type, field) ?? field;
      }
      unguarded.set(type.name, guardObjectType(guard, objects, type));
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
    guardAbstractType(guard, objects, type, possible);
  }
}

/** Undefined if nothing about the field needs a guard: its functions then stay untouched. */
function guardFieldOf(
  guard: Guard,
  schema: GraphQLSchema,
  objects: ObjectTypes,
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
): GraphQLField<unknown, unknown> | undefined {
  const rule = guard.rules.field(type.name, field.name);
  const isGuarded = isProtected(rule);
  const isEntities = isEntitiesField(schema, type, field);
  const isEvent = type === schema.getSubscriptionType();
  const canLeaveOut = isEvent || (innermost(field.type).isItem && !isEntities);
  const guardValues = (resolve: Resolver): Resolver | undefined =>
    guardEnumValues(guard, field.type, canLeaveOut, resolve) ??
    guardObjects(guard, objects, field.type, canLeaveOut, resolve);
  const checksValues = guardValues(defaultFieldResolver) !== undefined;
  if (!isGuarded && !checksValues && !isEntities) return undefined;
  const part = type === schema.getMutationType() ? 'mutation' : isEvent ? 'event' : 'field';
  const events = isEvent && !guard.forms.areOrdinary ? new EventGuard() : undefined;
  return guardField<GraphQLField<unknown, unknown>, Resolver>(field, {
    resolve: (original) => {
      const own = isEntities ? guardEntities(guard, original ?? defaultFieldResolver) : original;
      const resolve = isGuarded ? guardResolver(guard, rule, own, part) : own;
      const guarded = guardValues(resolve ?? defaultFieldResolver) ?? resolve;
      return events && guarded ? events.guardResolve(guarded) : guarded;
    },
    subscribe: (original) => {
      if (!isEvent) return original;
      const subscribe = isGuarded ? guardResolver(guard, rule, original, 'stream') : original;
      return events ? events.guardSubscribe(subscribe ?? defaultFieldResolver) : subscribe;
    },
  });
}

/** Returns what finding a runtime type needs, without the guard. */
function guardObjectType(
  guard: Guard,
  objects: ObjectTypes,
  type: GraphQLObjectType,
): PossibleType {
  const { rule, policies, check, call } = objects.guardOf(type.name);
  if (rule.length === 0) return type;
  const kept = guardProperty(type, 'isTypeOf', type.isTypeOf ?? undefined, (original) => {
    const guarded = guardIsTypeOf(check, original);
    guard.typeChecks.set(
      guarded,
      policies.length === 0
        ? { kind: 'viewer', check: guard.compile(rule), original }
        : { kind: 'policies', call: guardIsTypeOf(call, original) },
    );
    return guarded;
  });
  return {
    name: type.name,
    get isTypeOf() {
      return kept.original;
    },
  };
}

function guardAbstractType(
  guard: Guard,
  objects: ObjectTypes,
  type: GraphQLAbstractType,
  possible: readonly PossibleType[],
): void {
  const isGuarded = possible.some(({ name }) => guard.rules.type(name).length > 0);
  const rule = isUnionType(type) ? guard.rules.type(type.name) : publicRule;
  if (!isGuarded && rule.length === 0) return;
  const defaultResolver = createTypeResolver(possible);
  // The rule of a union is part of the rules of the fields that return it. Only its policies need the
  // object. The rules of interfaces are part of those of the implementing types.
  const hasPolicies = policiesOf(rule).length > 0;
  const wrap: Wrap<TypeResolver> = (original) => {
    const find = original ?? defaultResolver;
    return hasPolicies ? guardResolveType(guard, objects, type, find) : find;
  };
  const kept = guardProperty(type, 'resolveType', type.resolveType ?? undefined, wrap);
  objects.setResolver(type, () => kept.original ?? defaultResolver);
}

function guardResolveType(
  guard: Guard,
  objects: ObjectTypes,
  type: GraphQLAbstractType,
  find: TypeResolver,
): TypeResolver {
  const { check } = objects.guardOf(type.name);
  return function guardedResolveType(value, context, info, abstractType) {
    const settle = (name: string | undefined): string | undefined | Promise<string | undefined> => {
      // Policies run last, and not for objects that their own type refuses.
      const rule = name === undefined ? publicRule : guard.rules.type(name);
      const viewer = viewerOf(context);
      const unmet = guard.compile(rule)(viewer);
      if (unmet) {
        return refuseObject(guard, { unmet, coordinate: name ?? type.name, rule }, viewer, info);
      }
      const checked = check(value, context, info);
      return checked === true ? name : checked.then(() => name);
    };
    const found = find(value, context, info, abstractType);
    return isThenable(found) ? markHandled(found).then(settle) : settle(found);
  };
}

/** The members of composite types that lead to their parts, including internal ones of GraphQL.js. */
const typeMembers = [
  '_fields',
  'getFields',
  '_interfaces',
  'getInterfaces',
  '_types',
  'getTypes',
] as const;

/** The members of a schema through which executors find types. */
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

/** Makes members of an object read-only, inherited ones too. */
function lock(target: object, names: readonly string[]): void {
  for (const name of names) {
    if (Object.hasOwn(target, name)) {
      Object.defineProperty(target, name, { writable: false, configurable: false });
    } else if (name in target) {
      Object.defineProperty(target, name, { value: Reflect.get(target, name) });
    }
  }
}

/** Makes a type irreplaceable in the type map: executors look up runtime types by name. */
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
