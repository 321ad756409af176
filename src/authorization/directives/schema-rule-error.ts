/** One problem of the rules of a schema. */
export interface SchemaRuleProblem {
  /** Where, as a schema coordinate: `Query.posts(filter:)`, `Role.ADMIN`, `@auth`, or `schema`. */
  readonly coordinate: string;
  /** What is wrong, and how to fix it. */
  readonly message: string;
}

/**
 * A schema whose rules cannot be enforced as they are written, or that has none. Lists every problem
 * at once; nothing is guarded until all are fixed.
 */
export class SchemaRuleError extends Error {
  override readonly name = 'SchemaRuleError';
  readonly faults: readonly SchemaRuleProblem[];

  constructor(faults: readonly SchemaRuleProblem[]) {
    const lines = faults.map((fault) => `  ${fault.coordinate}: ${fault.message}`);
    const problems = faults.length === 1 ? 'a problem' : `${faults.length} problems`;
    super(`The schema cannot be guarded, it has ${problems}:\n${lines.join('\n')}`);
    this.faults = faults;
  }
}
