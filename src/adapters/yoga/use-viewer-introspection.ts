import {
  type DocumentNode,
  type ExecutionArgs,
  type ExecutionResult,
  executeSync,
  type FieldNode,
  GraphQLError,
  type GraphQLSchema,
  getOperationAST,
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
import { mapResults } from '../../streams/map-results.ts';
import { isStream } from '../../streams/streams.ts';
import type { AuthContext } from './auth-options.ts';

/** What is known of one schema. */
interface KnownSchema {
  readonly schemaFor: (viewer: Viewer) => GraphQLSchema;
  readonly introspections: WeakMap<DocumentNode, Map<string | undefined, Introspection>>;
}

type Result = ExecutionResult | AsyncIterable<ExecutionResult>;

/**
 * Answers introspection (`__schema`, `__type`) from the part of the schema that the viewer could
 * use. Types, fields, arguments and values that the viewer may not use are not there to be seen,
 * and the errors of documents and variables that do not fit the schema do not name them either.
 * Introspection is answered at the root of queries; anywhere else it refuses the operation.
 *
 * Goes beside `useAuth` in Yoga's plugins.
 *
 * Not hidden: what descriptions and deprecation reasons say.
 */
export function useViewerIntrospection(): Plugin<AuthContext> {
  // A Yoga can have another schema for each request.
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
    // Clients choose the names: those of no operation are not kept.
    if (!operation) return { kind: 'none' };
    const queryType = schema.getQueryType()?.name ?? '';
    const introspection = findIntrospection(document, operation, queryType);
    const ofDocument = introspections.get(document) ?? new Map<string | undefined, Introspection>();
    introspections.set(document, ofDocument.set(name, introspection));
    return introspection;
  }

  /** Runs an operation, and what it selects of the schema apart from it. */
  async function run(
    args: ExecutionArgs,
    execution: (args: ExecutionArgs) => Result | Promise<Result>,
  ): Promise<Result> {
    const introspection = introspectionOf(args);
    if (introspection.kind === 'nested') return refusedIntrospection(introspection.nodes);
    const isApart = introspection.kind === 'root';
    const result = await execution(isApart ? { ...args, document: introspection.rest } : args);
    if (!isStream(result) && result.data === undefined) return withoutNames(result, args);
    if (!isApart) return result;

    const place = placer(introspection.keys, () =>
      executeSync({
        schema: visibleTo(args),
        document: introspection.selected,
        variableValues: args.variableValues,
      }),
    );
    return isStream(result)
      ? mapResults(result, (part) => ({ result: place(part) }))
      : place(result);
  }

  /** Errors of variables name what their types hold. */
  function withoutNames(result: ExecutionResult, args: ExecutionArgs): ExecutionResult {
    const operation = getOperationAST(args.document, args.operationName);
    // What is refused is known by its path.
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
    onSchemaChange({ schema }) {
      // What is known of a schema is worked out before requests come.
      known(schema);
    },

    onValidate({ params, context }) {
      return ({ valid, setResult }) => {
        if (valid) return;
        // Caches keep errors for other viewers: whatever the errors are, they are found again.
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

function refusedIntrospection(nodes: readonly FieldNode[]): ExecutionResult {
  return {
    errors: [
      new GraphQLError('Introspection is only available at the root of a query.', {
        nodes,
        extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
      }),
    ],
  };
}

/** Puts what is seen of the schema where the operation, executed without it, left its places. */
function placer(
  keys: ReadonlySet<string>,
  look: () => ExecutionResult,
): (part: ExecutionResult) => ExecutionResult {
  let known: ExecutionResult | undefined;

  function fill<Part extends Pick<ExecutionResult, 'data' | 'errors'>>(part: Part): Part {
    const { data } = part;
    const places = Object.keys(data ?? {}).filter((key) => keys.has(key));
    if (data == null || places.length === 0) return part;
    known ??= look();
    const seen = known.data;
    const errors = (known.errors ?? []).filter(
      ({ path }) => path === undefined || places.some((key) => key === path[0]),
    );
    const all = [...(part.errors ?? []), ...errors];
    const told = all.length > 0 ? { errors: all } : {};
    return {
      // Errors come first.
      ...told,
      ...part,
      ...told,
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
    // What comes late is about the root where its path is empty.
    const incremental = filled.incremental.map((one) => (one.path?.length === 0 ? fill(one) : one));
    return { ...filled, incremental };
  };
}

/** A part of a result that comes later, as Yoga sends it. */
interface LatePart extends ExecutionResult {
  readonly incremental: readonly (ExecutionResult & { readonly path?: readonly unknown[] })[];
}

function isLatePart(part: ExecutionResult): part is LatePart {
  return 'incremental' in part && Array.isArray(part.incremental);
}
