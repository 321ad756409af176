import {
  type DocumentNode,
  type FieldNode,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  getVariableValues,
  type OperationDefinitionNode,
  type ResponsePath,
} from 'graphql';
import { anonymous, type Viewer } from '../../authentication/viewer.ts';
import type { ClientVariables } from '../operation/client-variables.ts';
import { areCoercedFrom } from '../operation/coerced-from.ts';
import type { Denial } from '../operation/examine-field.ts';
import type { ReportPolicyError } from '../rules/policies.ts';
import { RefusalError } from '../rules/refusal.ts';
import type { UnmetRequirement } from '../rules/unmet.ts';
import { rejectHandled } from './handled-promise.ts';

/** How many refusals of one execution become errors of their own. */
export const maxReportedRefusals = 100;

const executionKey = Symbol('execution');

/** What an execution begins with. */
export interface ExecutionOptions {
  readonly schema: GraphQLSchema;
  readonly operation: OperationDefinitionNode;
  readonly variables: ClientVariables;
  readonly reportPolicyError?: ReportPolicyError | undefined;
  /** Whether to keep the denials for reports. Default false. */
  readonly keepsDenials?: boolean;
}

/**
 * The state of one execution: what its guards cannot see from their resolvers, and what they
 * found. It travels with the operation that is executed, never with the user's context, which may
 * be frozen, and which nested executions share.
 */
export class Execution {
  readonly reportPolicyError: ReportPolicyError | undefined;
  readonly #schema: GraphQLSchema;
  readonly #operation: OperationDefinitionNode;
  readonly #variables: ClientVariables;
  #coerced: Readonly<Record<string, unknown>> | undefined;
  #recognized: object | undefined;
  #approved: FieldNode | undefined;
  #unmet = new Map<string, UnmetRequirement>();
  #refusedRoots = new Set<string>();
  #beyond: RaisedError | undefined;
  #last: UnmetRequirement | undefined;
  #count = 0;
  #denials: DeniedPath[] | undefined;

  constructor(options: ExecutionOptions) {
    const { schema, operation, variables, reportPolicyError, keepsDenials = false } = options;
    this.#schema = schema;
    this.#operation = operation;
    this.#variables = variables;
    this.reportPolicyError = reportPolicyError;
    if (keepsDenials) this.#denials = [];
  }

  /** The same document with this state on its operation, for the executor. */
  attachTo(document: DocumentNode): DocumentNode {
    const operation = { ...this.#operation, [executionKey]: this };
    return {
      ...document,
      definitions: document.definitions.map((one) => (one === this.#operation ? operation : one)),
    };
  }

  /**
   * The variables as the client sent them, provided that these coerced values are what became of
   * them: an execution that a resolver starts with this operation has variables of its own.
   */
  variablesFor(coerced: Readonly<Record<string, unknown>>): ClientVariables | undefined {
    if (coerced === this.#recognized) return this.#variables;
    if (!areCoercedFrom(this.#variables, coerced, this.#schema)) return undefined;
    this.#recognized = coerced;
    return this.#variables;
  }

  /** The variables as resolvers get them; undefined where they do not fit the operation. */
  get coerced(): Readonly<Record<string, unknown>> | undefined {
    this.#coerced ??= getVariableValues(
      this.#schema,
      this.#operation.variableDefinitions ?? [],
      this.#variables.values,
    ).coerced;
    return this.#coerced;
  }

  /** Notes that the policies of a root field have approved it in advance. */
  approve(node: FieldNode): void {
    this.#approved = node;
  }

  /** Whether a field was approved in advance. Counts once: what ran since may change the answer. */
  takeApproval(node: FieldNode): boolean {
    if (this.#approved !== node) return false;
    this.#approved = undefined;
    return true;
  }

  /** Notes a refusal. */
  refuse(denial: Denial, info: GraphQLResolveInfo, at: RefusedPart): RaisedError {
    const { missing } = denial;
    this.#count += 1;
    if (this.#count <= maxReportedRefusals) {
      this.#denials?.push({ ...denial, path: keysOf(info.path) });
    }
    // The objects of a list are refused one after the other, for the same reason.
    if (missing !== this.#last) this.#unmet.set(JSON.stringify(missing), missing);
    this.#last = missing;
    if (at === 'field' && info.path.prev === undefined) {
      this.#refusedRoots.add(String(info.path.key));
    }
    if (this.#count <= maxReportedRefusals) return raiseRefusal(missing, info, at);
    if (this.#beyond === undefined) {
      const { error } = raiseRefusal(missing, info, 'field');
      this.#beyond = { error, shared: rejectHandled(error) };
    }
    return this.#beyond;
  }

  /** What has been refused since this was last called. */
  takeRefusals(): CollectedRefusals {
    const refusals = {
      unmet: [...this.#unmet.values()],
      roots: this.#refusedRoots,
      beyond: Math.max(0, this.#count - maxReportedRefusals),
      shared: this.#beyond?.error,
      denials: this.#denials ?? [],
    };
    this.#count = 0;
    this.#last = undefined;
    this.#unmet = new Map();
    this.#refusedRoots = new Set();
    this.#beyond = undefined;
    if (this.#denials !== undefined) this.#denials = [];
    return refusals;
  }
}

/** A field as a whole, or something within its value: the executor knows the path of that. */
type RefusedPart = 'field' | 'value';

/** A refusal, and, beyond the first hundred of an execution, the one rejection of all of them. */
export interface RaisedError {
  readonly error: RefusalError;
  readonly shared?: Promise<never>;
}

/** What the guards of an execution refused. */
export interface CollectedRefusals {
  /** What the viewer would need, each once. */
  readonly unmet: readonly UnmetRequirement[];
  /** The response keys of root fields that were refused before their resolvers ran. */
  readonly roots: ReadonlySet<string>;
  /** How many there were beyond the first hundred. */
  readonly beyond: number;
  /** The error that stands for all of those. */
  readonly shared: RefusalError | undefined;
  /** The first hundred, if the execution keeps them. */
  readonly denials: readonly DeniedPath[];
}

/** A denial, and the path of the field that it is in. */
export interface DeniedPath extends Denial {
  readonly path: readonly (string | number)[];
}

/** The state of the execution that a resolver runs in; undefined where no gate began it. */
export function executionOf({ operation }: GraphQLResolveInfo): Execution | undefined {
  const execution = executionKey in operation ? operation[executionKey] : undefined;
  return execution instanceof Execution ? execution : undefined;
}

/** A refusal as it is outside of an execution that a gate began, or among the first of one. */
export function raiseRefusal(
  missing: UnmetRequirement,
  { fieldNodes, path }: GraphQLResolveInfo,
  at: RefusedPart,
): RaisedError {
  const place = at === 'field' ? { path: keysOf(path) } : {};
  return { error: new RefusalError(missing, { fieldNodes, ...place }) };
}

function keysOf(path: ResponsePath): (string | number)[] {
  const keys: (string | number)[] = [];
  for (let at: ResponsePath | undefined = path; at; at = at.prev) keys.push(at.key);
  return keys.reverse();
}

/** The viewer on a context. A context without one is anonymous. */
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
