import { type FieldNode, Kind, type ValueNode, type VariableNode } from 'graphql';
import { isIterable } from '../../shared/type-guards.ts';
import { allOf, type PolicyTerm, policiesOf, type Rule } from '../directives/requirement.ts';
import type { InputRule } from '../rules/input-rules.ts';
import type { FieldRule, SchemaRules } from '../rules/schema-rules.ts';
import type { ClientVariables } from './client-variables.ts';
import {
  canContainGuarded,
  type InputShape,
  InputShapes,
  isGuardedShape,
  isReadable,
  memberNames,
  type SuppliedRule,
} from './input-shape.ts';

/** The rules that apply to one selection of a field because of what the client supplied to it. */
export interface SuppliedInputs {
  /** One for each supplied coordinate. */
  readonly found: readonly SuppliedRule[];
  /** The rule of the field combined with everything found. */
  readonly rule: Rule;
  /** The policies that get the parent object: of the field and of everything found. */
  readonly policies: readonly PolicyTerm[];
}

/**
 * Finds the rules of every argument, input field, input type and enum value that the client supplies to
 * a field, at any depth: in a literal, in a variable that it sent, or by a default of the operation. An
 * explicit null counts. A default of the schema does not.
 *
 * Results are cached in the variables: within one execution each variable and each literal is walked
 * once, and the same combination of them returns the same object.
 */
export function findSuppliedInputs(
  rules: SchemaRules,
  field: FieldRule,
  node: FieldNode,
  variables: ClientVariables,
): SuppliedInputs {
  return variables.suppliedInputs(rules).get(field, node);
}

/** What a literal supplies itself, and the variables in it. */
interface LiteralInputs {
  readonly found: ReadonlySet<SuppliedRule>;
  readonly variables: ReadonlySet<VariableInputs>;
}

/** What one variable supplies to one expected type. */
type VariableInputs = ReadonlySet<SuppliedRule>;

const nothing: VariableInputs = new Set();

/** Finds what the client supplies in one execution, when it is first needed. */
export class SuppliedInputCache {
  readonly #shapes: InputShapes;
  readonly #variables: ClientVariables;
  readonly #byNode = new Map<FieldRule, Map<FieldNode, SuppliedInputs>>();
  readonly #bySources = new Map<FieldRule, Map<string, SuppliedInputs>>();
  readonly #literals = new Map<ValueNode, Map<string, LiteralInputs>>();
  readonly #variableInputs = new Map<string, VariableInputs>();
  readonly #ids = new Map<object, number>();

  constructor(rules: SchemaRules, variables: ClientVariables) {
    this.#shapes = new InputShapes(rules);
    this.#variables = variables;
  }

  get(field: FieldRule, node: FieldNode): SuppliedInputs {
    const nodes = getOrCreate(this.#byNode, field);
    const known = nodes.get(node);
    if (known !== undefined) return known;
    const supplied = this.#find(field, node);
    nodes.set(node, supplied);
    return supplied;
  }

  /** The same object for the same sources: aliases that pass one variable share it. */
  #find(field: FieldRule, node: FieldNode): SuppliedInputs {
    const found = new Set<SuppliedRule>();
    const variables = new Set<VariableInputs>();
    for (const argument of node.arguments ?? []) {
      const input = field.inputs.get(argument.name.value);
      if (input === undefined || this.#isMissing(argument.value)) continue;
      if (input.rule.length > 0) found.add(input);
      const inside = this.#findInLiteral(argument.value, input);
      for (const one of inside.found) found.add(one);
      for (const one of inside.variables) variables.add(one);
    }
    const key = [...found, ...variables]
      .map((source) => this.#getId(source))
      .sort((a, b) => a - b)
      .join();
    const known = getOrCreate(this.#bySources, field).get(key);
    if (known !== undefined) return known;
    for (const variable of variables) for (const one of variable) found.add(one);
    const own = allOf(...[...found].map(({ rule }) => rule));
    const supplied = {
      found: [...found],
      rule: allOf(field.rule, own),
      policies: [...new Set([...field.policies, ...policiesOf(own)])],
    };
    getOrCreate(this.#bySources, field).set(key, supplied);
    return supplied;
  }

  #isMissing(value: ValueNode): boolean {
    return value.kind === Kind.VARIABLE && !this.#variables.isSupplied(value.name.value);
  }

  #isMissingInside(value: ValueNode): boolean {
    return value.kind === Kind.VARIABLE && !this.#variables.getSource(value.name.value);
  }

  #findInLiteral(node: ValueNode, { type }: InputRule): LiteralInputs {
    const shape = this.#shapes.get(type);
    const literals = getOrCreate(this.#literals, node);
    const known = literals.get(shape.key);
    if (known !== undefined) return known;
    const found = new Set<SuppliedRule>();
    const variables = new Set<VariableInputs>();
    this.#walkLiteral(node, shape, found, (variable, expected) => {
      const supplied = this.#findInVariable(variable, expected);
      if (supplied.size > 0) variables.add(supplied);
    });
    const inputs = { found, variables };
    literals.set(shape.key, inputs);
    return inputs;
  }

  #findInVariable({ name: { value: name } }: VariableNode, shape: InputShape): VariableInputs {
    const key = `${name} ${shape.key}`;
    const known = this.#variableInputs.get(key);
    if (known !== undefined) return known;
    const found = new Set<SuppliedRule>();
    const source = this.#variables.getSource(name);
    if (source !== undefined && 'value' in source) {
      this.#walkValue(source.value, shape, found);
    } else if (source !== undefined) {
      // A default cannot contain variables.
      this.#walkLiteral(source.literal, shape, found, () => undefined);
    }
    const inputs = found.size === 0 ? nothing : found;
    this.#variableInputs.set(key, inputs);
    return inputs;
  }

  /** Not recursive, like every walk here: clients choose how deep values nest. */
  #walkLiteral(
    literal: ValueNode,
    expected: InputShape,
    found: Set<SuppliedRule>,
    onVariable: (variable: VariableNode, expected: InputShape) => void,
  ): void {
    const pending: { readonly node: ValueNode; readonly shape: InputShape }[] = [];
    const push = (node: ValueNode, shape: InputShape): void => {
      if (node.kind !== Kind.NULL && isGuardedShape(shape)) pending.push({ node, shape });
    };
    push(literal, expected);
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      const { node, shape } = next;
      if (node.kind === Kind.VARIABLE) {
        onVariable(node, shape);
      } else if (node.kind === Kind.LIST) {
        if (shape.item) for (const item of node.values) push(item, shape.item);
      } else if (node.kind === Kind.OBJECT) {
        for (const { name, value } of node.fields) {
          const input = shape.fields.get(name.value);
          if (input === undefined || this.#isMissingInside(value)) continue;
          if (input.rule.length > 0) found.add(input);
          push(value, this.#shapes.get(input.type));
        }
      } else if (node.kind === Kind.ENUM) {
        const rule = shape.values?.sent(node.value);
        if (rule) found.add(rule);
      }
    }
  }

  #walkValue(sent: unknown, expected: InputShape, found: Set<SuppliedRule>): void {
    const { form } = this.#variables;
    const values: unknown[] = [];
    const shapes: InputShape[] = [];
    const push = (value: unknown, shape: InputShape): void => {
      if (!canContainGuarded(value, shape)) return;
      values.push(value);
      shapes.push(shape);
    };
    push(sent, expected);
    for (let shape = shapes.pop(); shape !== undefined; shape = shapes.pop()) {
      const value = values.pop();
      // A single value is coerced to a list of one, at any depth (GraphQL spec §3.11).
      if (shape.item && isIterable(value)) {
        for (const item of value) push(item, shape.item);
      } else if (shape.values) {
        const rule = shape.values[form](value);
        if (rule) found.add(rule);
      } else if (isReadable(value)) {
        for (const name of memberNames(value, shape.fields)) {
          const input = shape.fields.get(name);
          const member: unknown = input && Reflect.get(value, name);
          if (input === undefined || member === undefined) continue;
          if (input.rule.length > 0) found.add(input);
          push(member, this.#shapes.get(input.type));
        }
      }
    }
  }

  #getId(source: object): number {
    const known = this.#ids.get(source);
    if (known !== undefined) return known;
    const id = this.#ids.size;
    this.#ids.set(source, id);
    return id;
  }
}

function getOrCreate<Key, InnerKey, Value>(
  maps: Map<Key, Map<InnerKey, Value>>,
  key: Key,
): Map<InnerKey, Value> {
  const known = maps.get(key);
  if (known !== undefined) return known;
  const created = new Map<InnerKey, Value>();
  maps.set(key, created);
  return created;
}
