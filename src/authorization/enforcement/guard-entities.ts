import { GraphQLError, type GraphQLSchema, isAbstractType } from 'graphql';
import type { Viewer } from '../../authentication/viewer.ts';
import { isIterable, isObject, isThenable } from '../../shared/type-guards.ts';
import type { UnmetRule } from '../operation/examine-field.ts';
import type { Guard, Resolver } from '../operation/guard.ts';
import { leastDemanding } from '../rules/unmet.ts';
import { viewerOf } from './execution.ts';
import { markHandled } from './handled-promise.ts';
import { refuseValue } from './refuse.ts';

/**
 * Wraps the resolver of `_entities` to refuse entities by their type before they are loaded: it gets the
 * other representations only, so no `__resolveReference` of a refused type runs. Policies need the object,
 * and are evaluated by the guard of its type.
 */
export function guardEntities(guard: Guard, resolve: Resolver): Resolver {
  return function guardedEntities(source, args, context, info) {
    const { representations } = args;
    if (!Array.isArray(representations)) return resolve(source, args, context, info);
    const viewer = viewerOf(context);
    const results = new Map<unknown, UnmetRule | undefined>();
    const unmetRules = representations.map((representation: unknown) => {
      const name = isObject(representation) ? representation['__typename'] : undefined;
      if (typeof name !== 'string') {
        // Libraries look up the type by it, and `["Account"]` finds `Account` too.
        if (name) throw new GraphQLError('The __typename of a representation must be a string.');
        return undefined;
      }
      if (!results.has(name)) results.set(name, examineEntity(guard, info.schema, name, viewer));
      return results.get(name);
    });
    const allowed = representations.filter((_, index) => unmetRules[index] === undefined);
    if (allowed.length === representations.length) return resolve(source, args, context, info);

    const merge = (resolved: unknown): unknown => {
      // The executor reports what is not a list.
      if (!isIterable(resolved)) return resolved;
      const entities = resolved[Symbol.iterator]();
      return unmetRules.map((unmetRule) =>
        unmetRule ? refuseValue(guard, unmetRule, viewer, info) : entities.next().value,
      );
    };
    if (allowed.length === 0) return merge([]);
    const resolved: unknown = resolve(source, { ...args, representations: allowed }, context, info);
    return isThenable(resolved) ? markHandled(resolved).then(merge) : merge(resolved);
  };
}

/** Finds why the viewer is denied every object of a type. Interfaces can be entities too. */
function examineEntity(
  guard: Guard,
  schema: GraphQLSchema,
  coordinate: string,
  viewer: Viewer,
): UnmetRule | undefined {
  const type = schema.getType(coordinate);
  const possible = isAbstractType(type) ? schema.getPossibleTypes(type) : [];
  const names = possible.length > 0 ? possible.map(({ name }) => name) : [coordinate];
  const unmetRules: UnmetRule[] = [];
  for (const name of names) {
    const rule = guard.rules.type(name);
    const unmet = guard.check(rule, viewer);
    if (unmet === undefined) return undefined;
    unmetRules.push({ unmet, rule, coordinate });
  }
  return leastDemanding(unmetRules);
}
