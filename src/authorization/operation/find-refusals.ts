import type { DocumentNode, FieldNode, GraphQLSchema } from 'graphql';
import type { Viewer } from '../../authentication/viewer.ts';
import { allOf, type Rule } from '../directives/requirement.ts';
import { type Refusal, refusalExtensions } from '../rules/refusal.ts';
import { findSmallestScope } from '../rules/smallest-scope.ts';
import type { UnmetRequirement } from '../rules/unmet.ts';
import { type ClientVariables, createClientVariables } from './client-variables.ts';
import { FieldExaminer } from './examine-field.ts';
import { type Guard, guardOf } from './guard.ts';
import type { Layout, OperationPlan, PlannedField } from './operation-plan.ts';

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
export interface DeniedSelection {
  readonly path: readonly string[];
  readonly coordinate: string;
  readonly missing: UnmetRequirement;
  /** Everything that applied to the selection, met or not. */
  readonly rule: Rule;
  readonly nodes: readonly FieldNode[];
}

/** What is known of an operation before it runs. */
export interface OperationFindings {
  readonly operation: 'query' | 'mutation' | 'subscription';
  readonly refusals: readonly DeniedSelection[];
  /** Whether every root field that would run is refused, or one that is non-null. */
  readonly isFullyRefused: boolean;
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

const nothingFound: OperationFindings = { operation: 'query', refusals: [], isFullyRefused: false };

/** The same with what an answer needs beside it. */
export function examineOperation(request: OperationRequest): OperationFindings {
  const guard = guardOf(request.schema);
  const plan = planFor(guard, request);
  if (plan === undefined) return nothingFound;
  return examinePlan(plan, guard, request);
}

/** The same, by the plan of the operation. */
export function examinePlan(
  plan: OperationPlan,
  guard: Guard,
  { viewer, variables: values }: Pick<OperationRequest, 'viewer' | 'variables'>,
): OperationFindings {
  const variables = createClientVariables(plan.operation, values ?? {});
  const examiner = new FieldExaminer(guard, viewer, variables);
  const walk: Walk = { examiner, variables, refusals: [], entered: new Set() };
  const roots = findRunningRoots(plan, variables);
  let refused = 0;
  let isFullyRefused = false;
  for (const { field, nodes, below } of roots) {
    const path = { key: field.responseKey, above: undefined };
    if (refuses(field, nodes, path, walk)) {
      refused += 1;
      isFullyRefused ||= field.isNonNull;
    } else {
      for (const layout of below) examineLayout(layout, path, walk);
    }
  }
  return {
    operation: plan.operation.operation,
    refusals: walk.refusals,
    variables,
    isFullyRefused: isFullyRefused || (roots.length > 0 && refused === roots.length),
  };
}

/**
 * The scopes with which none of these refusals would be for want of scope: the smallest set,
 * space-delimited. Undefined where no refused rule names a scope.
 */
export function findScopeFor(
  refusals: readonly DeniedSelection[],
  viewer: Viewer,
): string | undefined {
  const rule = allOf(...new Set(refusals.map((refusal) => refusal.rule)));
  return findSmallestScope(rule, viewer.kind === 'authenticated' ? viewer.scopes : new Set());
}

/** The plan of the operation that would be executed. */
export function planFor(guard: Guard, request: OperationRequest): OperationPlan | undefined {
  return guard.plans.planOf(request.schema, request.document, request.operationName ?? undefined);
}

/** A root field that runs, under one response key. */
export interface RunningRoot {
  readonly field: PlannedField;
  /** Where it is selected and would run, in the order of execution. */
  readonly nodes: readonly FieldNode[];
  /** What is selected below it. */
  readonly below: readonly Layout[];
}

/** The root fields that run, merged as execution merges them. */
export function findRunningRoots(plan: OperationPlan, variables: ClientVariables): RunningRoot[] {
  const roots = new Map<string, { field: PlannedField; nodes: FieldNode[]; below: Layout[] }>();
  const entered = new Set<Layout>();
  const collect = ({ items }: Layout): void => {
    for (const item of items) {
      if (item.kind === 'spread') {
        if (entered.has(item.layout) || !variables.holds(item.when)) continue;
        entered.add(item.layout);
        collect(item.layout);
        continue;
      }
      const nodes = findRunningNodes(item, variables);
      if (nodes.length === 0) continue;
      const below = item.below ? [item.below] : [];
      const known = roots.get(item.responseKey);
      if (known === undefined) {
        roots.set(item.responseKey, { field: item, nodes: [...nodes], below });
      } else {
        known.nodes.push(...nodes);
        known.below.push(...below);
      }
    }
  };
  collect(plan.root);
  return [...roots.values()];
}

/** Where the field is selected and, by `@skip` and `@include`, would run. */
export function findRunningNodes(
  field: PlannedField,
  variables: ClientVariables,
): readonly FieldNode[] {
  if (field.nodes !== undefined) return field.nodes;
  const nodes: FieldNode[] = [];
  for (const { node, when } of field.occurrences) if (variables.holds(when)) nodes.push(node);
  return nodes;
}

interface Walk {
  readonly examiner: FieldExaminer;
  readonly variables: ClientVariables;
  readonly refusals: DeniedSelection[];
  /** The shared layouts that have been examined: by the first path that leads there. */
  readonly entered: Set<Layout>;
}

/** Response keys from a selection up to the root: written out where it is refused. */
interface Path {
  readonly key: string;
  readonly above: Path | undefined;
}

function examineLayout(layout: Layout, path: Path, walk: Walk): void {
  if (layout.isShared) {
    if (walk.entered.has(layout)) return;
    walk.entered.add(layout);
  }
  for (const item of layout.items) {
    if (item.kind === 'spread') {
      if (walk.variables.holds(item.when)) examineLayout(item.layout, path, walk);
    } else if (item.candidates.length > 0 || item.below !== undefined) {
      const nodes = findRunningNodes(item, walk.variables);
      if (nodes.length === 0) continue;
      const here = { key: item.responseKey, above: path };
      if (refuses(item, nodes, here, walk) || item.below === undefined) continue;
      examineLayout(item.below, here, walk);
    }
  }
}

function refuses(
  field: PlannedField,
  nodes: readonly FieldNode[],
  path: Path,
  { examiner, refusals }: Walk,
): boolean {
  const [node] = nodes;
  const refusal = node && examiner.examine(field, node);
  if (refusal === undefined) return false;
  const { coordinate, missing, rule } = refusal;
  refusals.push({ path: keysOf(path), coordinate, missing, rule, nodes });
  return true;
}

function keysOf(path: Path): string[] {
  const keys: string[] = [];
  for (let at: Path | undefined = path; at !== undefined; at = at.above) keys.push(at.key);
  return keys.reverse();
}
