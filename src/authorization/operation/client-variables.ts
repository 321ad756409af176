import { Kind, type OperationDefinitionNode, type ValueNode } from 'graphql';
import type { SchemaRules } from '../rules/schema-rules.ts';
import type { When } from './operation-plan.ts';
import { SuppliedInputCache } from './supplied-inputs.ts';

/** Values by name: as the client sent them, or as an executor has coerced them. */
export type VariableForm = 'sent' | 'coerced';

/** What stands for a variable: a value, or the default of the operation. */
type VariableSource = { readonly value: unknown } | { readonly literal: ValueNode };

/**
 * What the client sent beside the document, for one execution. It remembers what was worked out
 * from it, so make it once for each execution, and never keep it longer.
 */
export class ClientVariables {
  readonly operation: OperationDefinitionNode;
  readonly values: Readonly<Record<string, unknown>>;
  readonly form: VariableForm;
  readonly #defaults = new Map<string, ValueNode | undefined>();
  readonly #booleans = new Map<string, unknown>();
  readonly #held = new Map<When, boolean>();
  readonly #inputs = new Map<SchemaRules, SuppliedInputCache>();

  constructor(
    operation: OperationDefinitionNode,
    values: Readonly<Record<string, unknown>>,
    form: VariableForm,
  ) {
    this.operation = operation;
    this.values = values;
    this.form = form;
    for (const { variable, defaultValue } of operation.variableDefinitions ?? []) {
      const name = variable.name.value;
      if (!this.#defaults.has(name)) this.#defaults.set(name, defaultValue);
    }
  }

  /** Whether the client sent the variable, or the operation has a default for it. */
  isSupplied(name: string): boolean {
    // As the executor takes it: a variable that is there and undefined counts as null.
    return Object.hasOwn(this.values, name) || this.#defaults.get(name) !== undefined;
  }

  /** What stands for the variable; undefined where nothing was supplied. */
  supplied(name: string): VariableSource | undefined {
    if (Object.hasOwn(this.values, name)) return { value: this.values[name] };
    const literal = this.#defaults.get(name);
    return literal && { literal };
  }

  /**
   * Whether a selection runs. A condition that is not a boolean fails when the variables are
   * coerced; until then it counts as running.
   */
  holds(when: When): boolean {
    const { last } = when;
    if (last === undefined) return true;
    const known = this.#held.get(when);
    if (known !== undefined) return known;
    const { variable, runsWhen } = last.condition;
    const holds = this.#boolean(variable) !== !runsWhen && this.holds(last.before);
    this.#held.set(when, holds);
    return holds;
  }

  /** What the client supplies to the guarded inputs of one schema. */
  inputs(rules: SchemaRules): SuppliedInputCache {
    const known = this.#inputs.get(rules);
    if (known !== undefined) return known;
    const memory = new SuppliedInputCache(rules, this);
    this.#inputs.set(rules, memory);
    return memory;
  }

  #boolean(name: string): unknown {
    if (this.#booleans.has(name)) return this.#booleans.get(name);
    let value: unknown = Object.hasOwn(this.values, name) ? this.values[name] : undefined;
    if (value === undefined) {
      const literal = this.#defaults.get(name);
      if (literal?.kind === Kind.BOOLEAN) value = literal.value;
    }
    this.#booleans.set(name, value);
    return value;
  }
}

/**
 * Makes the variables of one execution.
 *
 * @param values As the client sent them, before defaults of the schema are filled in. Where only
 *   coerced values are known, say so by `form`: enum values have another shape then, and defaults
 *   of the schema count as supplied, which refuses more.
 */
export function createClientVariables(
  operation: OperationDefinitionNode,
  values: Readonly<Record<string, unknown>>,
  form: VariableForm = 'sent',
): ClientVariables {
  return new ClientVariables(operation, values, form);
}
