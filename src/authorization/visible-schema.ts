import { MapperKind, mapSchema, pruneSchema } from '@graphql-tools/utils';
import {
  type GraphQLInputType,
  type GraphQLNamedInputType,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLUnionType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isNonNullType,
  isRequiredInputField,
} from 'graphql';
import type { Viewer } from '../authentication/viewer.ts';
import { guardOf } from './guard.ts';
import type { InputRule } from './input-rules.ts';
import { findMissing } from './missing.ts';
import type { Rule } from './requirement.ts';
import type { FieldRule, SchemaRules } from './schema-rules.ts';

/**
 * The part of a guarded schema that a viewer could use: without the fields, arguments, input
 * fields, enum values and types whose rules ask for a token, scopes or claims that the viewer
 * lacks, and without what can only be reached through those. What a new sign-in or a policy may
 * still decide stays. For introspection only: nothing in it is guarded.
 */
export function visibleSchema(guarded: GraphQLSchema, viewer: Viewer): GraphQLSchema {
  const { rules, now } = guardOf(guarded);
  const allows = (rule: Rule): boolean => {
    const kind = findMissing(rule, viewer, now)?.kind;
    return kind === undefined || kind === 'step-up';
  };
  const inputs = usableInputs(guarded, rules, allows);
  const isVisible = (field: FieldRule): boolean =>
    allows(field.rule) && (field.anyOf.length === 0 || field.anyOf.some(allows));
  /** A default could hold what is hidden in its type; then it is not shown. */
  const withoutHiddenDefault = <Config extends { type: GraphQLInputType; defaultValue?: unknown }>(
    config: Config,
  ): Config =>
    config.defaultValue === undefined || !inputs.hidesIn(config.type)
      ? config
      : { ...config, type: getNullableType(config.type), defaultValue: undefined };

  const mapped = mapSchema(guarded, {
    [MapperKind.OBJECT_TYPE]: (type) => (allows(rules.type(type.name)) ? undefined : null),
    [MapperKind.UNION_TYPE]: (type) => {
      const members = type.getTypes().filter((member) => allows(rules.type(member.name)));
      if (members.length === 0 || !allows(rules.type(type.name))) return null;
      return new GraphQLUnionType({ ...type.toConfig(), types: members });
    },
    [MapperKind.INTERFACE_TYPE]: (type) => (allows(rules.type(type.name)) ? undefined : null),
    [MapperKind.SCALAR_TYPE]: (type) => (allows(rules.type(type.name)) ? undefined : null),
    [MapperKind.ENUM_TYPE]: (type) => (inputs.isOpen(type) ? undefined : null),
    [MapperKind.INPUT_OBJECT_TYPE]: (type) => (inputs.isOpen(type) ? undefined : null),
    [MapperKind.ENUM_VALUE]: (_config, typeName, _schema, valueName) => {
      const type = guarded.getType(typeName);
      const rule = isEnumType(type) ? rules.enumValues(type)?.get(valueName) : undefined;
      return rule === undefined || allows(rule) ? undefined : null;
    },
    [MapperKind.INPUT_OBJECT_FIELD]: (config, name, typeName) => {
      const type = guarded.getType(typeName);
      const rule = isInputObjectType(type) ? rules.inputFields(type).get(name) : undefined;
      return inputs.isUsable(config.type, rule) ? withoutHiddenDefault(config) : null;
    },
    [MapperKind.COMPOSITE_FIELD]: (config, name, typeName) => {
      const field = rules.field(typeName, name);
      if (!isVisible(field)) return null;
      const args = Object.entries(config.args ?? {});
      const usable = args.filter(([argument, { type }]) =>
        inputs.isUsable(type, field.inputs.get(argument)),
      );
      const isUnusable = args.some(
        ([argument, { type, defaultValue }]) =>
          isNonNullType(type) &&
          defaultValue === undefined &&
          !usable.some(([one]) => one === argument),
      );
      if (isUnusable) return null;
      return {
        ...config,
        args: Object.fromEntries(
          usable.map(([argument, one]) => [argument, withoutHiddenDefault(one)]),
        ),
      };
    },
  });
  return withQueryType(pruneSchema(mapped), guarded);
}

/** Which input types a viewer can send a value of. */
function usableInputs(schema: GraphQLSchema, rules: SchemaRules, allows: (rule: Rule) => boolean) {
  const types = Object.values(schema.getTypeMap()).filter((type) => isInputType(type));
  const unusable = new Set<string>();
  const isOpen = (type: GraphQLNamedInputType): boolean => !unusable.has(type.name);
  const isUsable = (type: GraphQLInputType, input: InputRule | undefined): boolean =>
    isOpen(getNamedType(type)) && (input === undefined || allows(input.rule));

  const canBeSent = (type: GraphQLNamedInputType): boolean => {
    if (!allows(rules.type(type.name))) return false;
    if (isEnumType(type)) {
      const values = rules.enumValues(type);
      return type.getValues().some(({ name }) => allows(values?.get(name) ?? []));
    }
    if (!isInputObjectType(type)) return true;
    const fields = Object.values(type.getFields());
    const usable = fields.filter((field) =>
      isUsable(field.type, rules.inputFields(type).get(field.name)),
    );
    return (
      usable.length > 0 &&
      fields.every((field) => usable.includes(field) || !isRequiredInputField(field))
    );
  };

  // An input type that cannot be sent takes along those that need it.
  for (let found = true; found; ) {
    found = false;
    for (const type of types) {
      if (isOpen(type) && !canBeSent(type)) {
        unusable.add(type.name);
        found = true;
      }
    }
  }

  /** Whether something in the type, at any depth, is hidden. */
  const hidesIn = (type: GraphQLInputType, seen = new Set<string>()): boolean => {
    const named = getNamedType(type);
    if (seen.has(named.name) || !rules.isGuardedInput(named)) return false;
    seen.add(named.name);
    if (isEnumType(named)) {
      return [...(rules.enumValues(named)?.values() ?? [])].some((rule) => !allows(rule));
    }
    if (!isInputObjectType(named)) return false;
    return [...rules.inputFields(named).values()].some(
      (input) => !isUsable(input.type, input) || hidesIn(input.type, seen),
    );
  };
  return { isOpen, isUsable, hidesIn };
}

/** Introspection starts at a query type, even where the viewer may have none of its fields. */
function withQueryType(schema: GraphQLSchema, guarded: GraphQLSchema): GraphQLSchema {
  if (schema.getQueryType()) return schema;
  const name = guarded.getQueryType()?.name ?? 'Query';
  const query = new GraphQLObjectType({ name, fields: {} });
  return new GraphQLSchema({ ...schema.toConfig(), query, assumeValid: true });
}
