import {
  type FieldNode,
  type GraphQLEnumType,
  type GraphQLInputType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  Kind,
  type ValueNode,
  type VariableNode,
} from 'graphql';
import { allOf, type Rule } from '../directives/requirement.ts';
import { type InputRule, noInputs } from '../rules/input-rules.ts';
import { type FieldRule, policyNames, type SchemaRules } from '../rules/schema-rules.ts';
import type { ClientVariables } from './client-variables.ts';

/** The rule of something that the client supplied, and the coordinate that it stands on. */
export interface SuppliedRule {
  readonly coordinate: string;
  readonly rule: Rule;
}

/** What applies to one selection of a field because of what the client supplied to it. */
export interface SuppliedInputs {
  /** One for each coordinate, however often it was supplied. */
  readonly found: readonly SuppliedRule[];
  /** The rule of the field and of everything found. */
  readonly rule: Rule;
  /** The policies that are asked with the parent object: of the field and of everything found. */
  readonly policies: readonly string[];
}

/**
 * The rules of every argument, input field, input type and enum value that the client supplies
 * to a field, at any depth: in a literal, in a variable that it sent, or by a default of the
 * operation. An explicit null counts; what a default of the schema fills in does not.
 *
 * The variables remember what they supply: within one execution each variable is walked once,
 * each literal once, and the same result is returned for the same combination of them.
 */
export function findSuppliedInputs(
  rules: SchemaRules,
  field: FieldRule,
  node: FieldNode,
  variables: ClientVariables,
): SuppliedInputs {
  return variables.inputs(rules).of(field, node);
}

/** What a literal supplies by itself, and the variables that it holds. */
interface LiteralInputs {
  readonly found: ReadonlySet<SuppliedRule>;
  readonly variables: ReadonlySet<VariableInputs>;
}

/** What one variable supplies where one type is expected. */
type VariableInputs = ReadonlySet<SuppliedRule>;

/** An input type as the walks see it: what may be guarded inside, behind lists or not. */
interface Shape {
  /** The same for types that differ in what is non-null only. */
  readonly key: string;
  /** What the items of a list are expected to be; undefined where no list is expected. */
  readonly item: Shape | undefined;
  /** The fields of an input object that matter; empty where none does. */
  readonly fields: ReadonlyMap<string, InputRule>;
  /** The values of an enum, where one of them is guarded. */
  readonly values: EnumInputs | undefined;
}

const nothing: VariableInputs = new Set();

/** What the client supplies in one execution, worked out when it is first needed. */
export class SuppliedInputCache {
  readonly #rules: SchemaRules;
  readonly #variables: ClientVariables;
  readonly #ofNodes = new Map<FieldRule, Map<FieldNode, SuppliedInputs>>();
  readonly #ofSources = new Map<FieldRule, Map<string, SuppliedInputs>>();
  readonly #ofLiterals = new Map<ValueNode, Map<string, LiteralInputs>>();
  readonly #ofVariables = new Map<string, VariableInputs>();
  readonly #shapes = new Map<GraphQLInputType, Shape>();
  readonly #ids = new Map<object, number>();

  constructor(rules: SchemaRules, variables: ClientVariables) {
    this.#rules = rules;
    this.#variables = variables;
  }

  of(field: FieldRule, node: FieldNode): SuppliedInputs {
    const nodes = inner(this.#ofNodes, field);
    const known = nodes.get(node);
    if (known !== undefined) return known;
    const supplied = this.#supplied(field, node);
    nodes.set(node, supplied);
    return supplied;
  }

  /** The same object for the same sources: aliases that pass one variable share it. */
  #supplied(field: FieldRule, node: FieldNode): SuppliedInputs {
    const found = new Set<SuppliedRule>();
    const variables = new Set<VariableInputs>();
    for (const argument of node.arguments ?? []) {
      const input = field.inputs.get(argument.name.value);
      if (input === undefined || !this.#isSupplied(argument.value)) continue;
      if (input.rule.length > 0) found.add(input);
      const inside = this.#literal(argument.value, input);
      for (const one of inside.found) found.add(one);
      for (const one of inside.variables) variables.add(one);
    }
    const key = [...found, ...variables]
      .map((source) => this.#id(source))
      .sort((a, b) => a - b)
      .join();
    const known = inner(this.#ofSources, field).get(key);
    if (known !== undefined) return known;
    for (const variable of variables) for (const one of variable) found.add(one);
    const own = allOf(...[...found].map(({ rule }) => rule));
    const supplied = {
      found: [...found],
      rule: allOf(field.rule, own),
      policies: [...new Set([...field.policies, ...policyNames(own)])],
    };
    inner(this.#ofSources, field).set(key, supplied);
    return supplied;
  }

  #isSupplied(value: ValueNode): boolean {
    return value.kind !== Kind.VARIABLE || this.#variables.isSupplied(value.name.value);
  }

  #literal(node: ValueNode, { type }: InputRule): LiteralInputs {
    const shape = this.#shape(type);
    const literals = inner(this.#ofLiterals, node);
    const known = literals.get(shape.key);
    if (known !== undefined) return known;
    const found = new Set<SuppliedRule>();
    const variables = new Set<VariableInputs>();
    this.#walkLiteral(node, shape, found, (variable, expected) => {
      const supplied = this.#variable(variable, expected);
      if (supplied.size > 0) variables.add(supplied);
    });
    const inputs = { found, variables };
    literals.set(shape.key, inputs);
    return inputs;
  }

  #variable({ name: { value: name } }: VariableNode, shape: Shape): VariableInputs {
    const key = `${name} ${shape.key}`;
    const known = this.#ofVariables.get(key);
    if (known !== undefined) return known;
    const found = new Set<SuppliedRule>();
    const supplied = this.#variables.supplied(name);
    if (supplied !== undefined && 'value' in supplied) {
      this.#walkValue(supplied.value, shape, found);
    } else if (supplied !== undefined) {
      // A default holds no variables.
      this.#walkLiteral(supplied.literal, shape, found, () => undefined);
    }
    const inputs = found.size === 0 ? nothing : found;
    this.#ofVariables.set(key, inputs);
    return inputs;
  }

  /** With a stack of its own, as every walk here: clients choose how deep values nest. */
  #walkLiteral(
    literal: ValueNode,
    expected: Shape,
    found: Set<SuppliedRule>,
    meet: (variable: VariableNode, expected: Shape) => void,
  ): void {
    const pending: { readonly node: ValueNode; readonly shape: Shape }[] = [];
    const push = (node: ValueNode, shape: Shape): void => {
      if (node.kind !== Kind.NULL && holdsAny(shape)) pending.push({ node, shape });
    };
    push(literal, expected);
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { node, shape } = next;
      if (node.kind === Kind.VARIABLE) {
        meet(node, shape);
      } else if (node.kind === Kind.LIST) {
        if (shape.item) for (const item of node.values) push(item, shape.item);
      } else if (node.kind === Kind.OBJECT) {
        for (const { name, value } of node.fields) {
          const input = shape.fields.get(name.value);
          if (input === undefined || !this.#isSupplied(value)) continue;
          if (input.rule.length > 0) found.add(input);
          push(value, this.#shape(input.type));
        }
      } else if (node.kind === Kind.ENUM) {
        const rule = shape.values?.sent(node.value);
        if (rule) found.add(rule);
      }
    }
  }

  #walkValue(sent: unknown, expected: Shape, found: Set<SuppliedRule>): void {
    const { form } = this.#variables;
    const values: unknown[] = [];
    const shapes: Shape[] = [];
    const push = (value: unknown, shape: Shape): void => {
      if (!mayHold(value, shape)) return;
      values.push(value);
      shapes.push(shape);
    };
    push(sent, expected);
    for (let shape = shapes.pop(); shape !== undefined; shape = shapes.pop()) {
      const value = values.pop();
      // What is no list stands for a list of one, at any depth (GraphQL spec §3.11).
      if (shape.item && isIterable(value)) {
        for (const item of value) push(item, shape.item);
      } else if (shape.values) {
        const rule = shape.values[form](value);
        if (rule) found.add(rule);
      } else if (typeof value === 'object' && value !== null) {
        for (const name of memberNames(value, shape.fields)) {
          const input = shape.fields.get(name);
          const member: unknown = input && Reflect.get(value, name);
          if (input === undefined || member === undefined) continue;
          if (input.rule.length > 0) found.add(input);
          push(member, this.#shape(input.type));
        }
      }
    }
  }

  #shape(type: GraphQLInputType): Shape {
    const known = this.#shapes.get(type);
    if (known !== undefined) return known;
    const bare = getNullableType(type);
    const shape = isListType(bare) ? listOf(this.#shape(bare.ofType)) : this.#shapeOf(bare);
    this.#shapes.set(type, shape);
    return shape;
  }

  #shapeOf(type: GraphQLInputType): Shape {
    const values = isEnumType(type) ? this.#rules.enumValues(type) : undefined;
    return {
      key: `${type}`,
      item: undefined,
      fields: isInputObjectType(type) ? this.#rules.inputFields(type) : noInputs,
      values: isEnumType(type) && values ? new EnumInputs(type, values) : undefined,
    };
  }

  #id(source: object): number {
    const known = this.#ids.get(source);
    if (known !== undefined) return known;
    const id = this.#ids.size;
    this.#ids.set(source, id);
    return id;
  }
}

function listOf(item: Shape): Shape {
  return { ...item, key: `[${item.key}]`, item };
}

function holdsAny({ fields, values }: Shape): boolean {
  return fields.size > 0 || values !== undefined;
}

/** Whether it is worth a look: most of what clients send in bulk is not. */
function mayHold(value: unknown, shape: Shape): boolean {
  if (value === null || value === undefined || !holdsAny(shape)) return false;
  if (!Array.isArray(value)) return shape.values !== undefined || typeof value === 'object';
  return shape.item ? value.length > 0 : shape.values !== undefined || shape.fields.has('length');
}

/** The guarded values of one enum. */
class EnumInputs {
  readonly #rules = new Map<string, SuppliedRule>();
  readonly #internal = new Map<unknown, SuppliedRule>();

  constructor(type: GraphQLEnumType, rules: ReadonlyMap<string, Rule>) {
    for (const { name, value } of type.getValues()) {
      const rule = rules.get(name);
      if (rule === undefined) continue;
      const supplied = { coordinate: `${type.name}.${name}`, rule };
      this.#rules.set(name, supplied);
      this.#internal.set(value, supplied);
    }
  }

  /** By its name: the form in which clients send it. */
  sent(name: unknown): SuppliedRule | undefined {
    return typeof name === 'string' ? this.#rules.get(name) : undefined;
  }

  /** By its internal value: the form that resolvers get. */
  coerced(value: unknown): SuppliedRule | undefined {
    return this.#internal.get(value);
  }
}

/** As variables are coerced: in one process, they may be other iterables than arrays. */
function isIterable(value: unknown): value is Iterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.iterator in value;
}

/**
 * The members to look at. An executor reads the fields of the type by name: it finds those of a
 * class too, and the length of an array.
 */
function memberNames(value: object, fields: ReadonlyMap<string, InputRule>): Iterable<string> {
  if (Array.isArray(value)) return ['length'];
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null
    ? Object.keys(value)
    : [...fields.keys()].filter((name) => name in value);
}

function inner<Key, InnerKey, Value>(
  maps: Map<Key, Map<InnerKey, Value>>,
  key: Key,
): Map<InnerKey, Value> {
  const known = maps.get(key);
  if (known !== undefined) return known;
  const made = new Map<InnerKey, Value>();
  maps.set(key, made);
  return made;
}
