import {
  type DocumentNode,
  type FieldNode,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getNullableType,
  isListType,
  type OperationDefinitionNode,
  type ResponsePath,
} from 'graphql';
import { anonymous, type Viewer } from '../../authentication/viewer.ts';
import { safeReport } from '../../shared/safe-report.ts';
import type { ClientVariables } from '../operation/client-variables.ts';
import { areCoercedFrom } from '../operation/coerced-from.ts';
import type { UnmetRule } from '../operation/examine-field.ts';
import { coerceVariables, type VariableValues } from '../operation/variable-values.ts';
import type { ReportPolicyError } from '../rules/policies.ts';
import type { PolicyExecution } from '../rules/policy-decider.ts';
import { hiddenRefusal, RefusalError } from '../rules/refusal.ts';
import type { UnmetRequirement } from '../rules/unmet.ts';
import { rejectHandled } from './handled-promise.ts';

/** The number of refusals of one execution that get their own error. */
export const maxReportedRefusals = 100;

/**
 * What is unmet of one execution, if different: a policy can require something else for each object. Beyond
 * that, one of each kind. Shorter than this, their scopes would not fit into a challenge.
 */
const maxUnmet = 1_000;

const executionKey = Symbol('execution');

/** Options for `Execution`. */
export interface ExecutionOptions {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly variables: ClientVariables;
  readonly reportPolicyError?: ReportPolicyError | undefined;
  /** Whether to keep the unmet rules for reports. Default false. */
  readonly keepsUnmetRules?: boolean;
}

/**
 * The state of one execution: what its guards cannot get from their resolvers, and the refusals that
 * arise. It is attached to the executed operation. The user's context may be frozen, and nested
 * executions share it.
 */
export class Execution implements PolicyExecution {
  readonly reportPolicyError: ReportPolicyError | undefined;
  readonly #schema: GraphQLSchema;
  readonly #operation: OperationDefinitionNode;
  readonly #variables: ClientVariables;
  #variableValues: VariableValues | undefined;
  #recognized: object | undefined;
  readonly #keepsUnmetRules: boolean;
  #approved: FieldNode | undefined;
  #decisions: object = {};
  /** By the response keys of the root fields of a mutation: a field can change what policies decide. */
  readonly #rootDecisions = new Map<string | number, object>();
  /** Since they were last taken. Undefined if there are none. */
  #refusals: Refusals | undefined;

  constructor(options: ExecutionOptions) {
    const { schema, operation, variables, reportPolicyError, keepsUnmetRules = false } = options;
    this.#schema = schema;
    this.#operation = operation;
    this.#variables = variables;
    // Batched policies are reported from the background.
    this.reportPolicyError = reportPolicyError && safeReport(reportPolicyError);
    this.#keepsUnmetRules = keepsUnmetRules;
  }

  /** Returns the document with this state attached to its operation, for the executor. */
  attachTo(document: DocumentNode): DocumentNode {
    // The key goes first: V8 takes twenty times as long to add one to a copied node.
    const operation = { [executionKey]: this, ...this.#operation };
    // The operation of another execution has its state.
    operation[executionKey] = this;
    return {
      ...document,
      definitions: document.definitions.map((one) => (one === this.#operation ? operation : one)),
    };
  }

  /**
   * The variables as the client sent them, if these coerced values are the result of coercing them. An
   * execution that a resolver starts with this operation has its own variables.
   */
  variablesFor(coerced: Readonly<Record<string, unknown>>): ClientVariables | undefined {
    if (coerced === this.#recognized) return this.#variables;
    if (!areCoercedFrom(this.#variables, coerced, this.#schema)) return undefined;
    this.#recognized = coerced;
    return this.#variables;
  }

  /** The variables as resolvers get them. Undefined if they are not valid for the operation. */
  get variableValues(): VariableValues | undefined {
    this.#variableValues ??= coerceVariables(
      this.#schema,
      this.#operation.variableDefinitions ?? [],
      this.#variables.values,
    );
    return this.#variableValues;
  }

  /** Records that the policies of a root field allowed it before execution. */
  approve(node: FieldNode): void {
    this.#approved = node;
  }

  /** Whether a field was approved before execution. True once: fields that ran since can change the result. */
  takeApproval(node: FieldNode): boolean {
    if (this.#approved !== node) return false;
    this.#approved = undefined;
    return true;
  }

  /** Forgets what policies decided about the event before. */
  beginEvent(): void {
    this.#decisions = {};
  }

  decisionsOf({ path }: GraphQLResolveInfo): object {
    if (this.#operation.operation !== 'mutation') return this.#decisions;
    const { key } = findRoot(path);
    const decisions = this.#rootDecisions.get(key) ?? {};
    this.#rootDecisions.set(key, decisions);
    return decisions;
  }

  /** Records a refusal, and returns what to throw or reject with. */
  refuse(unmetRule: UnmetRule, info: GraphQLResolveInfo, at: RefusedPart): RaisedError {
    const { unmet } = unmetRule;
    const refusals = this.#collect();
    refusals.count += 1;
    if (this.#keepsUnmetRules && refusals.unmetRules.length < maxReportedRefusals) {
      refusals.unmetRules.push({ ...unmetRule, path: toKeys(info.path) });
    }
    // The objects of a list are refused one after the other, with the same result.
    if (unmet !== refusals.last) {
      const isFull = refusals.unmet.size >= maxUnmet;
      const key = isFull ? unmet.kind : JSON.stringify(unmet);
      refusals.unmet.set(unmet === hiddenRefusal ? 'hidden' : key, unmet);
    }
    refusals.last = unmet;
    // Whether the resolver of a hidden field has run would tell what exists.
    if (at === 'field' && info.path.prev === undefined && unmet !== hiddenRefusal) {
      refusals.roots.add(String(info.path.key));
    }
    if (refusals.count <= maxReportedRefusals) return raiseRefusal(unmet, info, at);
    if (refusals.overflow === undefined) {
      const { error } = raiseRefusal(unmet, info, 'field');
      refusals.overflow = { error, shared: rejectHandled(error) };
    }
    return refusals.overflow;
  }

  /** Records a refusal that is not an error, for reports alone. */
  record(unmetRule: UnmetRule, info: GraphQLResolveInfo, refusedAs: 'null' | 'omitted'): void {
    if (!this.#keepsUnmetRules) return;
    const { unmetRules } = this.#collect();
    if (unmetRules.length >= maxReportedRefusals) return;
    unmetRules.push({ ...unmetRule, path: toKeys(info.path), refusedAs });
  }

  #collect(): Refusals {
    this.#refusals ??= { unmet: new Map(), roots: new Set(), count: 0, unmetRules: [] };
    return this.#refusals;
  }

  /** The refusals since this was last called. */
  takeRefusals(): CollectedRefusals {
    // This was the result of an event.
    if (this.#operation.operation === 'subscription') this.beginEvent();
    const refusals = this.#refusals;
    if (refusals === undefined) return noRefusals;
    this.#refusals = undefined;
    return {
      unmet: [...refusals.unmet.values()],
      roots: refusals.roots,
      beyond: Math.max(0, refusals.count - maxReportedRefusals),
      shared: refusals.overflow?.error,
      unmetRules: refusals.unmetRules,
    };
  }
}

/** Refusals as they are collected. */
interface Refusals {
  readonly unmet: Map<string, UnmetRequirement>;
  readonly roots: Set<string>;
  readonly unmetRules: RefusedPath[];
  count: number;
  last?: UnmetRequirement;
  overflow?: RaisedError;
}

/** A whole field, or its value. If that is an item of a list, the executor adds the path. */
type RefusedPart = 'field' | 'value';

/** The error of a refusal and, beyond the first hundred of an execution, the one rejection that they share. */
export interface RaisedError {
  readonly error: RefusalError;
  readonly shared?: Promise<never>;
}

/** The refusals that the guards of an execution collected. */
export interface CollectedRefusals {
  /** What was unmet, without duplicates. */
  readonly unmet: readonly UnmetRequirement[];
  /** Response keys of the root fields that were refused before their resolvers ran. */
  readonly roots: ReadonlySet<string>;
  /** The number of refusals beyond the first hundred. */
  readonly beyond: number;
  /** The error that represents all of those. */
  readonly shared: RefusalError | undefined;
  /** The first hundred, if the execution keeps them. */
  readonly unmetRules: readonly RefusedPath[];
}

const noRefusals: CollectedRefusals = {
  unmet: [],
  roots: new Set(),
  beyond: 0,
  shared: undefined,
  unmetRules: [],
};

/** An unmet rule, and the path of the field that it is in. */
interface RefusedPath extends UnmetRule {
  readonly path: readonly (string | number)[];
  /** What took its place. Absent if it is an error. */
  readonly refusedAs?: 'null' | 'omitted';
}

/** The state of the execution that a resolver runs in. Undefined if it did not pass a gate. */
export function executionOf({ operation }: GraphQLResolveInfo): Execution | undefined {
  const execution = executionKey in operation ? operation[executionKey] : undefined;
  return execution instanceof Execution ? execution : undefined;
}

/** Creates the error of a refusal. */
export function raiseRefusal(
  unmet: UnmetRequirement,
  { fieldNodes, path, returnType }: GraphQLResolveInfo,
  at: RefusedPart,
): RaisedError {
  const isItem = at === 'value' && isListType(getNullableType(returnType));
  return {
    error: new RefusalError(unmet, { fieldNodes, path: isItem ? undefined : toKeys(path) }),
  };
}

function findRoot(path: ResponsePath): ResponsePath {
  let root = path;
  while (root.prev) root = root.prev;
  return root;
}

/** The keys of a path, from the root. */
export function toKeys(path: ResponsePath): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let at: ResponsePath | undefined = path; at; at = at.prev) keys.push(at.key);
  return keys.reverse();
}

/** Gets the viewer from a context. Anonymous if it has none. */
export function viewerOf(context: unknown): Viewer {
  if (typeof context !== 'object' || context === null || !('viewer' in context)) return anonymous;
  const { viewer } = context;
  return isViewer(viewer) ? viewer : anonymous;
}

function isViewer(value: unknown): value is Viewer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    value.kind === 'authenticated' &&
    'scopes' in value &&
    value.scopes instanceof Set &&
    'claims' in value &&
    typeof value.claims === 'object' &&
    value.claims !== null
  );
}
