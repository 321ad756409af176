import {
  DirectiveLocation,
  type GraphQLArgument,
  type GraphQLEnumType,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isRequiredArgument,
} from 'graphql';
import type { DeclaredRules } from '../directives/declared-rules.ts';
import { allOf, type Rule } from '../directives/requirement.ts';
import type { SchemaRuleProblem } from '../directives/schema-rule-error.ts';

/** What an argument or input field requires when the client supplies it. */
export interface InputRule {
  /** `Query.posts(filter:)` or `Filter.secret`. */
  readonly coordinate: string;
  /** Its own rule combined with that of its named type. */
  readonly rule: Rule;
  readonly type: GraphQLInputType;
  /** Whether it must be supplied: its type is non-null, and it has no default. */
  readonly isRequired: boolean;
}

/** For fields without guarded arguments. */
export const noInputs: ReadonlyMap<string, InputRule> = new Map();

/** Composes the rules of arguments, input fields and enum values. */
export function compileInputs(schema: GraphQLSchema, declared: DeclaredRules) {
  const guarded = findGuardedTypes(schema, declared);
  const isGuarded = (type: GraphQLInputType): boolean => guarded.has(getNamedType(type).name);

  const inputRule = (
    coordinate: string,
    own: Rule,
    input: GraphQLArgument | GraphQLInputField,
  ): InputRule => ({
    coordinate,
    rule: allOf(own, declared.get(getNamedType(input.type).name)),
    type: input.type,
    isRequired: isRequiredArgument(input),
  });
  const hasProtection = ({ rule, type }: InputRule): boolean => rule.length > 0 || isGuarded(type);

  const objects = new Map<string, ReadonlyMap<string, InputRule>>();
  const enums = new Map<string, ReadonlyMap<string, Rule>>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (isInputObjectType(type)) {
      const fields = Object.values(type.getFields()).map((field) => {
        const coordinate = `${type.name}.${field.name}`;
        return [field.name, inputRule(coordinate, declared.get(coordinate), field)] as const;
      });
      objects.set(type.name, new Map(fields.filter(([, rule]) => hasProtection(rule))));
    } else if (isEnumType(type)) {
      const values = type
        .getValues()
        .map((value) => [value.name, declared.get(`${type.name}.${value.name}`)] as const);
      const protectedValues = values.filter(([, rule]) => rule.length > 0);
      if (protectedValues.length > 0) enums.set(type.name, new Map(protectedValues));
    }
  }

  return {
    isGuarded,
    fieldsOf: (type: GraphQLInputObjectType) => objects.get(type.name) ?? noInputs,
    valuesOf: (type: GraphQLEnumType) => enums.get(type.name),
    /** The rules of the values if each has one. Empty if any value is public. */
    anyValueOf: (type: GraphQLEnumType): readonly Rule[] => {
      const values = enums.get(type.name);
      return values?.size === type.getValues().length ? [...values.values()] : [];
    },
    argumentsOf: (
      type: GraphQLObjectType | GraphQLInterfaceType,
      field: GraphQLField<unknown, unknown>,
    ): ReadonlyMap<string, InputRule> => {
      const rules = field.args.map((argument) => {
        const coordinate = `${type.name}.${field.name}(${argument.name}:)`;
        const own = allOf(
          declared.get(coordinate),
          ...type
            .getInterfaces()
            .map((parent) => declared.get(`${parent.name}.${field.name}(${argument.name}:)`)),
        );
        return [argument.name, inputRule(coordinate, own, argument)] as const;
      });
      const protectedArguments = rules.filter(([, rule]) => hasProtection(rule));
      return protectedArguments.length > 0 ? new Map(protectedArguments) : noInputs;
    },
  };
}

/** Finds guarded types of the arguments of executable directives: clients supply those without a guard. */
export function findUnenforcedArguments(
  schema: GraphQLSchema,
  isGuarded: (type: GraphQLInputType) => boolean,
): SchemaRuleProblem[] {
  return schema.getDirectives().flatMap((directive) =>
    directive.locations.some((location) => executable.has(location))
      ? directive.args
          .filter((argument) => isGuarded(argument.type))
          .map((argument) => ({
            coordinate: `@${directive.name}(${argument.name}:)`,
            message: `takes ${argument.type}, whose rules would not be enforced on a directive: give it another type.`,
          }))
      : [],
  );
}

const executable: ReadonlySet<string> = new Set([
  DirectiveLocation.QUERY,
  DirectiveLocation.MUTATION,
  DirectiveLocation.SUBSCRIPTION,
  DirectiveLocation.FIELD,
  DirectiveLocation.FRAGMENT_DEFINITION,
  DirectiveLocation.FRAGMENT_SPREAD,
  DirectiveLocation.INLINE_FRAGMENT,
  DirectiveLocation.VARIABLE_DEFINITION,
]);

/** The names of the input types with anything guarded at any depth. */
function findGuardedTypes(schema: GraphQLSchema, declared: DeclaredRules): ReadonlySet<string> {
  const guarded = new Set<string>();
  const containers = new Map<string, string[]>();
  const found: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    let own = declared.get(type.name).length > 0;
    if (isEnumType(type)) {
      own ||= type.getValues().some(({ name }) => declared.get(`${type.name}.${name}`).length > 0);
    } else if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        own ||= declared.get(`${type.name}.${field.name}`).length > 0;
        const inner = getNamedType(field.type).name;
        const known = containers.get(inner);
        if (known) known.push(type.name);
        else containers.set(inner, [type.name]);
      }
    }
    if (own) found.push(type.name);
  }
  for (let name = found.pop(); name !== undefined; name = found.pop()) {
    if (guarded.has(name)) continue;
    guarded.add(name);
    found.push(...(containers.get(name) ?? []));
  }
  return guarded;
}
