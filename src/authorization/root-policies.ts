import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLResolveInfo,
  getArgumentValues,
  getVariableValues,
  Kind,
} from 'graphql';
import {
  type FoundRefusal,
  type OperationRequest,
  planFor,
  runningNodes,
} from './find-refusals.ts';
import { guardOf } from './guard.ts';
import type { PlannedField } from './operation-plan.ts';
import type { ReportPolicyError } from './policies.ts';
import { allOf, open } from './requirement.ts';
import { policyNames } from './schema-rules.ts';
import { suppliedRules } from './supplied-inputs.ts';

/** An operation that is about to run. */
export interface PolicyRequest extends OperationRequest {
  readonly context: object;
  readonly rootValue?: unknown;
  readonly reportPolicyError?: ReportPolicyError;
}

/** What the policies of an operation's root fields say. */
export interface PolicyVerdict {
  readonly refusals: readonly FoundRefusal[];
  /** The root fields whose policies agreed: they need not be asked again. */
  readonly agreed: ReadonlySet<FieldNode>;
}

const nothingAsked: PolicyVerdict = { refusals: [], agreed: new Set() };

/**
 * Asks the policies of every root field that would run, so that of a mutation either all or
 * nothing runs. Everything else that the rules ask must have been examined before.
 */
export async function askRootPolicies(request: PolicyRequest): Promise<PolicyVerdict> {
  const { schema, document, viewer, context, rootValue } = request;
  const guard = guardOf(schema);
  const plan = planFor(guard, request);
  if (plan === undefined || viewer.kind !== 'authenticated') return nothingAsked;
  const { operation, rootType } = plan;
  const values = request.variables ?? {};
  const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], values);
  // Variables that do not fit fail the whole operation: execution says how.
  if (coerced.coerced === undefined) return nothingAsked;

  const refusals: FoundRefusal[] = [];
  const agreed = new Set<FieldNode>();
  for (const root of plan.roots) {
    const nodes = runningNodes(root, { operation, values });
    const [node] = nodes;
    const definition = node && rootType.getFields()[node.name.value];
    if (!node || !definition) continue;
    const names = namesFor(root, node);
    if (names.length === 0) continue;
    let args: Readonly<Record<string, unknown>>;
    try {
      args = getArgumentValues(definition, node, coerced.coerced);
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
      variableValues: coerced.coerced,
    };
    const question = { viewer, source: rootValue, args, context, info };
    if (await guard.askPolicies(names, question, request.reportPolicyError)) agreed.add(node);
    else {
      const { coordinate, responseKey } = root;
      refusals.push({
        path: [responseKey],
        coordinate,
        missing: { kind: 'policy' },
        rule: open,
        nodes,
      });
    }
  }
  return { refusals, agreed };

  function namesFor(root: PlannedField, node: FieldNode): readonly string[] {
    return root.candidates.flatMap((field) => {
      const supplied = suppliedRules(guard.rules, field, node, { operation, values });
      return [
        ...new Set([...field.policies, ...policyNames(allOf(...supplied.map((one) => one.rule)))]),
      ];
    });
  }

  function fragments(): Record<string, FragmentDefinitionNode> {
    return Object.fromEntries(
      document.definitions.flatMap((definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
      ),
    );
  }
}
