import { GraphQLError } from 'graphql';
import { maxReportedRefusals } from '../authorization/enforcement/execution.ts';
import {
  asRefusalError,
  type RefusalError,
  refusalExtensions,
} from '../authorization/rules/refusal.ts';
import type { UnmetRequirement } from '../authorization/rules/unmet.ts';

/** Characters that the paths, messages and extensions of reported refusals may hold together. */
const maxCharacters = 30_000;

/** Refusals that were never made one by one. */
interface UncountedRefusals {
  readonly unmet: readonly UnmetRequirement[];
  readonly beyond: number;
  readonly shared: RefusalError | undefined;
}

/**
 * The errors of a result with a bounded number of refusals: at most a hundred, and no more than
 * fit into 30,000 characters. A last error counts those that are left out.
 */
export function boundRefusals(
  errors: readonly GraphQLError[],
  { unmet, beyond, shared }: UncountedRefusals,
): readonly GraphQLError[] {
  const kept: GraphQLError[] = [];
  let left = beyond;
  let reported = 0;
  let characters = 0;
  for (const error of errors) {
    const refusal = asRefusalError(error);
    if (refusal === undefined) {
      kept.push(error);
      continue;
    }
    if (refusal === shared) continue;
    characters += error.message.length * 2;
    for (const key of error.path ?? []) characters += String(key).length + 3;
    if (reported < maxReportedRefusals && characters <= maxCharacters) {
      reported += 1;
      kept.push(error);
    } else left += 1;
  }
  const [first] = unmet;
  return left === 0 || first === undefined ? kept : [...kept, summarize(left, first)];
}

function summarize(left: number, missing: UnmetRequirement): GraphQLError {
  const selections = left === 1 ? '1 more selection was' : `${left} more selections were`;
  const { code } = refusalExtensions(missing);
  return new GraphQLError(`${selections} denied.`, { extensions: { code, refused: left } });
}
