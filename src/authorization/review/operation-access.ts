import type { DocumentNode, GraphQLSchema } from 'graphql';
import type { Requirement, Rule } from '../directives/requirement.ts';
import { createClientVariables } from '../operation/client-variables.ts';
import { guardOf } from '../operation/guard.ts';
import type { Layout } from '../operation/operation-plan.ts';
import { OperationPlanner } from '../operation/operation-planner.ts';
import { findSuppliedInputs } from '../operation/supplied-inputs.ts';
import {
  type Access,
  anyAccess,
  everyAccess,
  ruleAccess,
  SchemaAccess,
} from '../rules/schema-access.ts';
import type { FieldRule } from '../rules/schema-rules.ts';
import { type AccessTerms, toAccessTerms } from './access-terms.ts';

/**
 * What it takes to be allowed everything that the only operation of a document can select, whatever
 * `@skip` and `@include` leave out. Arguments that get a variable count as supplied; what is in the value
 * of a variable is not known. Undefined if the document has no operation, or several.
 *
 * @throws {TypeError} If the schema is not the result of `guardSchema`.
 * @throws {NestingError} If the operation is nested too deep.
 */
export function operationAccess(
  schema: GraphQLSchema,
  document: DocumentNode,
): AccessTerms | undefined {
  const { rules } = guardOf(schema);
  const plan = new OperationPlanner(schema, rules).plan(document, undefined, 'all');
  if (plan === undefined) return undefined;
  const withoutDefault = (plan.operation.variableDefinitions ?? []).filter(
    ({ defaultValue }) => defaultValue === undefined,
  );
  const variables = createClientVariables(
    plan.operation,
    Object.fromEntries(withoutDefault.map(({ variable }) => [variable.name.value, undefined])),
  );
  const schemaAccess = new SchemaAccess(schema, rules);
  const found = new Set<Access>();
  const visited = new Set<Layout>();
  const visit = (layout: Layout): void => {
    if (visited.has(layout)) return;
    visited.add(layout);
    for (const item of layout.items) {
      if (item.kind === 'spread') {
        visit(item.layout);
        continue;
      }
      const [occurrence] = item.occurrences;
      if (occurrence === undefined) continue;
      const supplied = item.candidates.map(
        (candidate) => findSuppliedInputs(rules, candidate, occurrence.node, variables).rule,
      );
      found.add(selectionAccess(item.candidates, supplied, schemaAccess));
      if (item.below !== undefined) visit(item.below);
    }
  };
  visit(plan.root);
  return toAccessTerms(withoutRepeatedGroups(everyAccess(...found)));
}

/** Drops groups with the same alternatives in another order: those of an interface, and of its fields. */
function withoutRepeatedGroups({ all, groups }: Access): Access {
  const ids = new Map<Requirement, number>();
  const idOf = (requirement: Requirement): number => {
    const id = ids.get(requirement) ?? ids.size;
    ids.set(requirement, id);
    return id;
  };
  const keyOf = (access: Access): string =>
    `${access.all.map(idOf).sort().join()}(${access.groups.map(keyOfGroup).sort().join('&')})`;
  const keyOfGroup = (group: readonly Access[]): string => group.map(keyOf).sort().join('|');
  const distinct = new Map(groups.map((group) => [keyOfGroup(group), group]));
  return { all, groups: [...distinct.values()] };
}

/**
 * What it takes to get a value of a selection: the rule of the field on any of its possible parent types, with
 * what is supplied, and the rules of what it returns.
 *
 * @param rules For each candidate, its rule and those of what is supplied.
 */
export function selectionAccess(
  candidates: readonly FieldRule[],
  rules: readonly Rule[],
  schemaAccess: SchemaAccess,
): Access {
  return anyAccess(
    candidates.map((candidate, index) =>
      everyAccess(ruleAccess(rules[index] ?? candidate.rule), schemaAccess.returned(candidate)),
    ),
  );
}
