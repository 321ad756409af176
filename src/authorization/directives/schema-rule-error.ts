/** One problem with the rules of a schema. */
export interface SchemaRuleProblem {
  /** Where: a schema coordinate such as `Query.posts(filter:)`, `Role.ADMIN` or `@auth`, or `schema { … }`. */
  readonly coordinate: string;
  /** What is wrong and how to fix it. */
  readonly message: string;
}

/**
 * Thrown by `guardSchema` when a schema has rules that cannot be enforced as written, or has no rules.
 * Lists every problem at once, in `message` and in `problems`. No schema is returned until all are fixed.
 *
 * @example
 * ```ts
 * import { guardSchema, SchemaRuleError } from 'graphql-resource-server';
 *
 * try {
 *   guardSchema(schema);
 * } catch (error) {
 *   if (!(error instanceof SchemaRuleError)) throw error;
 *   for (const { coordinate, message } of error.problems) console.error(`${coordinate}: ${message}`);
 * }
 * ```
 */
export class SchemaRuleError extends Error {
  override readonly name = 'SchemaRuleError';
  readonly problems: readonly SchemaRuleProblem[];

  constructor(problems: readonly SchemaRuleProblem[]) {
    const lines = problems.map(({ coordinate, message }) => `  ${coordinate}: ${message}`);
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    super(`The schema has ${count} and cannot be guarded:\n${lines.join('\n')}`);
    this.problems = problems;
  }

  /** @deprecated Use `problems`. */
  get faults(): readonly SchemaRuleProblem[] {
    return this.problems;
  }
}
