import { getFragmentsFromDocument, getVariableValues } from '@graphql-tools/executor';
import { getRootTypeMap, isPromise } from '@graphql-tools/utils';
import {
  type DocumentNode,
  type ExecutionResult,
  type FragmentDefinitionNode,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Viewer } from '../authentication/viewer.ts';
import type { Guard } from '../authorization/operation/guard.ts';
import { readConditions } from '../authorization/operation/operation-plan.ts';
import type { ErrorBehavior } from '../shared/error-behavior.ts';
import { type CompiledField, compileSelections, responseKey } from './compile-selections.ts';
import { executeFields, executeSerially } from './execute-fields.ts';
import type { CoercedVariables, Run } from './run.ts';

/** What one execution of a compiled operation is given. */
interface RunRequest {
  /** The operation as resolvers get it in `info`: the compiled one, or a copy with more members. */
  readonly operation: OperationDefinitionNode;
  readonly variables: Readonly<Record<string, unknown>>;
  readonly rootValue: unknown;
  readonly contextValue: unknown;
  readonly viewer: Viewer;
  readonly onError: ErrorBehavior;
}

/** A compiled query or mutation. */
export interface CompiledOperation {
  /** How many selections it can hold at most, its own document's included. */
  readonly size: number;
  /** Undefined if only the ordinary executor can execute this request. */
  run(request: RunRequest): ExecutionResult | PromiseLike<ExecutionResult> | undefined;
}

/** For how many combinations of the conditions of `@skip` and `@include` an operation is compiled. */
const maxVariants = 8;

/** How many fields a program keeps, as a multiple of the selections of its document. */
const maxFieldsPerSelection = 4;

/** The size of an operation without selections. */
const baseSize = 10;

const noConditions: ReadonlyMap<string, boolean> = new Map();

/**
 * Compiles a query or mutation to functions that are made once: which fields there are, what
 * completes their values, which guards depend on the viewer alone and so decide once per run.
 * Everything else is as in @graphql-tools/executor, the executor of Yoga. Nothing of the schema's
 * functions is fixed: those assigned later are called.
 *
 * @returns Undefined for what is left to the ordinary executor: subscriptions, `@defer` and
 *   `@stream`, and responses with a key that JavaScript gives a meaning of its own.
 */
export function compileOperation(
  schema: GraphQLSchema,
  document: DocumentNode,
  operation: OperationDefinitionNode,
  guard: Pick<Guard, 'resolvers' | 'typeChecks'>,
): CompiledOperation | undefined {
  const root = getRootTypeMap(schema).get(operation.operation);
  const fragments = getFragmentsFromDocument(document);
  const survey = surveySelections(operation.selectionSet, fragments);
  if (root === undefined || operation.operation === 'subscription' || survey === undefined) {
    return undefined;
  }
  const { conditionVariables } = survey;
  let left = baseSize + survey.selections * maxFieldsPerSelection;
  let isFull = false;
  const reserve = (fields: number): boolean => {
    isFull ||= left < fields;
    if (!isFull) left -= fields;
    return !isFull;
  };
  const compile = (conditions: ReadonlyMap<string, boolean>): readonly CompiledField[] =>
    compileSelections({ schema, fragments, conditions, guard, reserve }, root, [
      operation.selectionSet,
    ]);
  let unconditional: readonly CompiledField[] | undefined;
  const variants = new Map<string, readonly CompiledField[]>();
  let runs = 0;

  /** @param isLimited Whether to return undefined for what is beyond the limit: it is compiled for each run. */
  function fieldsFor(
    variables: CoercedVariables,
    isLimited: boolean,
  ): readonly CompiledField[] | undefined {
    if (conditionVariables.length === 0) {
      if (unconditional !== undefined) return unconditional;
      const fields = compile(noConditions);
      if (reserve(fields.length)) unconditional = fields;
      else if (isLimited) return undefined;
      return fields;
    }
    const conditions = new Map<string, boolean>();
    let key = '';
    for (const name of conditionVariables) {
      const value = variables.coerced[name];
      if (typeof value !== 'boolean') return undefined;
      conditions.set(name, value);
      key += value ? '1' : '0';
    }
    const known = variants.get(key);
    if (known !== undefined) return known;
    const isFullOfVariants = variants.size >= maxVariants;
    if (isFullOfVariants && isLimited) return undefined;
    const fields = compile(conditions);
    if (!isFullOfVariants && reserve(fields.length)) variants.set(key, fields);
    else if (isLimited) return undefined;
    return fields;
  }

  function run(request: RunRequest) {
    const { operation: shown, variables, rootValue, contextValue, viewer, onError } = request;
    // Each run would compile again what is beyond the limit. The ordinary executor has no `NULL`.
    const isLimited = onError === 'PROPAGATE';
    if (isFull && isLimited) return undefined;
    const coerced = coerceVariables(schema, operation, variables);
    if ('errors' in coerced) return coerced;
    const fields = fieldsFor(coerced, isLimited);
    if (fields === undefined) return undefined;
    runs += 1;
    const state: Run = {
      id: runs,
      schema,
      fragments,
      operation: shown,
      variables: coerced,
      rootValue,
      contextValue,
      viewer,
      onError,
      errors: [],
      getAsyncHelpers: undefined,
      overflow: undefined,
      lastStep: undefined,
    };
    try {
      const data =
        operation.operation === 'mutation'
          ? executeSerially(fields, rootValue, state)
          : executeFields(fields, rootValue, undefined, state);
      if (!isPromise(data)) return resultOf(data, state);
      const result = data.then(
        (settled) => resultOf(settled, state),
        (error) => resultOfError(error, state),
      );
      // One turn more, as Yoga's executor takes: fields below a null may still fail until then.
      return result.then((last) => last);
    } catch (error) {
      return resultOfError(error, state);
    }
  }

  return { size: baseSize + survey.selections * (maxFieldsPerSelection + 1), run };
}

function resultOf(data: Record<string, unknown> | null, { errors }: Run): ExecutionResult {
  return errors.length === 0 ? { data } : { errors, data };
}

/** The result of an error that propagated to the root, or of those that it stands for. */
function resultOfError(error: unknown, run: Run): ExecutionResult {
  if (!isFieldError(error)) throw error;
  run.errors.push(...('errors' in error && Array.isArray(error.errors) ? error.errors : [error]));
  return resultOf(null, run);
}

/** Whatever is thrown below the root has become a located error. */
function isFieldError(error: unknown): error is GraphQLError {
  return error instanceof Error;
}

/** The coerced variables, or the result that the executor of Yoga has for those that do not fit. */
function coerceVariables(
  schema: GraphQLSchema,
  { variableDefinitions = [] }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): CoercedVariables | { readonly errors: readonly GraphQLError[] } {
  if (variableDefinitions.length === 0) return { coerced: {}, sources: {} };
  const { variableValues, errors } = getVariableValues(schema, variableDefinitions, variables, {
    maxErrors: 50,
  });
  if (errors === undefined) return variableValues;
  for (const error of errors) {
    const extensions = { ...error.extensions, http: { status: 400 } };
    Object.defineProperty(error, 'extensions', { value: extensions });
  }
  return { errors };
}

interface Survey {
  readonly selections: number;
  /** The variables that decide about selections. */
  readonly conditionVariables: readonly string[];
}

/** Reads every selection once; undefined if one of them cannot be compiled. */
function surveySelections(
  root: SelectionSetNode,
  fragments: Readonly<Record<string, FragmentDefinitionNode>>,
): Survey | undefined {
  const variables = new Set<string>();
  const known = new Set([root]);
  let selections = 0;
  for (const set of known) {
    for (const selection of set.selections) {
      selections += 1;
      if (selection.directives?.some(({ name }) => incremental.has(name.value))) return undefined;
      const conditions = readConditions(selection.directives);
      if (conditions === 'never') continue;
      for (const { variable } of conditions) variables.add(variable);
      if (selection.kind === Kind.FIELD && reservedKeys.has(responseKey(selection)))
        return undefined;
      const inner =
        selection.kind === Kind.FRAGMENT_SPREAD ? fragments[selection.name.value] : selection;
      if (inner?.selectionSet) known.add(inner.selectionSet);
    }
  }
  return { selections, conditionVariables: [...variables] };
}

/** The directives of incremental delivery. */
const incremental: ReadonlySet<string> = new Set(['defer', 'stream']);

/** An object with one of these keys is not what it was: a promise to executors, or one with another prototype. */
const reservedKeys: ReadonlySet<string> = new Set(['then', '__proto__']);
