/** One thing that is wrong with the rules of a schema. */
export interface SchemaRuleFault {
  /** Where, as a schema coordinate: `Query.posts(filter:)`, `Role.ADMIN`, `@auth`, or `schema`. */
  readonly coordinate: string;
  /** What is wrong, and the mend. */
  readonly message: string;
}

/**
 * A schema whose rules cannot be enforced as they are written. Lists every fault at once; nothing
 * is guarded until all are mended.
 */
export class SchemaRuleError extends Error {
  override readonly name = 'SchemaRuleError';
  readonly faults: readonly SchemaRuleFault[];

  constructor(faults: readonly SchemaRuleFault[]) {
    const lines = faults.map((fault) => `  ${fault.coordinate}: ${fault.message}`);
    super(
      `The schema has ${faults.length === 1 ? 'a rule' : `${faults.length} rules`} that cannot be enforced as written:\n${lines.join('\n')}`,
    );
    this.faults = faults;
  }
}
