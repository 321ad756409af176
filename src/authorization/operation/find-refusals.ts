/**
 * Examines operations before they run. This folder is given a guarded schema, a document, variables and
 * a viewer, and returns refusals. It must not know how operations are executed, or HTTP.
 */
import type { DocumentNode, FieldNode, GraphQLSchema } from 'graphql';
import type { Viewer } from '../../authentication/viewer.ts';
import type { ErrorBehavior } from '../../shared/error-behavior.ts';
import type { Rule } from '../directives/requirement.ts';
import { type Refusal, refusalCode, refusalExtensions } from '../rules/refusal.ts';
import type { UnmetRequirement } from '../rules/unmet.ts';
import { type ClientVariables, createClientVariables } from './client-variables.ts';
import { FieldExaminer } from './examine-field.ts';
import { type Guard, guardOf } from './guard.ts';
import type { Layout, OperationPlan, PlannedField } from './operation-plan.ts';

/** An operation and its viewer. */
export interface OperationRequest {
  /** The result of `guardSchema`. */
  readonly schema: GraphQLSchema;
  /** A document that is valid for the schema. Not checked. */
  readonly document: DocumentNode;
  /** Required if the document has several operations. */
  readonly operationName?: string | null | undefined;
  /** As the client sent them, before coercion. Default: none. */
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
  readonly viewer: Viewer;
}

/** An operation to examine before it runs. */
export interface ExaminationRequest extends OperationRequest {
  /** What the errors of its refusals do during execution. Default `PROPAGATE`. */
  readonly onError?: ErrorBehavior;
}

/** A selection that the viewer is not allowed, what is unmet, and its nodes in the document. */
export interface RefusedSelection {
  readonly path: SelectionPath;
  readonly coordinate: string;
  readonly unmet: UnmetRequirement;
  /** Everything that applied to the selection, met or not. */
  readonly rule: Rule;
  readonly nodes: readonly FieldNode[];
}

/**
 * Response keys from a selection up to the root. One link for each selection: clients choose how many are
 * refused, and how deep.
 */
export interface SelectionPath {
  readonly key: string;
  readonly above: SelectionPath | undefined;
}

/** The keys of a path, from the root. */
export function keysOf(path: SelectionPath): string[] {
  const keys: string[] = [];
  for (let at: SelectionPath | undefined = path; at !== undefined; at = at.above) keys.push(at.key);
  return keys.reverse();
}

/** What is known about an operation before it runs. */
export interface OperationFindings {
  readonly operation: 'query' | 'mutation' | 'subscription';
  readonly refusals: readonly RefusedSelection[];
  /** Whether every root field that would run is refused, or one whose null would propagate. */
  readonly isFullyRefused: boolean;
  /** The variables with what was derived from them. Undefined if there is no operation to run. */
  readonly variables?: ClientVariables;
}

/**
 * Finds the selections of an operation that the viewer is not allowed, before anything runs. Returns one
 * refusal for each of them, outermost first, and none for what is below a refused selection. An empty
 * array means that everything is allowed, or that the document has no such operation: execution reports
 * that. Beyond the first 1,000 refusals, `path` is made when it is read.
 *
 * Only selections that would run count, by `@skip`, `@include` and the variables. Not checked: policies,
 * the runtime types of objects, and returned enum values. The resolvers of the guarded schema check those.
 *
 * @throws {TypeError} If the schema is not the result of `guardSchema`, or was changed since.
 * @throws {GraphQLError} If the operation must not run because it has a variable named `__proto__`.
 * @throws {GraphQLError} With the code `OPERATION_LIMIT_EXCEEDED`, if more than 200 selection sets are within
 *   each other, those of fragments included: executors would run out of stack too.
 *
 * @example
 * ```ts
 * import { anonymous, findRefusals } from 'graphql-resource-server';
 * import { parse } from 'graphql';
 *
 * const refusals = findRefusals({
 *   schema,
 *   document: parse('{ messages }'),
 *   viewer: anonymous,
 * });
 * // [{ path: ['messages'], coordinate: 'Query.messages', code: 'UNAUTHENTICATED', scope: 'read:messages' }]
 * ```
 */
export function findRefusals(request: OperationRequest): Refusal[] {
  return examineOperation(request).refusals.map(({ path, coordinate, unmet }, index) => {
    const why = { coordinate, ...refusalExtensions(unmet), code: refusalCode(unmet) };
    if (index < maxWrittenPaths) return { path: keysOf(path), ...why };
    return {
      get path() {
        return keysOf(path);
      },
      ...why,
    };
  });
}

/**
 * The number of paths that `findRefusals` writes out. Further ones are made when they are read: clients
 * choose how many there are, and how long, in a short document.
 */
const maxWrittenPaths = 1_000;

const noFindings: OperationFindings = { operation: 'query', refusals: [], isFullyRefused: false };

/** Like `findRefusals`, with everything that the gate needs to respond. */
export function examineOperation(request: ExaminationRequest): OperationFindings {
  const guard = guardOf(request.schema);
  const plan = getPlan(guard, request);
  if (plan === undefined) return noFindings;
  return examinePlan(plan, guard, request);
}

/** Like `examineOperation`, with the plan of the operation. */
export function examinePlan(
  plan: OperationPlan,
  guard: Guard,
  {
    viewer,
    variables: values,
    onError = 'PROPAGATE',
  }: Omit<ExaminationRequest, 'schema' | 'document'>,
): OperationFindings {
  const variables = createClientVariables(plan.operation, values ?? {});
  const { operation } = plan.operation;
  if (plan.sufficientRules?.every((rule) => !guard.check(rule, viewer))) {
    return { operation, refusals: [], variables, isFullyRefused: false };
  }
  const examiner = new FieldExaminer(guard, viewer, variables);
  const walk: Walk = { examiner, variables, refusals: [], visited: new Set() };
  const roots = findRunningRoots(plan, variables);
  let refused = 0;
  let isFullyRefused = false;
  for (const { field, nodes, below } of roots) {
    const path = { key: field.responseKey, above: undefined };
    if (isRefused(field, nodes, path, walk)) {
      refused += 1;
      isFullyRefused ||= field.isNonNull && onError === 'PROPAGATE';
    } else {
      for (const layout of below) examineLayout(layout, path, walk);
    }
  }
  return {
    operation,
    refusals: walk.refusals,
    variables,
    isFullyRefused: isFullyRefused || (roots.length > 0 && refused === roots.length),
  };
}

/** Gets the plan of the operation that would be executed. */
export function getPlan(guard: Guard, request: OperationRequest): OperationPlan | undefined {
  return guard.plans.get(request.schema, request.document, request.operationName ?? undefined);
}

/** A root field that runs, under one response key. */
export interface RunningRoot {
  readonly field: PlannedField;
  /** Its selections that would run, in the order of execution. */
  readonly nodes: readonly FieldNode[];
  /** The selections below it. */
  readonly below: readonly Layout[];
}

/** Finds the root fields that run, merged as execution merges them. */
export function findRunningRoots(plan: OperationPlan, variables: ClientVariables): RunningRoot[] {
  const roots = new Map<string, { field: PlannedField; nodes: FieldNode[]; below: Layout[] }>();
  const visited = new Set<Layout>();
  const collect = ({ items }: Layout): void => {
    for (const item of items) {
      if (item.kind === 'spread') {
        if (visited.has(item.layout) || !variables.holds(item.when)) continue;
        visited.add(item.layout);
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

/** Finds the selections of a field that would run, by `@skip` and `@include`. */
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
  readonly refusals: RefusedSelection[];
  /** The shared layouts that have been examined, by the first path that leads there. */
  readonly visited: Set<Layout>;
}

function examineLayout(layout: Layout, path: SelectionPath, walk: Walk): void {
  if (layout.isShared) {
    if (walk.visited.has(layout)) return;
    walk.visited.add(layout);
  }
  for (const item of layout.items) {
    if (item.kind === 'spread') {
      if (walk.variables.holds(item.when)) examineLayout(item.layout, path, walk);
    } else if (item.candidates.length > 0 || item.below !== undefined) {
      const nodes = findRunningNodes(item, walk.variables);
      if (nodes.length === 0) continue;
      const here = { key: item.responseKey, above: path };
      if (isRefused(item, nodes, here, walk) || item.below === undefined) continue;
      examineLayout(item.below, here, walk);
    }
  }
}

function isRefused(
  field: PlannedField,
  nodes: readonly FieldNode[],
  path: SelectionPath,
  { examiner, refusals }: Walk,
): boolean {
  const [node] = nodes;
  const unmetRule = node && examiner.examine(field, node);
  if (unmetRule === undefined) return false;
  const { coordinate, unmet, rule } = unmetRule;
  refusals.push({ path, coordinate, unmet, rule, nodes });
  return true;
}
