import {
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import type { Viewer } from '../authentication/viewer.ts';
import { readCoordinate } from './coordinate.ts';
import { guardOf } from './guard.ts';
import { findMissing } from './missing.ts';
import type { Rule } from './requirement.ts';

/**
 * Whether a viewer meets the rule of a coordinate: a field, an argument, an input field or an enum
 * value. Policies are not asked.
 *
 * @throws {TypeError} When the schema is not the result of `guardSchema`.
 */
export function mayUse(guarded: GraphQLSchema, coordinate: string, viewer: Viewer): boolean {
  const { rules, now } = guardOf(guarded);
  const allows = (rule: Rule): boolean => findMissing(rule, viewer, now) === undefined;
  const named = readCoordinate(coordinate);
  if (named === undefined) return false;
  const { typeName, memberName, argumentName } = named;
  const type = guarded.getType(typeName);
  if (isEnumType(type)) return allows(rules.enumValues(type)?.get(memberName) ?? []);
  if (isInputObjectType(type)) return allows(rules.inputFields(type).get(memberName)?.rule ?? []);
  if (!isObjectType(type) && !isInterfaceType(type)) return false;
  const field = rules.field(typeName, memberName);
  if (argumentName !== undefined) return allows(field.inputs.get(argumentName)?.rule ?? []);
  return allows(field.rule) && (field.anyOf.length === 0 || field.anyOf.some(allows));
}
