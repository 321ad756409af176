import { type GraphQLSchema, isAbstractType, isObjectType } from 'graphql';
import type { AppliedDirectives } from './applied-directives.ts';
import type { Requirement } from './requirement.ts';

/**
 * Finds filter policies where no filter could be taken: they have a meaning on fields, whose resolvers
 * take them, and on the types of objects, which they match.
 *
 * @returns The problems of the coordinate.
 */
export function findMisplacedFilters(
  schema: GraphQLSchema,
  { coordinate, location }: AppliedDirectives,
  { policies }: Requirement,
  filterPolicies: Pick<ReadonlySet<string>, 'has'>,
): string[] {
  const type = location === 'type' ? schema.getType(coordinate) : undefined;
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const isRoot = isObjectType(type) && roots.includes(type);
  const hasObjects = !isRoot && (isObjectType(type) || isAbstractType(type));
  return policies.flatMap((term) => {
    const name = [term].flat(2).find((one) => filterPolicies.has(one));
    if (name === undefined) return [];
    if (typeof term !== 'string') {
      return [
        `has the filter policy "${name}" among alternatives: whether its filter applies would be unknown. Require it alone.`,
      ];
    }
    if (location === 'field' || hasObjects) return [];
    return [
      `has the filter policy "${name}", which can only be on a field that takes its filter, and on a type of objects: move it to ${isRoot || location === 'schema' ? 'the fields whose resolvers take it' : 'the field'}.`,
    ];
  });
}
