import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLResolveInfo,
  getArgumentValues,
  Kind,
} from 'graphql';
import { allOf } from '../directives/requirement.ts';
import { createClientVariables } from '../operation/client-variables.ts';
import {
  type DeniedSelection,
  findRunningRoots,
  type OperationRequest,
  planFor,
} from '../operation/find-refusals.ts';
import { guardOf } from '../operation/guard.ts';
import { findSuppliedInputs } from '../operation/supplied-inputs.ts';
import type { Execution } from './execution.ts';

/** An operation that is about to run. */
export interface RootPolicyRequest extends OperationRequest {
  readonly context: unknown;
  readonly rootValue?: unknown;
  readonly execution: Execution;
}

/**
 * Asks the policies of every root field that would run, so that of a mutation either all of them
 * run or none. Only the approval of the first field is kept: by the time of the others, what ran
 * before them may have changed the answer. Every other requirement must have been examined before.
 *
 * @returns One refusal for each root field that a policy refuses.
 */
export async function approveRoots(
  request: RootPolicyRequest,
): Promise<readonly DeniedSelection[]> {
  const { schema, document, viewer, context, rootValue, execution } = request;
  const guard = guardOf(schema);
  const plan = planFor(guard, request);
  if (plan === undefined || viewer.kind !== 'authenticated') return [];
  const { operation, rootType } = plan;
  const { coerced } = execution;
  // Variables that do not fit fail the whole operation: execution says how.
  if (coerced === undefined) return [];

  const variables =
    execution.variablesFor(coerced) ?? createClientVariables(operation, request.variables ?? {});
  const refusals: DeniedSelection[] = [];
  let first: FieldNode | undefined;
  let approved: FieldNode | undefined;
  for (const { field: root, nodes } of findRunningRoots(plan, variables)) {
    const [node] = nodes;
    const definition = node && rootType.getFields()[node.name.value];
    if (!node || !definition) continue;
    first ??= node;
    const applied = root.candidates.map((field) =>
      findSuppliedInputs(guard.rules, field, node, variables),
    );
    const names = applied.flatMap(({ policies }) => policies);
    if (names.length === 0) continue;
    let args: Readonly<Record<string, unknown>>;
    try {
      args = getArgumentValues(definition, node, coerced);
    } catch {
      // Arguments that do not fit fail their field: execution says how.
      continue;
    }
    const info: GraphQLResolveInfo = {
      fieldName: definition.name,
      fieldNodes: nodes,
      returnType: definition.type,
      parentType: rootType,
      path: { prev: undefined, key: root.responseKey, typename: rootType.name },
      schema,
      fragments: fragments(),
      rootValue,
      operation,
      variableValues: coerced,
    };
    const question = { viewer, source: rootValue, args, context, info };
    if (await guard.evaluatePolicies(names, question, execution.reportPolicyError)) {
      if (node === first) approved = node;
    } else {
      const { coordinate, responseKey } = root;
      refusals.push({
        path: [responseKey],
        coordinate,
        missing: { kind: 'policy' },
        rule: allOf(...applied.map(({ rule }) => rule)),
        nodes,
      });
    }
  }
  if (approved) execution.approve(approved);
  return refusals;

  function fragments(): Record<string, FragmentDefinitionNode> {
    return Object.fromEntries(
      document.definitions.flatMap((definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
      ),
    );
  }
}
