import { createGraphQLError, inspect, isPromise } from '@graphql-tools/utils';
import {
  type GraphQLAbstractType,
  GraphQLError,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  isAbstractType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';
import { findRuntimeType } from '../authorization/enforcement/guard-type.ts';
import { Undecided } from '../authorization/enforcement/undecided.ts';
import type { Guard } from '../authorization/operation/guard.ts';
import { compileList } from './complete-list.ts';
import { GuardedFunction } from './guarded-function.ts';
import { endTurn, type FieldSite, type Path, type Run } from './run.ts';
import { UndecidedValue } from './undecided-value.ts';

/** Turns what a resolver returned into what the response holds, or throws the field's error. */
export type Complete = (value: unknown, path: Path, info: GraphQLResolveInfo, run: Run) => unknown;

/** The same for scalars and enums, which depend on the value alone. */
export type CompleteLeaf = (
  value: unknown,
  site: Pick<FieldSite, 'parentType' | 'fieldName'>,
) => unknown;

/** Executes the selections on an object. */
export type ExecuteObject = (value: unknown, path: Path, run: Run) => unknown;

/** How the selections of a field are executed, for each object type that it can return. */
export interface Selections {
  of(type: GraphQLObjectType): ExecuteObject;
  readonly guard: Pick<Guard, 'typeChecks'>;
  /** Whether so many more parts may be kept with the program. */
  reserve(parts: number): boolean;
}

/** Undefined for all but scalars, enums and their non-null types. */
export function compileLeaf(type: GraphQLOutputType): CompleteLeaf | undefined {
  if (isNonNullType(type)) {
    const complete = compileLeaf(type.ofType);
    return (
      complete &&
      function completeNonNullLeaf(value, site) {
        return rejectNull(complete(value, site), site);
      }
    );
  }
  if (!isLeafType(type)) return undefined;
  return function completeLeaf(value) {
    if (value instanceof Error) throw value;
    return value === null || value === undefined ? null : serialize(type, value);
  };
}

/** Compiles the completion of a type (GraphQL specification, "Value Completion"). */
export function compileCompletion(type: GraphQLOutputType, selections: Selections): Complete {
  const completeLeaf = compileLeaf(type);
  if (completeLeaf) return (value, _path, info) => completeLeaf(value, info);
  if (isNonNullType(type)) {
    const complete = compileCompletion(type.ofType, selections);
    return (value, path, info, run) => rejectNull(complete(value, path, info, run), info);
  }
  const complete = compileNullable(type, selections);
  return function completeNullable(value, path, info, run) {
    if (value instanceof Error) throw value;
    return value === null || value === undefined ? null : complete(value, path, info, run);
  };
}

function compileNullable(type: GraphQLOutputType, selections: Selections): Complete {
  if (isListType(type)) return compileList(type, compileCompletion(type.ofType, selections));
  if (isAbstractType(type)) return compileAbstract(type, selections);
  if (isObjectType(type)) return compileObject(type, selections);
  throw new TypeError(`${inspect(type)} is not an output type.`);
}

function rejectNull(
  completed: unknown,
  { parentType, fieldName }: Pick<FieldSite, 'parentType' | 'fieldName'>,
): unknown {
  if (completed !== null) return completed;
  throw new Error(`Cannot return null for non-nullable field ${parentType.name}.${fieldName}.`);
}

function serialize(type: GraphQLLeafType, value: unknown): unknown {
  let serialized: unknown;
  try {
    serialized = type.serialize(value);
  } catch (error) {
    // As @graphql-tools/executor does: a GraphQLError of a scalar would keep its own position.
    if (error instanceof GraphQLError) throw new Error(error.message);
    throw error;
  }
  if (serialized === null || serialized === undefined) {
    throw new Error(
      `Expected \`${inspect(type)}.serialize(${inspect(value)})\` to ` +
        `return non-nullable value, returned: ${inspect(serialized)}`,
    );
  }
  return serialized;
}

function compileObject(type: GraphQLObjectType, selections: Selections): Complete {
  const execute = selections.of(type);
  const guarded = new GuardedFunction(selections.guard.typeChecks);
  function completeLater(
    checking: PromiseLike<unknown>,
    value: unknown,
    path: Path,
    info: GraphQLResolveInfo,
    run: Run,
  ): unknown {
    const complete = (is: unknown): unknown => {
      if (!is) throw wrongType(type, value, info);
      return execute(value, path, run);
    };
    return checking instanceof Undecided
      ? new UndecidedValue(checking, complete, path, info, run)
      : checking.then(complete);
  }
  return function completeObject(value, path, info, run) {
    const { isTypeOf: given } = type;
    const isTypeOf = given ? guarded.in(run, given) : undefined;
    if (isTypeOf === undefined) return execute(value, path, run);
    const is: unknown = isTypeOf.call(type, value, run.contextValue, info);
    if (isPromise(is)) {
      endTurn(run);
      return completeLater(is, value, path, info, run);
    }
    if (!is) throw wrongType(type, value, info);
    return execute(value, path, run);
  };
}

function wrongType(
  type: GraphQLObjectType,
  value: unknown,
  info: GraphQLResolveInfo,
): GraphQLError {
  return createGraphQLError(`Expected value of type "${type.name}" but got: ${inspect(value)}.`, {
    nodes: info.fieldNodes,
  });
}

function compileAbstract(type: GraphQLAbstractType, selections: Selections): Complete {
  const known = new Map<string, Complete>();
  function complete(
    name: unknown,
    value: unknown,
    path: Path,
    info: GraphQLResolveInfo,
    run: Run,
  ): unknown {
    let completeObject = typeof name === 'string' ? known.get(name) : undefined;
    if (completeObject === undefined) {
      const object = runtimeType(name, type, value, info);
      completeObject = compileObject(object, selections);
      if (selections.reserve(1)) known.set(object.name, completeObject);
    }
    return completeObject(value, path, info, run);
  }
  return function completeAbstract(value, path, info, run) {
    const { resolveType } = type;
    const name: unknown = resolveType
      ? resolveType(value, run.contextValue, info, type)
      : findRuntimeType(info.schema.getPossibleTypes(type), value, run.contextValue, info);
    if (isPromise(name)) {
      endTurn(run);
      return name.then((later) => complete(later, value, path, info, run));
    }
    return complete(name, value, path, info, run);
  };
}

/** The object type that a value was resolved to, with the messages of the executor for others. */
function runtimeType(
  name: unknown,
  type: GraphQLAbstractType,
  value: unknown,
  { schema, parentType, fieldName, fieldNodes }: GraphQLResolveInfo,
): GraphQLObjectType {
  const nodes = fieldNodes;
  const field = `${parentType.name}.${fieldName}`;
  if (name === null || name === undefined) {
    throw createGraphQLError(
      `Abstract type "${type.name}" must resolve to an Object type at runtime for field "${field}". Either the "${type.name}" type should provide a "resolveType" function or each possible type should provide an "isTypeOf" function.`,
      { nodes },
    );
  }
  if (isObjectType(name)) {
    throw createGraphQLError(
      'Support for returning GraphQLObjectType from resolveType was removed in graphql-js@16.0.0 please return type name instead.',
    );
  }
  if (typeof name !== 'string') {
    throw createGraphQLError(
      `Abstract type "${type.name}" must resolve to an Object type at runtime for field "${field}" with value ${inspect(value)}, received "${inspect(name)}".`,
    );
  }
  const runtime = schema.getType(name);
  if (runtime === undefined) {
    throw createGraphQLError(
      `Abstract type "${type.name}" was resolved to a type "${name}" that does not exist inside the schema.`,
      { nodes },
    );
  }
  if (!isObjectType(runtime)) {
    throw createGraphQLError(
      `Abstract type "${type.name}" was resolved to a non-object type "${name}".`,
      { nodes },
    );
  }
  if (!schema.isSubType(type, runtime)) {
    throw createGraphQLError(
      `Runtime Object type "${runtime.name}" is not a possible type for "${type.name}".`,
      { nodes },
    );
  }
  return runtime;
}
