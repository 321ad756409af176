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
import { type DeclaredRules, readDeclaredRules } from '../directives/declared-rules.ts';
import { allOf, open, type Rule } from '../directives/requirement.ts';
import { SchemaRuleError, type SchemaRuleProblem } from '../directives/schema-rule-error.ts';
import { compileInputs, findUnenforcedArguments, type InputRule, noInputs } from './input-rules.ts';
import { isOpen, SchemaAccess } from './schema-access.ts';
import { acceptableClasses } from './unmet.ts';

/** What a field asks. */
export interface FieldRule {
  /** `Query.posts`. */
  readonly coordinate: string;
  /** Everything that applies whenever the field is selected. */
  readonly rule: Rule;
  /** Where the field returns an interface or union of which every possible type has a rule: those rules. One of them must be met. */
  readonly anyOf: readonly Rule[];
  /** Where the field returns an enum of which every value has a rule: those rules. Any other value than null needs one of them. */
  readonly anyValueOf: readonly Rule[];
  /** Names of the policies that are asked with the parent object as their source. */
  readonly policies: readonly string[];
  /** The arguments under which there may be something guarded, by name. */
  readonly inputs: ReadonlyMap<string, InputRule>;
}

/** Whether a field asks anything of anybody. */
export function isProtected({ rule, anyOf, inputs }: FieldRule): boolean {
  return rule.length > 0 || anyOf.length > 0 || inputs.size > 0;
}

/** The rules of a schema, composed: one per schema coordinate. */
export interface SchemaRules {
  /** The rule of a field of an object type or interface. */
  field(typeName: string, fieldName: string): FieldRule;
  /** The rule of a type itself: its own and what its interfaces say of themselves. */
  type(typeName: string): Rule;
  /** The rules of input fields, by name; those under which nothing is guarded are left out. */
  inputFields(type: GraphQLInputObjectType): ReadonlyMap<string, InputRule>;
  /** The rules of an enum's values, by name, of those that have one; undefined where none has. */
  enumValues(type: GraphQLEnumType): ReadonlyMap<string, Rule> | undefined;
  /** Whether an argument of this type can hold anything guarded. */
  isGuardedInput(type: GraphQLInputType): boolean;
}

/** What is asked of a schema beside rules that can be enforced. */
export interface SchemaRulesOptions {
  /** The names of the policies that there are. */
  readonly policies: ReadonlySet<string>;
  /** Fields that need a decision: a rule, or `@public`. */
  readonly requireRuleOn?: 'root-fields' | 'all-fields' | undefined;
  /** Whether a schema without any rule is accepted. */
  readonly allowNoRules?: boolean | undefined;
}

/**
 * Composes the rules of a schema.
 *
 * @throws {SchemaRuleError} With every problem.
 */
export function compileSchemaRules(
  schema: GraphQLSchema,
  { policies, requireRuleOn, allowNoRules = false }: SchemaRulesOptions,
): SchemaRules {
  const written = readDeclaredRules(schema, policies);
  const faults: SchemaRuleProblem[] = [...written.faults];
  const types = compileTypes(schema, written);
  const inputs = compileInputs(schema, written);
  faults.push(...findUnenforcedArguments(schema, inputs.isGuarded));
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
      const ofField = allOf(
        written.at(coordinate),
        ...type.getInterfaces().map((parent) => written.at(`${parent.name}.${field.name}`)),
      );
      const ofParent = types.rule(type.name);
      const ofReturn = types.rule(named.name);
      const isPublic = written.publicFields.has(coordinate);
      const still = allOf(ofParent, ofField, ofReturn);
      if (isPublic && still.length > 0) {
        const where = [...new Set(still.map((requirement) => requirement.coordinate))].join(', ');
        faults.push({
          coordinate,
          message: `says @public, but the rule of ${where} still applies: remove one of them. @public lifts the schema-wide rule only.`,
        });
      }
      const ofSchema = isPublic ? open : written.at(schemaCoordinate);
      const rule = allOf(ofSchema, ofParent, ofField, ofReturn);
      if (requireRuleOn === 'all-fields' || (requireRuleOn !== undefined && roots.has(type))) {
        if (!isPublic) undecided.push([type, field.name]);
      }
      const accepted = acceptableClasses(rule);
      if (accepted?.length === 0) {
        faults.push({
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
        // What a policy on a type sees is the object itself: that is asked when there is one.
        policies: policyNames(
          ofSchema,
          roots.has(type) ? ofParent : open,
          ofField,
          isLeafType(named) ? ofReturn : open,
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
      // Introspection fields; __typename asks what its type asks.
      const rule = fieldName === '__typename' ? types.rule(typeName) : open;
      return { coordinate, rule, anyOf: [], anyValueOf: [], policies: [], inputs: noInputs };
    },
    type: types.rule,
    inputFields: (type) => inputs.fieldsOf(type),
    enumValues: (type) => inputs.valuesOf(type),
    isGuardedInput: inputs.isGuarded,
  };
  const access = new SchemaAccess(schema, rules);
  for (const [type, fieldName] of undecided) {
    if (!isOpen(access.field(type, fieldName))) continue;
    faults.push({
      coordinate: `${type.name}.${fieldName}`,
      message: `says neither @auth nor @public: decide which (requireRuleOn: ${requireRuleOn}).`,
    });
  }
  if (faults.length === 0 && written.isEmpty && !allowNoRules) {
    faults.push({ coordinate: schemaCoordinate, message: noRules });
  }
  if (faults.length > 0) throw new SchemaRuleError(faults);
  return rules;
}

const noRules =
  'no @auth was found, so nothing would be guarded. printSchema and introspection leave directives out (printSchemaWithDirectives of @graphql-tools/utils keeps them), code first they stand in extensions.directives, and some tools drop them. If nothing is to be guarded, pass allowNoRules: true.';

/** The names of the policies of some rules, each once. */
export function policyNames(...rules: readonly Rule[]): readonly string[] {
  const names = new Set<string>();
  for (const rule of rules) {
    for (const { policies } of rule) for (const name of policies) names.add(name);
  }
  return [...names];
}

function compileTypes(schema: GraphQLSchema, written: DeclaredRules) {
  const rules = new Map<string, Rule>();
  for (const type of Object.values(schema.getTypeMap())) {
    const interfaces: readonly GraphQLInterfaceType[] =
      isObjectType(type) || isInterfaceType(type) ? type.getInterfaces() : [];
    const rule = allOf(
      written.at(type.name),
      ...interfaces.map((parent) => written.at(parent.name)),
    );
    if (rule.length > 0) rules.set(type.name, rule);
  }
  const rule = (typeName: string): Rule => rules.get(typeName) ?? open;
  const known = new Map<GraphQLAbstractType, readonly Rule[]>();
  /** The rules of the possible types where each has one; empty where one of them is open. */
  const possible = (type: GraphQLAbstractType): readonly Rule[] => {
    const found = known.get(type);
    if (found !== undefined) return found;
    const members = schema.getPossibleTypes(type).map((member) => rule(member.name));
    const asking = members.every((one) => one.length > 0) ? [...new Set(members)] : [];
    known.set(type, asking);
    return asking;
  };
  return { rule, possible };
}
