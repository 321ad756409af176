import { GraphQLError } from 'graphql';
import { maxReportedRefusals } from '../authorization/enforcement/execution.ts';
import { type RefusalError, refusalOf } from '../authorization/rules/refusal-error.ts';

/** Characters that the paths, messages and extensions of reported refusals may hold together. */
const maxCharacters = 30_000;

/**
 * The errors of a result with a bounded number of refusals: at most a hundred, and no more than
 * fit into 30,000 characters. A last error counts those that are left out.
 *
 * @param overflow The error that stands for refusals that were never made one by one.
 */
export function boundRefusals(
  errors: readonly GraphQLError[],
  overflow?: RefusalError,
): readonly GraphQLError[] {
  const kept: GraphQLError[] = [];
  let last: RefusalError | undefined;
  let left = 0;
  let reported = 0;
  let characters = 0;
  for (const error of errors) {
    const refusal = refusalOf(error);
    if (refusal === undefined) {
      kept.push(error);
      continue;
    }
    characters += error.message.length * 2;
    for (const key of error.path ?? []) characters += String(key).length + 3;
    if (refusal !== overflow && reported < maxReportedRefusals && characters <= maxCharacters) {
      reported += 1;
      kept.push(error);
    } else {
      left += 1;
      last = refusal;
    }
  }
  return last === undefined ? kept : [...kept, summarize(left, last)];
}

function summarize(left: number, { extensions }: RefusalError): GraphQLError {
  const selections = left === 1 ? '1 more selection was' : `${left} more selections were`;
  return new GraphQLError(`${selections} refused.`, {
    extensions: { code: extensions['code'], refused: left },
  });
}
