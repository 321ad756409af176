import {
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import { type AccessRule, accessRules, describeRule } from './access-rules.ts';
import { readCoordinate } from './coordinate.ts';
import { guardOf } from './guard.ts';
import type { Rule } from './requirement.ts';

/**
 * Every coordinate that clients can name and that a rule can decide about: every field with its
 * effective rule, and the arguments, input fields and enum values that ask something of their own.
 * In alphabetical order, so that two listings can be compared line by line.
 *
 * @throws {TypeError} When the schema is not the result of `guardSchema`.
 */
export function coordinateRules(guarded: GraphQLSchema): AccessRule[] {
  const { rules } = guardOf(guarded);
  const asked: (readonly [coordinate: string, rule: Rule])[] = [];
  for (const type of Object.values(guarded.getTypeMap())) {
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const name of Object.keys(type.getFields())) {
        for (const { coordinate, rule } of rules.field(type.name, name).inputs.values()) {
          asked.push([coordinate, rule]);
        }
      }
    } else if (isInputObjectType(type)) {
      for (const { coordinate, rule } of rules.inputFields(type).values()) {
        asked.push([coordinate, rule]);
      }
    } else if (isEnumType(type)) {
      for (const [name, rule] of rules.enumValues(type) ?? []) {
        asked.push([`${type.name}.${name}`, rule]);
      }
    }
  }
  const inputs = asked
    .filter(([, rule]) => rule.length > 0)
    .map(([coordinate, rule]) => ({ coordinate, ...describeRule(rule) }));
  return [...accessRules(guarded), ...inputs].sort((a, b) =>
    a.coordinate < b.coordinate ? -1 : Number(a.coordinate > b.coordinate),
  );
}

/** Whether a schema has what a coordinate names: `Query.posts`, `Query.posts(filter:)`, `Role.ADMIN`. */
export function hasCoordinate(schema: GraphQLSchema, coordinate: string): boolean {
  const named = readCoordinate(coordinate);
  if (named === undefined) return false;
  const { typeName, memberName, argumentName } = named;
  const type = schema.getType(typeName);
  if (isEnumType(type)) return type.getValue(memberName) != null;
  if (isInputObjectType(type)) return Object.hasOwn(type.getFields(), memberName);
  if (!isObjectType(type) && !isInterfaceType(type)) return false;
  const field = type.getFields()[memberName];
  return (
    field !== undefined &&
    (argumentName === undefined || field.args.some(({ name }) => name === argumentName))
  );
}
