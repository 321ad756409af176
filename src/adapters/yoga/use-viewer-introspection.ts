import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  executeSync,
  type FieldNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
  Kind,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Viewer } from '../../authentication/viewer.ts';
import { viewerOf } from '../../authorization/enforcement/execution.ts';
import { createSchemaFilter } from '../../authorization/visibility/filter-schema.ts';
import {
  findIntrospection,
  type Introspection,
} from '../../authorization/visibility/introspection.ts';
import {
  findVisibleValidationErrors,
  findVisibleVariableErrors,
} from '../../authorization/visibility/visible-errors.ts';
import { isLatePart, mapResults } from '../../streams/map-results.ts';
import { isStream } from '../../streams/streams.ts';
import { type DirectPlugin, isServedDirectly } from '../node/direct-plugin.ts';
import type { AuthContext } from './auth-options.ts';

/** What is derived from one schema. */
interface KnownSchema {
  readonly schemaFor: (viewer: Viewer) => GraphQLSchema;
  readonly introspections: WeakMap<DocumentNode, Map<string | undefined, Introspection>>;
}

type Result = ExecutionResult | AsyncIterable<ExecutionResult>;

/**
 * The Yoga plugin that limits introspection (`__schema`, `__type`) to the part of the schema that
 * the viewer can use. Other types, fields, arguments and values are hidden, in the errors of invalid
 * documents and variables too. Introspection is only available at the root of a query; anywhere else
 * the operation is rejected with 400.
 *
 * Needs `useAuth` among the plugins.
 *
 * Not hidden: names in descriptions and deprecation reasons.
 *
 * @example
 * ```ts
 * const yoga = createYoga<object, AuthContext>({
 *   schema,
 *   plugins: [useAuth({ authenticator }), useViewerIntrospection()],
 * });
 * ```
 */
export function useViewerIntrospection(): Plugin<AuthContext> {
  return createViewerIntrospection();
}

/** Creates what `useViewerIntrospection` returns. */
export function createViewerIntrospection(): Plugin<AuthContext> & DirectPlugin {
  // Yoga can have a different schema for each request.
  const schemas = new WeakMap<GraphQLSchema, KnownSchema>();
  const known = (schema: GraphQLSchema): KnownSchema => {
    const found = schemas.get(schema);
    if (found !== undefined) return found;
    const made: KnownSchema = {
      schemaFor: createSchemaFilter(schema),
      introspections: new WeakMap(),
    };
    schemas.set(schema, made);
    return made;
  };
  const visibleTo = ({ schema, contextValue }: ExecutionArgs): GraphQLSchema =>
    known(schema).schemaFor(viewerOf(contextValue));

  function introspectionOf({ schema, document, operationName }: ExecutionArgs): Introspection {
    const { introspections } = known(schema);
    const name = operationName ?? undefined;
    const found = introspections.get(document)?.get(name);
    if (found !== undefined) return found;
    const operation = getOperationAST(document, name);
    // Clients choose the name: unknown ones are not cached.
    if (!operation) return { kind: 'none' };
    const queryType = schema.getQueryType()?.name ?? '';
    const introspection = findIntrospection(document, operation, queryType);
    const ofDocument = introspections.get(document) ?? new Map<string | undefined, Introspection>();
    introspections.set(document, ofDocument.set(name, introspection));
    return introspection;
  }

  /** Runs an operation, and separately what it selects of the schema. */
  async function run(
    args: ExecutionArgs,
    execution: (args: ExecutionArgs) => Result | Promise<Result>,
  ): Promise<Result> {
    const introspection = introspectionOf(args);
    if (introspection.kind === 'too deep') {
      return { errors: [introspection.error], extensions: { http: { status: 400 } } };
    }
    if (introspection.kind === 'nested') return rejectIntrospection(introspection.nodes);
    const isSeparate = introspection.kind === 'root';
    const result = await execution(isSeparate ? { ...args, document: introspection.rest } : args);
    if (!isStream(result) && result.data === undefined) return hideNames(result, args);
    if (!isSeparate) return result;

    const mergeIntrospection = createMerger(introspection.keys, () =>
      executeSync({
        schema: visibleTo(args),
        document: introspection.selected,
        variableValues: args.variableValues,
      }),
    );
    return isStream(result)
      ? mapResults(result, (part) => ({ result: mergeIntrospection(part) }))
      : mergeIntrospection(result);
  }

  /** Replaces errors about variables, which name parts of their types. */
  function hideNames(result: ExecutionResult, args: ExecutionArgs): ExecutionResult {
    const operation = getOperationAST(args.document, args.operationName);
    // Refusals have a path.
    if (!operation || !result.errors || result.errors.some(({ path }) => path)) return result;
    const errors = findVisibleVariableErrors(
      args.schema,
      visibleTo(args),
      operation,
      args.variableValues ?? {},
    );
    const extensions = result.errors[0]?.extensions;
    if (errors === undefined) return result;
    return {
      ...result,
      errors: errors.map(
        ({ message, nodes = null }) => new GraphQLError(message, { nodes, extensions }),
      ),
    };
  }

  return {
    [isServedDirectly]: (document, schema) =>
      document.definitions.every(
        (definition) =>
          definition.kind !== Kind.OPERATION_DEFINITION ||
          introspectionOf({ schema, document, operationName: definition.name?.value }).kind ===
            'none',
      ),

    onSchemaChange({ schema }) {
      // Before the first request.
      known(schema);
    },

    onValidate({ params, context }) {
      return ({ valid, setResult }) => {
        if (valid) return;
        // Cached errors can be those of another viewer: always validate again.
        const visible = known(params.schema).schemaFor(viewerOf(context));
        setResult([...findVisibleValidationErrors(visible, params.documentAST, params.rules)]);
      };
    },

    onExecute({ executeFn, setExecuteFn }) {
      setExecuteFn((args) => run(args, executeFn));
    },

    onSubscribe({ subscribeFn, setSubscribeFn }) {
      setSubscribeFn((args) => run(args, subscribeFn));
    },
  };
}

function rejectIntrospection(nodes: readonly FieldNode[]): ExecutionResult {
  return {
    errors: [
      new GraphQLError('Introspection is only available at the root of a query.', {
        nodes,
        extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
      }),
    ],
  };
}

/** Inserts the results of introspection where the operation was executed without it. */
function createMerger(
  keys: ReadonlySet<string>,
  introspect: () => ExecutionResult,
): (part: ExecutionResult) => ExecutionResult {
  let known: ExecutionResult | undefined;

  function fill<Part extends Pick<ExecutionResult, 'data' | 'errors'>>(part: Part): Part {
    const { data } = part;
    const selectedKeys = Object.keys(data ?? {}).filter((key) => keys.has(key));
    if (data == null || selectedKeys.length === 0) return part;
    known ??= introspect();
    const seen = known.data;
    const errors = (known.errors ?? []).filter(
      ({ path }) => path === undefined || selectedKeys.some((key) => key === path[0]),
    );
    const all = [...(part.errors ?? []), ...errors];
    const allErrors = all.length > 0 ? { errors: all } : {};
    return {
      // Errors come first.
      ...allErrors,
      ...part,
      ...allErrors,
      data: seen
        ? Object.fromEntries(
            Object.entries(data).map(([key, value]) => [key, keys.has(key) ? seen[key] : value]),
          )
        : null,
    };
  }

  return (part) => {
    const filled = fill(part);
    if (!isLatePart(filled)) return filled;
    // A late part with an empty path is about the root.
    const incremental = filled.incremental.map((one) => (one.path?.length === 0 ? fill(one) : one));
    return { ...filled, incremental };
  };
}
