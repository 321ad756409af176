import {
  defaultFieldResolver,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type ResponsePath,
} from 'graphql';
import { examineFieldRule } from './examine-field.ts';
import { clientVariables, executionOf, viewerOf } from './execution.ts';
import type { Guard } from './guard.ts';
import { findMissing, type Missing } from './missing.ts';
import { RefusalError } from './refusal-error.ts';
import { allOf } from './requirement.ts';
import { type FieldRule, policyNames } from './schema-rules.ts';
import { suppliedRules } from './supplied-inputs.ts';

export type Resolver = GraphQLFieldResolver<unknown, unknown>;

/**
 * The second line of defence: a resolver that runs only for viewers who may have its field.
 *
 * @param beforehand Whether policies that agreed before anything ran were asked about the same:
 *   not so where the source is an event of a subscription.
 */
export function guardResolver(
  guard: Guard,
  field: FieldRule,
  resolve: Resolver = defaultFieldResolver,
  beforehand = true,
): Resolver {
  const { rule, policies, inputs, anyOf } = field;
  const { rules, now } = guard;

  if (policies.length === 0 && inputs.size === 0 && anyOf.length === 0) {
    return function guarded(source, args, context, info) {
      const missing = findMissing(rule, viewerOf(context), now);
      if (missing) throw refused(missing, info);
      return resolve(source, args, context, info);
    };
  }

  return function guarded(source, args, context, info) {
    const viewer = viewerOf(context);
    const variables = clientVariables(context, info);
    const [node] = info.fieldNodes;
    const refusal = node && examineFieldRule(guard, field, node, variables, viewer);
    if (refusal) throw refused(refusal.missing, info);

    const supplied = node && inputs.size > 0 ? suppliedRules(rules, field, node, variables) : [];
    const names =
      supplied.length === 0
        ? policies
        : [...new Set([...policies, ...policyNames(allOf(...supplied.map((one) => one.rule)))])];
    if (names.length === 0) return resolve(source, args, context, info);
    if (viewer.kind !== 'authenticated') throw refused({ kind: 'authentication' }, info);

    const execution = executionOf(context);
    if (node && beforehand && info.path.prev === undefined && execution?.agreed?.has(node)) {
      return resolve(source, args, context, info);
    }
    const question = { viewer, source, args, context, info };
    const agrees = guard.askPolicies(names, question, execution?.reportPolicyError);
    if (agrees === true) return resolve(source, args, context, info);
    if (agrees === false) throw refused({ kind: 'policy' }, info);
    return agrees.then((later) => {
      if (!later) throw refused({ kind: 'policy' }, info);
      return resolve(source, args, context, info);
    });
  };
}

function refused(missing: Missing, info: GraphQLResolveInfo): RefusalError {
  return new RefusalError(missing, { nodes: info.fieldNodes, path: keysOf(info.path) });
}

function keysOf(path: ResponsePath): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let at: ResponsePath | undefined = path; at; at = at.prev) keys.unshift(at.key);
  return keys;
}
