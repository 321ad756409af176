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
import { allOf, publicRule, type Requirement, type Rule } from '../directives/requirement.ts';
import type { InputRule } from './input-rules.ts';
import type { FieldRule, SchemaRules } from './schema-rules.ts';

/**
 * What it takes to use a coordinate: every requirement of `all`, and one alternative of each group.
 */
export interface Access {
  readonly all: Rule;
  readonly groups: readonly (readonly Access[])[];
}

const publicAccess: Access = { all: publicRule, groups: [] };

export function isPublicAccess({ all, groups }: Access): boolean {
  return all.length === 0 && groups.length === 0;
}

/** Whether a viewer has an access, given which rules the viewer meets. */
export function meets(access: Access, meetsRule: (rule: Rule) => boolean): boolean {
  return (
    meetsRule(access.all) &&
    access.groups.every((group) => group.some((one) => meets(one, meetsRule)))
  );
}

/** All requirements anywhere in an access. */
export function requirementsOf({ all, groups }: Access): ReadonlySet<Requirement> {
  return new Set([...all, ...groups.flat().flatMap((one) => [...requirementsOf(one)])]);
}

export function ruleAccess(rule: Rule): Access {
  return rule.length === 0 ? publicAccess : { all: rule, groups: [] };
}

/** All of the given accesses together. */
export function everyAccess(...parts: readonly Access[]): Access {
  const restricted = parts.filter((part) => !isPublicAccess(part));
  if (restricted.length < 2) return restricted[0] ?? publicAccess;
  return {
    all: allOf(...restricted.map(({ all }) => all)),
    groups: [...new Set(restricted.flatMap(({ groups }) => groups))],
  };
}

/** Any one of several: what they have in common, and one of their remainders. */
export function anyAccess(alternatives: readonly Access[]): Access {
  const [first, ...others] = new Set(alternatives);
  if (first === undefined || alternatives.some(isPublicAccess)) return publicAccess;
  if (others.length === 0) return first;
  const rests = others.map(({ all }) => new Set(all));
  const common = new Set(first.all.filter((one) => rests.every((rest) => rest.has(one))));
  const remainders = [first, ...others].map(({ all, groups }) => ({
    all: all.filter((one) => !common.has(one)),
    groups,
  }));
  return { all: [...common], groups: remainders.some(isPublicAccess) ? [] : [remainders] };
}

/** A schema coordinate and what it takes to use it. */
export interface CoordinateAccess {
  readonly coordinate: string;
  readonly access: Access;
}

/** Determines what it takes to use the coordinates of one schema. Caches shared parts. */
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
   * Every field, and every argument, input field and enum value that has its own rule, in the order of
   * the schema.
   */
  coordinates(): CoordinateAccess[] {
    return Object.values(this.#schema.getTypeMap()).flatMap((type): CoordinateAccess[] => {
      if (isIntrospectionType(type)) return [];
      if (isObjectType(type) || isInterfaceType(type)) {
        return Object.keys(type.getFields()).flatMap((name) => [
          { coordinate: `${type.name}.${name}`, access: this.field(type, name) },
          ...this.#inputs(this.#rules.field(type.name, name).inputs, publicRule),
        ]);
      }
      if (isInputObjectType(type)) {
        return this.#inputs(this.#rules.inputFields(type), this.#rules.type(type.name));
      }
      return isEnumType(type) ? this.#enumValues(type) : [];
    });
  }

  /**
   * What it takes to get a value of a field. For a field of an interface, access by any one of the
   * implementing types is sufficient.
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
          ...required.map((input) => this.#inputAccess(input)),
        );
      }),
    );
  }

  /** What the types and values that a field can return require, in addition to the field itself. */
  returned({ anyOf, anyValueOf }: FieldRule): Access {
    return everyAccess(this.#anyRule(anyOf), this.#anyRule(anyValueOf));
  }

  #anyRule(rules: readonly Rule[]): Access {
    if (rules.length === 0) return publicAccess;
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
        access: everyAccess(ruleAccess(ofType), this.#inputAccess(input)),
      }));
  }

  #enumValues(type: GraphQLEnumType): CoordinateAccess[] {
    return Array.from(this.#rules.enumValues(type) ?? [], ([name, rule]) => ({
      coordinate: `${type.name}.${name}`,
      access: ruleAccess(allOf(this.#rules.type(type.name), rule)),
    }));
  }

  /** What it takes to supply an argument or input field. If that can be null, no value is needed. */
  #inputAccess({ rule, type }: InputRule): Access {
    const value = isNonNullType(type) ? this.#valueAccess(type, []).access : publicAccess;
    return everyAccess(ruleAccess(rule), value ?? publicAccess);
  }

  /**
   * What it takes to supply a non-null value, in addition to the rule of its type. `access` is undefined
   * if there is no such value, because it would have to contain itself.
   *
   * @returns `isPartial` if the result depends on the enclosing types.
   */
  #valueAccess(
    wrapped: GraphQLInputType,
    enclosing: readonly GraphQLInputType[],
  ): { readonly access: Access | undefined; readonly isPartial: boolean } {
    const type = getNullableType(wrapped);
    // An empty list needs no item.
    if (isListType(type) || !this.#rules.isGuardedInput(type)) {
      return { access: publicAccess, isPartial: false };
    }
    if (isEnumType(type)) {
      const values = this.#rules.enumValues(type);
      const isGuarded = values?.size === type.getValues().length;
      const access = isGuarded ? anyAccess([...values.values()].map(ruleAccess)) : publicAccess;
      return { access, isPartial: false };
    }
    if (!isInputObjectType(type)) return { access: publicAccess, isPartial: false };
    if (this.#values.has(type)) return { access: this.#values.get(type), isPartial: false };
    if (enclosing.includes(type)) return { access: undefined, isPartial: true };

    const guarded = [...this.#rules.inputFields(type).values()];
    const needed = type.isOneOf ? guarded : guarded.filter((field) => field.isRequired);
    const found = needed.map((field) => {
      const { access, isPartial } = this.#valueAccess(field.type, [...enclosing, type]);
      return { access: access && everyAccess(ruleAccess(field.rule), access), isPartial };
    });
    const possible = found.map(({ access }) => access).filter((access) => access !== undefined);
    let access: Access | undefined;
    if (!type.isOneOf) {
      access = possible.length < found.length ? undefined : everyAccess(...possible);
    } else if (guarded.length < Object.keys(type.getFields()).length) access = publicAccess;
    else access = possible.length === 0 ? undefined : anyAccess(possible);
    const isPartial = found.some((one) => one.isPartial);
    if (!isPartial) this.#values.set(type, access);
    return { access, isPartial };
  }
}
