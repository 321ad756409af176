import type { GraphQLResolveInfo } from 'graphql';
import type { Viewer } from '../../authentication/viewer.ts';
import type { PolicyTerm } from '../directives/requirement.ts';
import type { Guard } from '../operation/guard.ts';
import { FilterAnswers } from '../rules/filter-policies.ts';
import { type Execution, findRoot } from './execution.ts';
import { findOuterCall } from './filter-context.ts';

/** The filter policies among some terms. The schema has none among alternatives. */
export function findFilters(
  { filterPolicies }: Guard,
  terms: readonly PolicyTerm[],
): readonly string[] {
  return terms
    .filter((term) => typeof term === 'string')
    .filter((name) => filterPolicies.has(name));
}

/** Where a filter policy is evaluated. */
interface FilterSite {
  readonly viewer: Viewer;
  readonly context: unknown;
  readonly info: GraphQLResolveInfo;
}

/**
 * Finds what filter policies have answered, to ask each once for an execution. Of a mutation, once for
 * each root field that is approved or run, because others can change the answer. In events of a
 * subscription, which come later, and without a gate, where executions cannot be told apart: once for a
 * field and its objects.
 */
export function findAnswers(
  guard: Guard,
  { viewer, context: given, info }: FilterSite,
  execution: Execution | undefined,
): FilterAnswers {
  const outer = findOuterCall(guard, given, info);
  const context = outer ? outer.context : given;
  const { operation } = info.operation;
  const key = (operation === 'subscription' ? undefined : execution) ?? info;
  const root = operation === 'mutation' ? findRoot(info.path).key : undefined;
  const known = guard.filterScopes.get(key);
  // An execution that a resolver starts with this operation has its own context.
  if (known && known.viewer === viewer && known.context === context && known.root === root) {
    return known.answers;
  }
  const answers = new FilterAnswers();
  guard.filterScopes.set(key, { viewer, context, root, answers });
  return answers;
}
