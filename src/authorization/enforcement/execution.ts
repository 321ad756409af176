import type {
  DocumentNode,
  FieldNode,
  GraphQLResolveInfo,
  GraphQLSchema,
  OperationDefinitionNode,
  ResponsePath,
} from 'graphql';
import { anonymous, type Viewer } from '../../authentication/viewer.ts';
import { safeReport } from '../../shared/safe-report.ts';
import type { ClientVariables } from '../operation/client-variables.ts';
import { areCoercedFrom } from '../operation/coerced-from.ts';
import { coerceVariables, type VariableValues } from '../operation/variable-values.ts';
import type { ReportPolicyError } from '../rules/policies.ts';
import type { PolicyExecution } from '../rules/policy-decider.ts';
import { type CollectedRefusals, RefusalCollector } from './refusal-collector.ts';

const executionKey = Symbol('execution');

/** Options for `Execution`. */
export interface ExecutionOptions {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly variables: ClientVariables;
  readonly reportPolicyError?: ReportPolicyError | undefined;
  /** The context of the operation, for reports. */
  readonly context?: unknown;
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
  readonly refusals: RefusalCollector;
  readonly #schema: GraphQLSchema;
  readonly #operation: OperationDefinitionNode;
  readonly #variables: ClientVariables;
  #variableValues: VariableValues | undefined;
  /** Whether coerced values are those of this execution. Created when it is needed. */
  #recognized: WeakMap<object, boolean> | undefined;
  #approved: FieldNode | undefined;
  #decisions: object = {};
  /** By the response keys of the root fields of a mutation: a field can change what policies decide. */
  readonly #rootDecisions = new Map<string | number, object>();

  constructor(options: ExecutionOptions) {
    const { schema, operation, variables, keepsUnmetRules = false } = options;
    const { reportPolicyError: report, context } = options;
    this.#schema = schema;
    this.#operation = operation;
    this.#variables = variables;
    // Batched policies are reported from the background.
    this.reportPolicyError =
      report && safeReport((error, policy) => report(error, policy, context));
    this.refusals = new RefusalCollector(keepsUnmetRules);
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
    this.#recognized ??= new WeakMap();
    const isRecognized =
      this.#recognized.get(coerced) ?? areCoercedFrom(this.#variables, coerced, this.#schema);
    this.#recognized.set(coerced, isRecognized);
    return isRecognized ? this.#variables : undefined;
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

  /** The refusals since this was last called. */
  takeRefusals(): CollectedRefusals {
    // This was the result of an event.
    if (this.#operation.operation === 'subscription') this.beginEvent();
    return this.refusals.take();
  }
}

/** The state of the execution that a resolver runs in. Undefined if it did not pass a gate. */
export function executionOf({ operation }: GraphQLResolveInfo): Execution | undefined {
  const execution = executionKey in operation ? operation[executionKey] : undefined;
  return execution instanceof Execution ? execution : undefined;
}

/** The part of a path that is a root field. */
export function findRoot(path: ResponsePath): ResponsePath {
  let root = path;
  while (root.prev) root = root.prev;
  return root;
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
