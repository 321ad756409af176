import {
  type GraphQLAbstractType,
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isIntrospectionType,
  isLeafType,
  isObjectType,
} from 'graphql';
import { schemaCoordinate } from '../directives/applied-directives.ts';
import {
  type DeclaredRules,
  type DeclaredRulesOptions,
  readDeclaredRules,
  selectRules,
} from '../directives/declared-rules.ts';
import {
  allOf,
  type PolicyTerm,
  policiesOf,
  publicRule,
  type Rule,
} from '../directives/requirement.ts';
import { SchemaRuleError, type SchemaRuleProblem } from '../directives/schema-rule-error.ts';
import type { ScopeHierarchy } from '../directives/scope-hierarchy.ts';
import { findFormProblems } from './form-problems.ts';
import { compileInputs, findUnenforcedArguments, type InputRule, noInputs } from './input-rules.ts';
import type { RefusalForms } from './refusal-form.ts';
import { isPublicAccess, SchemaAccess } from './schema-access.ts';
import { isSubgraphField } from './subgraph-fields.ts';
import { intersectAcr } from './unmet.ts';

/** The rules that apply to a field. */
export interface FieldRule {
  /** `Query.posts`. */
  readonly coordinate: string;
  /** Everything that applies whenever the field is selected. */
  readonly rule: Rule;
  /** If the field returns an interface or union whose possible types all have rules: those rules, one of which must be met. */
  readonly anyOf: readonly Rule[];
  /** If the field returns an enum whose values all have rules: those rules. A value other than null requires one of them. */
  readonly anyValueOf: readonly Rule[];
  /** The policies that get the parent object as `source`. */
  readonly policies: readonly PolicyTerm[];
  /** The arguments that can contain anything guarded, by name. */
  readonly inputs: ReadonlyMap<string, InputRule>;
}

/** Whether any rule applies to a field or to what is supplied to it. */
export function isProtected({ rule, anyOf, inputs }: FieldRule): boolean {
  return rule.length > 0 || anyOf.length > 0 || inputs.size > 0;
}

/** The composed rules of a schema: one for each coordinate. */
export interface SchemaRules {
  /** The rule of a field of an object type or interface. */
  field(typeName: string, fieldName: string): FieldRule;
  /** The rule of a type: its own and those of its interfaces. */
  type(typeName: string): Rule;
  /** The rules of input fields, by name, without those that contain nothing guarded. */
  inputFields(type: GraphQLInputObjectType): ReadonlyMap<string, InputRule>;
  /** The rules of those values of an enum that have one, by name. Undefined if none has. */
  enumValues(type: GraphQLEnumType): ReadonlyMap<string, Rule> | undefined;
  /** Whether a value of this type can contain anything guarded. */
  isGuardedInput(type: GraphQLInputType): boolean;
  /** Which scopes imply others. Undefined: none. */
  readonly scopeHierarchy: ScopeHierarchy | undefined;
}

/** Options for `compileSchemaRules`. */
export interface SchemaRulesOptions extends DeclaredRulesOptions {
  /** Fields that must have a rule or `@public`. */
  readonly requireRuleOn?: 'root-fields' | 'all-fields' | undefined;
  /** Whether a schema without any rule is accepted. */
  readonly allowNoRules?: boolean | undefined;
  /** The forms of the policies, to find those that could not hold. Default: not checked. */
  readonly forms?: RefusalForms | undefined;
  /** The coordinates whose own rules count. Default: all. */
  readonly isSelected?: ((coordinate: string) => boolean) | undefined;
}

/**
 * Composes the rules of a schema. This folder is given declared rules and returns one rule for each
 * coordinate, what a viewer does not meet of it, and refusals. It must not know operations.
 *
 * @throws {SchemaRuleError} With every problem.
 */
export function compileSchemaRules(
  schema: GraphQLSchema,
  { requireRuleOn, allowNoRules = false, isSelected, forms, ...options }: SchemaRulesOptions,
): SchemaRules {
  const all = readDeclaredRules(schema, options);
  const declared = isSelected ? selectRules(all, isSelected) : all;
  const problems: SchemaRuleProblem[] = [...declared.problems];
  const types = compileTypes(schema, declared);
  const inputs = compileInputs(schema, declared);
  problems.push(...findUnenforcedArguments(schema, inputs.isGuarded));
  const roots = new Set<GraphQLNamedType | null | undefined>([
    schema.getQueryType(),
    schema.getMutationType(),
    schema.getSubscriptionType(),
  ]);
  const fields = new Map<string, FieldRule>();
  const undecided: [type: GraphQLObjectType | GraphQLInterfaceType, fieldName: string][] = [];

  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type) || !(isObjectType(type) || isInterfaceType(type))) continue;
    for (const field of Object.values(type.getFields())) {
      const coordinate = `${type.name}.${field.name}`;
      const named = getNamedType(field.type);
      const fieldRule = allOf(
        declared.get(coordinate),
        ...type.getInterfaces().map((parent) => declared.get(`${parent.name}.${field.name}`)),
      );
      const parentRule = types.rule(type.name);
      const returnRule = types.rule(named.name);
      const isPublic = declared.publicFields.has(coordinate);
      const remaining = allOf(parentRule, fieldRule, returnRule);
      if (isPublic && remaining.length > 0) {
        const coordinates = [...new Set(remaining.map((one) => one.coordinate))].join(', ');
        problems.push({
          coordinate,
          message: `is @public, but the rule of ${coordinates} still applies: remove one of them. @public only exempts a field from the schema-wide rule.`,
        });
      }
      const isExempt = isPublic || isSubgraphField(schema, type, field);
      const schemaRule = isExempt ? publicRule : declared.get(schemaCoordinate);
      const rule = allOf(schemaRule, parentRule, fieldRule, returnRule);
      if (requireRuleOn === 'all-fields' || (requireRuleOn !== undefined && roots.has(type))) {
        if (!isExempt) undecided.push([type, field.name]);
      }
      if (intersectAcr(rule)?.length === 0) {
        problems.push({
          coordinate,
          message:
            'no token can meet its rules: they accept different acr values, and a token has one.',
        });
      }
      fields.set(coordinate, {
        coordinate,
        rule,
        anyOf: isAbstractType(named) ? types.possible(named) : [],
        anyValueOf: isEnumType(named) ? inputs.anyValueOf(named) : [],
        // A policy on an object type gets the object itself, so it runs when there is one.
        policies: policiesOf(
          schemaRule,
          roots.has(type) ? parentRule : publicRule,
          fieldRule,
          isLeafType(named) ? returnRule : publicRule,
        ),
        inputs: inputs.argumentsOf(type, field),
      });
    }
  }
  const rules: SchemaRules = {
    field: (typeName, fieldName) => {
      const coordinate = `${typeName}.${fieldName}`;
      const known = fields.get(coordinate);
      if (known) return known;
      // Introspection fields. __typename has the rule of its type.
      const rule = fieldName === '__typename' ? types.rule(typeName) : publicRule;
      return { coordinate, rule, anyOf: [], anyValueOf: [], policies: [], inputs: noInputs };
    },
    type: types.rule,
    inputFields: (type) => inputs.fieldsOf(type),
    enumValues: (type) => inputs.valuesOf(type),
    isGuardedInput: inputs.isGuarded,
    scopeHierarchy: options.scopeHierarchy,
  };
  if (forms) problems.push(...findFormProblems(schema, rules, forms));
  const access = new SchemaAccess(schema, rules);
  for (const [type, fieldName] of undecided) {
    if (!isPublicAccess(access.field(type, fieldName))) continue;
    const howTo =
      type.astNode || type.extensionASTNodes.length > 0
        ? 'add one of them'
        : 'write extensions: { directives: { auth: {} } }, or { directives: { public: true } }';
    problems.push({
      coordinate: `${type.name}.${fieldName}`,
      message: `has neither @auth nor @public: ${howTo} (requireRuleOn: ${requireRuleOn}).`,
    });
  }
  if (problems.length === 0 && declared.isEmpty && !allowNoRules) {
    problems.push({ coordinate: schemaCoordinate, message: noRules });
  }
  if (problems.length > 0) throw new SchemaRuleError(problems);
  return rules;
}

const noRules =
  "no @auth was found, so nothing would be guarded. In code, write it on a field or type as extensions: { directives: { auth: { scope: ['…'] } } }; some libraries ignore a directives option. printSchema and introspection omit directives (printSchemaWithDirectives of @graphql-tools/utils keeps them), and some tools drop them. If nothing should be guarded, pass allowNoRules: true.";

function compileTypes(schema: GraphQLSchema, declared: DeclaredRules) {
  const rules = new Map<string, Rule>();
  for (const type of Object.values(schema.getTypeMap())) {
    const interfaces: readonly GraphQLInterfaceType[] =
      isObjectType(type) || isInterfaceType(type) ? type.getInterfaces() : [];
    const rule = allOf(
      declared.get(type.name),
      ...interfaces.map((parent) => declared.get(parent.name)),
    );
    if (rule.length > 0) rules.set(type.name, rule);
  }
  const rule = (typeName: string): Rule => rules.get(typeName) ?? publicRule;
  const cache = new Map<GraphQLAbstractType, readonly Rule[]>();
  /** The rules of the possible types if each has one. Empty if any type is public. */
  const possible = (type: GraphQLAbstractType): readonly Rule[] => {
    const known = cache.get(type);
    if (known !== undefined) return known;
    const members = schema.getPossibleTypes(type).map((member) => rule(member.name));
    const result = members.every((one) => one.length > 0) ? [...new Set(members)] : [];
    cache.set(type, result);
    return result;
  };
  return { rule, possible };
}
