import { type FieldNode, type GraphQLResolveInfo, getArgumentValues } from 'graphql';
import { fragmentsOf } from '../../shared/fragments-of.ts';
import { allOf } from '../directives/requirement.ts';
import { createClientVariables } from '../operation/client-variables.ts';
import {
  findRunningRoots,
  getPlan,
  type OperationRequest,
  type RefusedSelection,
} from '../operation/find-refusals.ts';
import { guardOf } from '../operation/guard.ts';
import { findSuppliedInputs } from '../operation/supplied-inputs.ts';
import { valuesOf } from '../operation/variable-values.ts';
import type { PolicyExecution, PolicyOutcome } from '../rules/policy-decider.ts';
import { hiddenRefusal } from '../rules/refusal.ts';
import type { Execution } from './execution.ts';
import { findAnswers } from './filter-answers.ts';

/** A mutation or subscription that is about to run. */
export interface RootPolicyRequest extends OperationRequest {
  readonly context: unknown;
  readonly rootValue?: unknown;
  readonly execution: Execution;
}

/** A root field whose policies have been asked. */
interface AskedRoot extends Omit<RefusedSelection, 'unmet'> {
  readonly isHidden: boolean;
  readonly result: PolicyOutcome;
}

/**
 * Evaluates the policies of every root field that would run, so that either all fields of a mutation run
 * or none. Only the approval of the first field is kept: fields that run before the others can change the
 * result of their policies. Every other requirement must have been examined before.
 *
 * @returns One entry for each root field that a policy denies.
 */
export async function approveRoots(
  request: RootPolicyRequest,
): Promise<readonly RefusedSelection[]> {
  const { schema, document, viewer, context, rootValue, execution } = request;
  const guard = guardOf(schema);
  const plan = getPlan(guard, request);
  if (plan === undefined || viewer.kind !== 'authenticated') return [];
  const { operation, rootType } = plan;
  const { variableValues } = execution;
  // With invalid variables the whole operation fails: execution reports why.
  if (variableValues === undefined) return [];

  const variables =
    execution.variablesFor(valuesOf(variableValues)) ??
    createClientVariables(operation, request.variables ?? {});
  let first: FieldNode | undefined;
  const asked: AskedRoot[] = [];
  // Fields that run before others can change what policies decide: nothing is kept until then.
  const decisions = {};
  const preflight: PolicyExecution = {
    reportPolicyError: execution.reportPolicyError,
    decisionsOf: () => decisions,
  };
  for (const { field: root, nodes } of findRunningRoots(plan, variables)) {
    const [node] = nodes;
    const definition = node && rootType.getFields()[node.name.value];
    if (!node || !definition) continue;
    first ??= node;
    const applied = root.candidates.map((field) =>
      findSuppliedInputs(guard.rules, field, node, variables),
    );
    const terms = applied.flatMap(({ policies }) => policies);
    if (terms.length === 0) continue;
    const { isHidden } = guard.forms.of(terms);
    // It is decided in its turn: what does not exist would not keep the other fields from running.
    if (isHidden && operation.operation === 'mutation') continue;
    let args: Readonly<Record<string, unknown>>;
    try {
      args = getArgumentValues(definition, node, variableValues);
    } catch {
      // With invalid arguments the field fails: execution reports why.
      continue;
    }
    const info: GraphQLResolveInfo = {
      fieldName: definition.name,
      fieldNodes: nodes,
      returnType: definition.type,
      parentType: rootType,
      path: { prev: undefined, key: root.responseKey, typename: rootType.name },
      schema,
      fragments: Object.fromEntries(fragmentsOf(document)),
      rootValue,
      operation,
      variableValues,
    };
    const input = { viewer, source: rootValue, args, context, info };
    const rule = allOf(...applied.map((inputs) => inputs.rule));
    const result = guard.evaluatePolicies(terms, input, rule, preflight, {
      of: 'field',
      answers: findAnswers(guard, input, execution),
    });
    const { coordinate, responseKey } = root;
    asked.push({
      path: { key: responseKey, above: undefined },
      coordinate,
      rule,
      nodes,
      isHidden,
      result,
    });
  }
  const refusals: RefusedSelection[] = [];
  for (const { result, isHidden, ...selection } of asked) {
    const unmet = await result;
    if (unmet !== true) refusals.push({ ...selection, unmet: isHidden ? hiddenRefusal : unmet });
    else if (selection.nodes[0] === first && first) execution.approve(first);
  }
  return refusals;
}
