import type { DocumentNode, FieldNode, GraphQLSchema } from 'graphql';
import type { Viewer } from '../authentication/viewer.ts';
import { type ClientVariables, createClientVariables } from './client-variables.ts';
import { examineFieldRule, type FieldRefusal } from './examine-field.ts';
import { type Guard, guardOf } from './guard.ts';
import { easiest, type Missing } from './missing.ts';
import { type OperationPlan, type PlannedField, planOperation } from './operation-plan.ts';
import { type Refusal, refusalExtensions } from './refusal.ts';
import { allOf, type Rule } from './requirement.ts';
import { smallestScope } from './smallest-scope.ts';

/** An operation, and who asks for it. */
export interface OperationRequest {
  /** The result of `guardSchema`. */
  readonly schema: GraphQLSchema;
  /** A valid document. */
  readonly document: DocumentNode;
  /** Needed where the document holds several operations. */
  readonly operationName?: string | null | undefined;
  /** As the client sent them, before coercion. */
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly viewer: Viewer;
}

/** A refusal, what is missing, and where the selection stands in the document. */
export interface FoundRefusal {
  readonly path: readonly string[];
  readonly coordinate: string;
  readonly missing: Missing;
  /** Everything that applied to the selection, met or not. */
  readonly rule: Rule;
  readonly nodes: readonly FieldNode[];
}

/** What is known of an operation before it runs. */
export interface Findings {
  readonly operation: 'query' | 'mutation' | 'subscription';
  readonly refusals: readonly FoundRefusal[];
  /** Whether every root field that would run is refused, or one that is non-null. */
  readonly leavesNothing: boolean;
  /** What the client sent, and what was worked out from it; undefined where nothing would run. */
  readonly variables?: ClientVariables;
}

/**
 * What of an operation the viewer may not have, before anything runs: one refusal for each
 * selection, from the outside in, and none below a refused one. No policy is asked, and an
 * operation that cannot be determined has none: its execution says why.
 *
 * @throws {TypeError} When the schema is not the result of `guardSchema`.
 */
export function findRefusals(request: OperationRequest): Refusal[] {
  return examineOperation(request).refusals.map(({ path, coordinate, missing }) => ({
    path,
    coordinate,
    ...refusalExtensions(missing),
  }));
}

const nothingFound: Findings = { operation: 'query', refusals: [], leavesNothing: false };

/** The same with what an answer needs beside it. */
export function examineOperation(request: OperationRequest): Findings {
  const guard = guardOf(request.schema);
  const plan = planFor(guard, request);
  if (plan === undefined) return nothingFound;
  const examination: Examination = {
    guard,
    viewer: request.viewer,
    variables: createClientVariables(plan.operation, request.variables ?? {}),
    refusals: [],
  };
  let running = 0;
  let refused = 0;
  let leavesNothing = false;
  for (const root of plan.roots) {
    const verdict = examineField(root, [], examination);
    if (verdict !== 'skipped') running += 1;
    if (verdict === 'refused') {
      refused += 1;
      leavesNothing ||= root.isNonNull;
    }
  }
  return {
    operation: plan.operation.operation,
    refusals: examination.refusals,
    variables: examination.variables,
    leavesNothing: leavesNothing || (running > 0 && refused === running),
  };
}

/**
 * The scopes with which none of these refusals would be for want of scope: the smallest set,
 * space-delimited. Undefined where no refused rule names a scope.
 */
export function scopeFor(refusals: readonly FoundRefusal[], viewer: Viewer): string | undefined {
  const rule = allOf(...refusals.map((refusal) => refusal.rule));
  return smallestScope(rule, viewer.kind === 'authenticated' ? viewer.scopes : new Set());
}

/** The plan of the operation that would be executed, made once for each document. */
export function planFor(guard: Guard, request: OperationRequest): OperationPlan | undefined {
  const name = request.operationName ?? undefined;
  const known = guard.plans.get(request.document);
  if (known?.has(name)) return known.get(name);
  const plan = planOperation(request.schema, guard.rules, request.document, name);
  // Documents have few operations, and clients choose the names: unknown ones are not kept.
  if (plan !== undefined) {
    if (known) known.set(name, plan);
    else guard.plans.set(request.document, new Map([[name, plan]]));
  }
  return plan;
}

/** What an operation is examined by. */
export interface Examination {
  readonly guard: Guard;
  readonly viewer: Viewer;
  readonly variables: ClientVariables;
  readonly refusals: FoundRefusal[];
}

function examineField(
  field: PlannedField,
  parentPath: readonly string[],
  examination: Examination,
): 'skipped' | 'allowed' | 'refused' {
  const nodes = runningNodes(field, examination.variables);
  const [first] = nodes;
  if (first === undefined) return 'skipped';
  if (field.candidates.length === 0 && field.children.length === 0) return 'allowed';

  const refusal = examineCandidates(field, first, examination);
  if (!refusal && field.children.length === 0) return 'allowed';
  const path = [...parentPath, field.responseKey];
  if (refusal) {
    const { coordinate, missing, rule } = refusal;
    examination.refusals.push({ path, coordinate, missing, rule, nodes });
    return 'refused';
  }
  for (const child of field.children) examineField(child, path, examination);
  return 'allowed';
}

/** Where the field is selected and, by `@skip` and `@include`, would run. */
export function runningNodes(
  field: PlannedField,
  variables: ClientVariables,
): readonly FieldNode[] {
  if (field.nodes !== undefined) return field.nodes;
  const nodes: FieldNode[] = [];
  for (const { node, conditions } of field.occurrences) {
    if (conditions.every((condition) => variables.holds(condition))) nodes.push(node);
  }
  return nodes;
}

/** Refused where every possible parent type refuses; the easiest way in is named. */
export function examineCandidates(
  { candidates, coordinate }: PlannedField,
  node: FieldNode,
  { guard, variables, viewer }: Omit<Examination, 'refusals'>,
): FieldRefusal | undefined {
  const [only, other] = candidates;
  if (only !== undefined && other === undefined) {
    return examineFieldRule(guard, only, node, variables, viewer);
  }
  const refusals: FieldRefusal[] = [];
  for (const candidate of candidates) {
    const refusal = examineFieldRule(guard, candidate, node, variables, viewer);
    if (refusal === undefined) return undefined;
    refusals.push(refusal);
  }
  const best = easiest(refusals);
  return best && (refusals.length > 1 ? { ...best, coordinate } : best);
}
