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

/** What an argument or an input field asks when the client supplies it. */
export interface InputRule {
  /** `Query.posts(filter:)` or `Filter.secret`. */
  readonly coordinate: string;
  /** Its own rule and that of its named type. */
  readonly rule: Rule;
  readonly type: GraphQLInputType;
  /** Whether it must be supplied where it can be: its type is non-null, and it has no default. */
  readonly isRequired: boolean;
}

/** Where nothing can be supplied that has a rule. */
export const noInputs: ReadonlyMap<string, InputRule> = new Map();

/** Composes what arguments, input fields and enum values ask. */
export function compileInputs(schema: GraphQLSchema, written: DeclaredRules) {
  const guarded = guardedInputTypes(schema, written);
  const isGuarded = (type: GraphQLInputType): boolean => guarded.has(getNamedType(type).name);

  const inputRule = (
    coordinate: string,
    own: Rule,
    input: GraphQLArgument | GraphQLInputField,
  ): InputRule => ({
    coordinate,
    rule: allOf(own, written.at(getNamedType(input.type).name)),
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
        return [field.name, inputRule(coordinate, written.at(coordinate), field)] as const;
      });
      objects.set(type.name, new Map(fields.filter(([, rule]) => hasProtection(rule))));
    } else if (isEnumType(type)) {
      const values = type
        .getValues()
        .map((value) => [value.name, written.at(`${type.name}.${value.name}`)] as const);
      const ruled = values.filter(([, rule]) => rule.length > 0);
      if (ruled.length > 0) enums.set(type.name, new Map(ruled));
    }
  }

  return {
    isGuarded,
    fieldsOf: (type: GraphQLInputObjectType) => objects.get(type.name) ?? noInputs,
    valuesOf: (type: GraphQLEnumType) => enums.get(type.name),
    /** The rules of the values where each has one; empty where one of them is open. */
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
          written.at(coordinate),
          ...type
            .getInterfaces()
            .map((parent) => written.at(`${parent.name}.${field.name}(${argument.name}:)`)),
        );
        return [argument.name, inputRule(coordinate, own, argument)] as const;
      });
      const asking = rules.filter(([, rule]) => hasProtection(rule));
      return asking.length > 0 ? new Map(asking) : noInputs;
    },
  };
}

/** Arguments of directives that operations may use: what clients supply there passes no guard. */
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

/** The names of the input types in which, at any depth, something is guarded. */
function guardedInputTypes(schema: GraphQLSchema, written: DeclaredRules): ReadonlySet<string> {
  const guarded = new Set<string>();
  const holders = new Map<string, string[]>();
  const found: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    let own = written.at(type.name).length > 0;
    if (isEnumType(type)) {
      own ||= type.getValues().some(({ name }) => written.at(`${type.name}.${name}`).length > 0);
    } else if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        own ||= written.at(`${type.name}.${field.name}`).length > 0;
        const inner = getNamedType(field.type).name;
        const known = holders.get(inner);
        if (known) known.push(type.name);
        else holders.set(inner, [type.name]);
      }
    }
    if (own) found.push(type.name);
  }
  for (let name = found.pop(); name !== undefined; name = found.pop()) {
    if (guarded.has(name)) continue;
    guarded.add(name);
    found.push(...(holders.get(name) ?? []));
  }
  return guarded;
}
