import {
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  isSpecifiedScalarType,
  Kind,
  type OperationDefinitionNode,
  type TypeNode,
} from 'graphql';
import { anonymous } from '../authentication/viewer.ts';
import { planFor, runningNodes } from './find-refusals.ts';
import { guardOf } from './guard.ts';

/** A query in two: what it asks of the schema, and what it asks of the data. */
export interface SplitOperation {
  /** The part that selects `__schema` and `__type`. */
  readonly introspection: DocumentNode;
  /** The rest; undefined where there is none. */
  readonly rest: DocumentNode | undefined;
  /** The response keys of both, in the order of the document. */
  readonly keys: readonly string[];
}

/**
 * Takes introspection out of an operation. Undefined where it runs none.
 *
 * @throws {TypeError} When the schema is not the result of `guardSchema`.
 */
export function splitIntrospection(request: {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}): SplitOperation | undefined {
  const plan = planFor(guardOf(request.schema), { ...request, viewer: anonymous });
  if (plan?.operation.operation !== 'query') return undefined;
  const { operation } = plan;
  const variables = { operation, values: request.variables };
  const fields = plan.roots.flatMap((root) => {
    const nodes = runningNodes(root, variables);
    return nodes.length === 0 ? [] : [{ key: root.responseKey, nodes }];
  });
  const asksSchema = ({ nodes }: { nodes: readonly FieldNode[] }): boolean =>
    nodes[0]?.name.value === '__schema' || nodes[0]?.name.value === '__type';
  const ofSchema = fields.filter(asksSchema);
  if (ofSchema.length === 0) return undefined;

  const ofData = fields.filter((field) => !asksSchema(field));
  const documentOf = (nodes: readonly FieldNode[], changed: OperationDefinitionNode) => ({
    ...request.document,
    definitions: [
      { ...changed, selectionSet: { kind: Kind.SELECTION_SET, selections: nodes } as const },
      ...request.document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION),
    ],
  });
  return {
    introspection: documentOf(
      ofSchema.flatMap(({ nodes }) => nodes),
      // Introspection takes no other variables, and types of the others may not be there to see.
      {
        ...operation,
        variableDefinitions:
          operation.variableDefinitions?.filter(({ type }) => isBuiltIn(type, request.schema)) ??
          [],
      },
    ),
    rest:
      ofData.length > 0
        ? documentOf(
            ofData.flatMap(({ nodes }) => nodes),
            operation,
          )
        : undefined,
    keys: fields.map(({ key }) => key),
  };
}

function isBuiltIn(type: TypeNode, schema: GraphQLSchema): boolean {
  if (type.kind !== Kind.NAMED_TYPE) return isBuiltIn(type.type, schema);
  const named = schema.getType(type.name.value);
  return named !== undefined && isSpecifiedScalarType(named);
}
