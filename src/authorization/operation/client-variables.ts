import { Kind, type OperationDefinitionNode, type ValueNode } from 'graphql';
import { findVariableNameError } from '../../shared/variable-names.ts';
import type { SchemaRules } from '../rules/schema-rules.ts';
import type { When } from './operation-plan.ts';
import { SuppliedInputCache } from './supplied-inputs.ts';

/** Whether values are as the client sent them, or as an executor coerced them. */
export type VariableForm = 'sent' | 'coerced';

/** The source of the value of a variable: what was sent, or the default of the operation. */
type VariableSource = { readonly value: unknown } | { readonly literal: ValueNode };

/**
 * The variables that the client sent for one execution, with caches of what is derived from them. Create
 * it once for each execution, and do not keep it longer.
 */
export class ClientVariables {
  readonly operation: OperationDefinitionNode;
  readonly values: Readonly<Record<string, unknown>>;
  readonly form: VariableForm;
  // Created when they are needed: most operations need none of them.
  #defaults: Map<string, ValueNode | undefined> | undefined;
  #booleans: Map<string, unknown> | undefined;
  #holding: Map<When, boolean> | undefined;
  #suppliedInputs: Map<SchemaRules, SuppliedInputCache> | undefined;

  constructor(
    operation: OperationDefinitionNode,
    values: Readonly<Record<string, unknown>>,
    form: VariableForm,
  ) {
    const error = findVariableNameError(operation);
    if (error !== undefined) throw error;
    this.operation = operation;
    this.values = values;
    this.form = form;
  }

  /** Whether the client sent the variable, or the operation has a default for it. */
  isSupplied(name: string): boolean {
    // Matches the executor's behavior: a variable that is present and undefined counts as null.
    return Object.hasOwn(this.values, name) || this.#getDefault(name) !== undefined;
  }

  /** The source of the value of a variable inside a literal. Undefined if nothing was supplied. */
  getSource(name: string): VariableSource | undefined {
    if (Object.hasOwn(this.values, name)) return { value: this.values[name] };
    const literal = this.#getDefault(name);
    if (literal !== undefined) return { literal };
    // There, graphql before 16.14 takes what every object inherits for the value of `$constructor`.
    return name in Object.prototype ? { value: Reflect.get(Object.prototype, name) } : undefined;
  }

  /**
   * Whether a selection runs. A condition that is not a boolean fails when variables are coerced; until
   * then the selection counts as running.
   */
  holds(when: When): boolean {
    const { last } = when;
    if (last === undefined) return true;
    this.#holding ??= new Map();
    const known = this.#holding.get(when);
    if (known !== undefined) return known;
    const { variable, runsWhen } = last.condition;
    const holds = this.#getBoolean(variable) !== !runsWhen && this.holds(last.before);
    this.#holding.set(when, holds);
    return holds;
  }

  /** What the client supplies to the guarded inputs of one schema. */
  suppliedInputs(rules: SchemaRules): SuppliedInputCache {
    this.#suppliedInputs ??= new Map();
    const known = this.#suppliedInputs.get(rules);
    if (known !== undefined) return known;
    const created = new SuppliedInputCache(rules, this);
    this.#suppliedInputs.set(rules, created);
    return created;
  }

  #getDefault(name: string): ValueNode | undefined {
    if (this.#defaults === undefined) {
      this.#defaults = new Map();
      for (const { variable, defaultValue } of this.operation.variableDefinitions ?? []) {
        const { value } = variable.name;
        if (!this.#defaults.has(value)) this.#defaults.set(value, defaultValue);
      }
    }
    return this.#defaults.get(name);
  }

  #getBoolean(name: string): unknown {
    this.#booleans ??= new Map();
    if (this.#booleans.has(name)) return this.#booleans.get(name);
    let value: unknown = Object.hasOwn(this.values, name) ? this.values[name] : undefined;
    if (value === undefined) {
      const literal = this.#getDefault(name);
      if (literal?.kind === Kind.BOOLEAN) value = literal.value;
    }
    this.#booleans.set(name, value);
    return value;
  }
}

/**
 * Creates the variables of one execution.
 *
 * @throws {GraphQLError} If the operation must not run because of the name of a variable.
 * @param values As the client sent them, before defaults of the schema are applied. If only coerced
 *   values are known, `form` must be `coerced`: enum values then have their internal values, and
 *   defaults of the schema count as supplied, which refuses more.
 */
export function createClientVariables(
  operation: OperationDefinitionNode,
  values: Readonly<Record<string, unknown>>,
  form: VariableForm = 'sent',
): ClientVariables {
  return new ClientVariables(operation, values, form);
}
