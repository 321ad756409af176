import {
  type GraphQLEnumType,
  type GraphQLInputType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
} from 'graphql';
import type { Rule } from '../directives/requirement.ts';
import { type InputRule, noInputs } from '../rules/input-rules.ts';
import type { SchemaRules } from '../rules/schema-rules.ts';

/** The rule of something that the client supplied, and its coordinate. */
export interface SuppliedRule {
  readonly coordinate: string;
  readonly rule: Rule;
}

/** What can be guarded inside an input type, inside lists or not. */
export interface InputShape {
  /** Shared by types that differ only in what is non-null. */
  readonly key: string;
  /** The shape of list items. Undefined if this is not a list. */
  readonly item: InputShape | undefined;
  /** The guarded fields of an input object. */
  readonly fields: ReadonlyMap<string, InputRule>;
  /** The guarded values of an enum, if any. */
  readonly values: GuardedEnumValues | undefined;
}

/** Creates and caches the shapes of the input types of one schema. */
export class InputShapes {
  readonly #rules: SchemaRules;
  readonly #shapes = new Map<GraphQLInputType, InputShape>();

  constructor(rules: SchemaRules) {
    this.#rules = rules;
  }

  get(type: GraphQLInputType): InputShape {
    const known = this.#shapes.get(type);
    if (known !== undefined) return known;
    const nullable = getNullableType(type);
    const shape = isListType(nullable) ? listOf(this.get(nullable.ofType)) : this.#create(nullable);
    this.#shapes.set(type, shape);
    return shape;
  }

  #create(type: GraphQLInputType): InputShape {
    const values = isEnumType(type) ? this.#rules.enumValues(type) : undefined;
    return {
      key: `${type}`,
      item: undefined,
      fields: isInputObjectType(type) ? this.#rules.inputFields(type) : noInputs,
      values: isEnumType(type) && values ? new GuardedEnumValues(type, values) : undefined,
    };
  }
}

function listOf(item: InputShape): InputShape {
  return { ...item, key: `[${item.key}]`, item };
}

/** Whether anything guarded can be inside. */
export function isGuardedShape({ fields, values }: InputShape): boolean {
  return fields.size > 0 || values !== undefined;
}

/** Whether a value can contain anything guarded. Most of what clients send in bulk cannot. */
export function canContainGuarded(value: unknown, shape: InputShape): boolean {
  if (value === null || value === undefined || !isGuardedShape(shape)) return false;
  if (!Array.isArray(value)) return shape.values !== undefined || isReadable(value);
  return shape.item ? value.length > 0 : shape.values !== undefined || shape.fields.has('length');
}

/** Whether executors read the fields of an input object from a value. Functions have members too. */
export function isReadable(value: unknown): value is object {
  return (typeof value === 'object' && value !== null) || typeof value === 'function';
}

/**
 * The members of a value to check. Executors read the fields of the type by name: they also find the
 * members of a class, and the length of an array.
 */
export function memberNames(
  value: object,
  fields: ReadonlyMap<string, InputRule>,
): Iterable<string> {
  if (Array.isArray(value)) return ['length'];
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null
    ? Object.keys(value)
    : [...fields.keys()].filter((name) => name in value);
}

/** The guarded values of one enum. */
class GuardedEnumValues {
  readonly #byName = new Map<string, SuppliedRule>();
  readonly #byValue = new Map<unknown, SuppliedRule>();

  constructor(type: GraphQLEnumType, rules: ReadonlyMap<string, Rule>) {
    for (const { name, value } of type.getValues()) {
      const rule = rules.get(name);
      if (rule === undefined) continue;
      const supplied = { coordinate: `${type.name}.${name}`, rule };
      this.#byName.set(name, supplied);
      this.#byValue.set(value, supplied);
    }
  }

  /** By name: what clients send. */
  sent(name: unknown): SuppliedRule | undefined {
    return typeof name === 'string' ? this.#byName.get(name) : undefined;
  }

  /** By internal value: what resolvers get. */
  coerced(value: unknown): SuppliedRule | undefined {
    return this.#byValue.get(value);
  }
}
