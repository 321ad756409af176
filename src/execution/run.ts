import { isPromise, type VariableValues } from '@graphql-tools/utils';
import type {
  FragmentDefinitionNode,
  GraphQLError,
  GraphQLResolveInfo,
  GraphQLSchema,
  OperationDefinitionNode,
  ResponsePath,
} from 'graphql';
import type { Viewer } from '../authentication/viewer.ts';
import type { ErrorBehavior } from '../shared/error-behavior.ts';
import type { CompiledField } from './compile-selections.ts';

/** One execution of a compiled operation. */
export interface Run {
  /** Unique among the runs of one program. */
  readonly id: number;
  readonly schema: GraphQLSchema;
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly operation: OperationDefinitionNode;
  readonly variables: CoercedVariables;
  readonly rootValue: unknown;
  readonly contextValue: unknown;
  /** The viewer on the context when the run began. */
  readonly viewer: Viewer;
  readonly onError: ErrorBehavior;
  /** Field errors in the order in which they arose. */
  readonly errors: GraphQLError[];
  /** Made for the first `info`. */
  getAsyncHelpers: (() => AsyncHelpers) | undefined;
  /** Selections compiled for this run alone, because the program has reached its limit. */
  overflow: Map<object, readonly CompiledField[]> | undefined;
  /** The last of what continues in the next microtask. */
  lastStep: Step | undefined;
}

/** Something that continues in a microtask. */
export interface Step {
  /** Must not throw. */
  advance(): void;
  /** The step after it in the same microtask. Steps are chained, as lists of thousands would grow in copies. */
  nextStep: Step | undefined;
}

/** Continues in the next microtask, with everything else that is added until then. */
export function inNextTurn(run: Run, step: Step): void {
  if (run.lastStep === undefined) queueMicrotask(() => takeTurn(run, step));
  else run.lastStep.nextStep = step;
  run.lastStep = step;
}

function takeTurn(run: Run, first: Step): void {
  run.lastStep = undefined;
  let step: Step | undefined = first;
  while (step !== undefined) {
    const next: Step | undefined = step.nextStep;
    step.nextStep = undefined;
    step.advance();
    step = next;
  }
}

/** Called where another microtask may have been queued: what is added from now on comes after it. */
export function endTurn(run: Run): void {
  run.lastStep = undefined;
}

/** Variables as @graphql-tools/executor coerces them. */
export interface CoercedVariables {
  readonly coerced: Readonly<Record<string, unknown>>;
  /** How each was declared and supplied, which GraphQL.js 17 needs. */
  readonly sources: VariableValues['sources'];
}

/** What @graphql-tools/executor adds to GraphQL.js' `info`. */
export interface InfoExtras {
  readonly signal: undefined;
  readonly getAbortSignal: () => undefined;
  readonly getAsyncHelpers: () => AsyncHelpers;
}

interface AsyncHelpers {
  readonly promiseAll: (values: Iterable<unknown>) => Promise<unknown[]>;
  readonly track: (values: Iterable<unknown>) => void;
}

/** The field of an `info`, as far as it is known when the operation is compiled. */
export interface FieldSite {
  readonly fieldName: string;
  readonly fieldNodes: GraphQLResolveInfo['fieldNodes'];
  readonly returnType: GraphQLResolveInfo['returnType'];
  readonly parentType: GraphQLResolveInfo['parentType'];
}

/** One position in the response, linked to those around it. */
export type Path = ResponsePath;

/** The `info` of one field: the members of @graphql-tools/executor, in its order. */
export function infoOf(site: FieldSite, path: Path, run: Run): GraphQLResolveInfo & InfoExtras {
  run.getAsyncHelpers ??= createAsyncHelpers(run.contextValue);
  return {
    fieldName: site.fieldName,
    fieldNodes: site.fieldNodes,
    returnType: site.returnType,
    parentType: site.parentType,
    path,
    schema: run.schema,
    fragments: run.fragments,
    rootValue: run.rootValue,
    operation: run.operation,
    variableValues: run.variables.coerced,
    signal: undefined,
    getAbortSignal: noSignal,
    getAsyncHelpers: run.getAsyncHelpers,
  };
}

const noSignal = (): undefined => undefined;

/** What resolvers can use to keep a process alive until their promises are settled. */
function createAsyncHelpers(context: unknown): () => AsyncHelpers {
  let helpers: AsyncHelpers | undefined;
  return () => {
    helpers ??= {
      promiseAll: Promise.all.bind(Promise),
      track: (values) => track(values, context),
    };
    return helpers;
  };
}

function track(values: Iterable<unknown>, context: unknown): void {
  if (typeof context !== 'object' || context === null || !('waitUntil' in context)) return;
  const { waitUntil } = context;
  if (typeof waitUntil !== 'function') return;
  for (const value of values) if (isPromise(value)) waitUntil(value);
}
