import type { GraphQLError } from 'graphql';
import { maxReportedRefusals } from '../authorization/enforcement/refusal-collector.ts';
import { asRefusalError, type RefusalError, refusalCode } from '../authorization/rules/refusal.ts';
import type { UnmetRequirement } from '../authorization/rules/unmet.ts';
import { UntracedGraphQLError } from '../shared/untraced-graphql-error.ts';

/** Characters of the paths, messages and extensions of all reported refusals together. */
const maxCharacters = 30_000;

/** Refusals that have no errors of their own. */
interface UncountedRefusals {
  readonly unmet: readonly UnmetRequirement[];
  readonly beyond: number;
  readonly shared: RefusalError | undefined;
}

/**
 * Bounds the refusals among the errors of a result: at most 100, in at most 30,000 characters. A
 * final error has the number of those that are omitted.
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
    const { acr } = error.extensions;
    characters += error.message.length * 2 + (Array.isArray(acr) ? acr.join().length : 0);
    for (const key of error.path ?? []) characters += String(key).length + 3;
    if (reported < maxReportedRefusals && characters <= maxCharacters) {
      reported += 1;
      kept.push(error);
    } else left += 1;
  }
  const [first] = unmet;
  return left === 0 || first === undefined ? kept : [...kept, summarize(left, first)];
}

function summarize(left: number, unmet: UnmetRequirement): GraphQLError {
  const selections = left === 1 ? '1 more selection was' : `${left} more selections were`;
  const code = unmet.kind === 'unavailable' ? 'SERVICE_UNAVAILABLE' : refusalCode(unmet);
  return new UntracedGraphQLError(`${selections} denied.`, { extensions: { code, refused: left } });
}
