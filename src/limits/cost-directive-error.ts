/** One problem with the cost directives of a schema. */
export interface CostDirectiveProblem {
  /** Where: a schema coordinate such as `Query.posts` or `Query.posts(first:)`. */
  readonly coordinate: string;
  /** What is wrong and how to fix it. */
  readonly message: string;
}

/**
 * Thrown when limits are used with a schema whose `@cost` and `@listSize` cannot be applied as written:
 * by adapters when the server is created, by a gate at the first operation. Lists every problem at once,
 * in `message` and in `problems`.
 *
 * @example
 * ```ts
 * import { CostDirectiveError, measureOperation } from 'graphql-resource-server';
 *
 * try {
 *   measureOperation({ schema, document });
 * } catch (error) {
 *   if (!(error instanceof CostDirectiveError)) throw error;
 *   for (const { coordinate, message } of error.problems) console.error(`${coordinate}: ${message}`);
 * }
 * ```
 */
export class CostDirectiveError extends Error {
  override readonly name = 'CostDirectiveError';
  readonly problems: readonly CostDirectiveProblem[];

  constructor(problems: readonly CostDirectiveProblem[]) {
    const lines = problems.map(({ coordinate, message }) => `  ${coordinate}: ${message}`);
    const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
    super(`The cost directives of the schema have ${count}:\n${lines.join('\n')}`);
    this.problems = problems;
  }
}
