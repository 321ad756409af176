import {
  type GraphQLEnumType,
  type GraphQLInputType,
  type GraphQLInterfaceType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { allOf, open, type Requirement, type Rule } from '../directives/requirement.ts';
import type { InputRule } from './input-rules.ts';
import type { FieldRule, SchemaRules } from './schema-rules.ts';

/**
 * What a coordinate requires of those who use it: every requirement of `all`, and of each group one
 * of its alternatives.
 */
export interface Access {
  readonly all: Rule;
  readonly groups: readonly (readonly Access[])[];
}

const openAccess: Access = { all: open, groups: [] };

export function isOpen({ all, groups }: Access): boolean {
  return all.length === 0 && groups.length === 0;
}

/** Whether someone meets it, by which rules they meet. */
export function meets(access: Access, meetsRule: (rule: Rule) => boolean): boolean {
  return (
    meetsRule(access.all) &&
    access.groups.every((group) => group.some((one) => meets(one, meetsRule)))
  );
}

/** Every requirement that is named in it. */
export function requirementsOf({ all, groups }: Access): ReadonlySet<Requirement> {
  return new Set([...all, ...groups.flat().flatMap((one) => [...requirementsOf(one)])]);
}

export function ruleAccess(rule: Rule): Access {
  return rule.length === 0 ? openAccess : { all: rule, groups: [] };
}

/** Everything of each. */
export function everyAccess(...parts: readonly Access[]): Access {
  const asking = parts.filter((part) => !isOpen(part));
  if (asking.length < 2) return asking[0] ?? openAccess;
  return {
    all: allOf(...asking.map(({ all }) => all)),
    groups: [...new Set(asking.flatMap(({ groups }) => groups))],
  };
}

/** One of several: what all of them require, and one of what is left of each. */
export function anyAccess(alternatives: readonly Access[]): Access {
  const [first, ...others] = new Set(alternatives);
  if (first === undefined || alternatives.some(isOpen)) return openAccess;
  if (others.length === 0) return first;
  const rests = others.map(({ all }) => new Set(all));
  const common = new Set(first.all.filter((one) => rests.every((rest) => rest.has(one))));
  const left = [first, ...others].map(({ all, groups }) => ({
    all: all.filter((one) => !common.has(one)),
    groups,
  }));
  return { all: [...common], groups: left.some(isOpen) ? [] : [left] };
}

/** A schema coordinate, and what it takes to use it. */
export interface CoordinateAccess {
  readonly coordinate: string;
  readonly access: Access;
}

/** Works out what it takes to use the coordinates of one schema. Works shared parts out once. */
export class SchemaAccess {
  readonly #schema: GraphQLSchema;
  readonly #rules: SchemaRules;
  readonly #returns = new Map<readonly Rule[], Access>();
  readonly #values = new Map<GraphQLInputType, Access | undefined>();

  constructor(schema: GraphQLSchema, rules: SchemaRules) {
    this.#schema = schema;
    this.#rules = rules;
  }

  /**
   * Every field, and every argument, input field and enum value that has a rule of its own, in the
   * order of the schema.
   */
  coordinates(): CoordinateAccess[] {
    return Object.values(this.#schema.getTypeMap()).flatMap((type): CoordinateAccess[] => {
      if (isIntrospectionType(type)) return [];
      if (isObjectType(type) || isInterfaceType(type)) {
        return Object.keys(type.getFields()).flatMap((name) => [
          { coordinate: `${type.name}.${name}`, access: this.field(type, name) },
          ...this.#inputs(this.#rules.field(type.name, name).inputs, open),
        ]);
      }
      if (isInputObjectType(type)) {
        return this.#inputs(this.#rules.inputFields(type), this.#rules.type(type.name));
      }
      return isEnumType(type) ? this.#enumValues(type) : [];
    });
  }

  /**
   * What it takes to get a value of a field. The fields of an interface are those of the types that
   * implement it: it is enough that one of them lets the viewer in.
   */
  field(type: GraphQLObjectType | GraphQLInterfaceType, name: string): Access {
    const implementers = isInterfaceType(type) ? this.#schema.getPossibleTypes(type) : [];
    const types = implementers.length > 0 ? implementers : [type];
    return anyAccess(
      types.map((one) => {
        const field = this.#rules.field(one.name, name);
        const required = [...field.inputs.values()].filter((input) => input.isRequired);
        return everyAccess(
          ruleAccess(field.rule),
          this.returned(field),
          ...required.map((input) => this.#input(input)),
        );
      }),
    );
  }

  /** What the types and values that a field can return require beside the field itself. */
  returned({ anyOf, anyValueOf }: FieldRule): Access {
    return everyAccess(this.#anyRule(anyOf), this.#anyRule(anyValueOf));
  }

  #anyRule(rules: readonly Rule[]): Access {
    if (rules.length === 0) return openAccess;
    const known = this.#returns.get(rules);
    if (known !== undefined) return known;
    const access = anyAccess(rules.map(ruleAccess));
    this.#returns.set(rules, access);
    return access;
  }

  #inputs(inputs: ReadonlyMap<string, InputRule>, ofType: Rule): CoordinateAccess[] {
    return [...inputs.values()]
      .filter(({ rule }) => rule.length > 0)
      .map((input) => ({
        coordinate: input.coordinate,
        access: everyAccess(ruleAccess(ofType), this.#input(input)),
      }));
  }

  #enumValues(type: GraphQLEnumType): CoordinateAccess[] {
    return Array.from(this.#rules.enumValues(type) ?? [], ([name, rule]) => ({
      coordinate: `${type.name}.${name}`,
      access: ruleAccess(allOf(this.#rules.type(type.name), rule)),
    }));
  }

  /** What it takes to supply an argument or an input field. Where null can be supplied, no value is needed. */
  #input({ rule, type }: InputRule): Access {
    const value = isNonNullType(type) ? this.#value(type, []).access : openAccess;
    return everyAccess(ruleAccess(rule), value ?? openAccess);
  }

  /**
   * What it takes to supply a value other than null, beside the rule of its type. No access where
   * there is no such value, because it would have to hold itself.
   *
   * @returns `isCut` where that depends on the types around.
   */
  #value(
    wrapped: GraphQLInputType,
    around: readonly GraphQLInputType[],
  ): { readonly access: Access | undefined; readonly isCut: boolean } {
    const type = getNullableType(wrapped);
    // An empty list needs no item.
    if (isListType(type) || !this.#rules.isGuardedInput(type)) {
      return { access: openAccess, isCut: false };
    }
    if (isEnumType(type)) {
      const values = this.#rules.enumValues(type);
      const isGuarded = values?.size === type.getValues().length;
      const access = isGuarded ? anyAccess([...values.values()].map(ruleAccess)) : openAccess;
      return { access, isCut: false };
    }
    if (!isInputObjectType(type)) return { access: openAccess, isCut: false };
    if (this.#values.has(type)) return { access: this.#values.get(type), isCut: false };
    if (around.includes(type)) return { access: undefined, isCut: true };

    const guarded = [...this.#rules.inputFields(type).values()];
    const needed = type.isOneOf ? guarded : guarded.filter((field) => field.isRequired);
    const found = needed.map((field) => {
      const { access, isCut } = this.#value(field.type, [...around, type]);
      return { access: access && everyAccess(ruleAccess(field.rule), access), isCut };
    });
    const possible = found.map(({ access }) => access).filter((access) => access !== undefined);
    let access: Access | undefined;
    if (!type.isOneOf) {
      access = possible.length < found.length ? undefined : everyAccess(...possible);
    } else if (guarded.length < Object.keys(type.getFields()).length) access = openAccess;
    else access = possible.length === 0 ? undefined : anyAccess(possible);
    const isCut = found.some((one) => one.isCut);
    if (!isCut) this.#values.set(type, access);
    return { access, isCut };
  }
}
