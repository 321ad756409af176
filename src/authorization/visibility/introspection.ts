import {
  type DefinitionNode,
  type DocumentNode,
  type FieldNode,
  Kind,
  type NamedTypeNode,
  type NameNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
  specifiedScalarTypes,
  type TypeNode,
  visit,
} from 'graphql';
import { fragmentsOf } from '../../shared/fragments-of.ts';
import { findNestingError, type NestingError } from '../../shared/nesting.ts';

const sentDocument = Symbol('sentDocument');

/** A document whose introspection is executed apart, with the one that the client sent. */
interface SeparatedDocument extends DocumentNode {
  readonly [sentDocument]: DocumentNode;
}

/** How an operation uses `__schema` and `__type`. */
export type Introspection =
  | { readonly kind: 'none' }
  | { readonly kind: 'too deep'; readonly error: NestingError }
  /** Below the root of a query, or in a mutation or subscription. */
  | { readonly kind: 'nested'; readonly nodes: readonly FieldNode[] }
  | {
      readonly kind: 'root';
      /** The response keys under which it is selected. */
      readonly keys: ReadonlySet<string>;
      /** The same document, in which each of these keys is null. */
      readonly rest: SeparatedDocument;
      /** Only the introspection, under the same keys. */
      readonly selected: DocumentNode;
    };

/**
 * Finds the introspection in one operation of a valid document, including selections that `@skip` and
 * `@include` leave out.
 *
 * @param queryType The name of the schema's query type.
 */
export function findIntrospection(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  queryType: string,
): Introspection {
  const fragments = fragmentsOf(document);
  const error = findNestingError(operation, fragments);
  if (error !== undefined) return { kind: 'too deep', error };
  const atRoot: FieldNode[] = [];
  const nested: FieldNode[] = [];
  const rootFragments = new Set<string>();
  const nestedFragments = new Set<string>();
  const isQuery = operation.operation === 'query';
  const walk = (set: SelectionSetNode, found: FieldNode[], seen: Set<string>): void => {
    for (const selection of set.selections) {
      if (selection.kind === Kind.FIELD) {
        if (isIntrospection(selection)) found.push(selection);
        if (selection.selectionSet) walk(selection.selectionSet, nested, nestedFragments);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        walk(selection.selectionSet, found, seen);
      } else {
        const fragment = fragments.get(selection.name.value);
        if (fragment === undefined || seen.has(selection.name.value)) continue;
        seen.add(selection.name.value);
        walk(fragment.selectionSet, found, seen);
      }
    }
  };
  walk(
    operation.selectionSet,
    isQuery ? atRoot : nested,
    isQuery ? rootFragments : nestedFragments,
  );

  if (nested.length > 0) return { kind: 'nested', nodes: nested };
  if (atRoot.length === 0) return { kind: 'none' };
  return {
    kind: 'root',
    keys: new Set(atRoot.map(responseKey)),
    rest: {
      ...visit(document, {
        Field: (node) => (isIntrospection(node) ? emptyField(node) : undefined),
      }),
      [sentDocument]: document,
    },
    selected: keepIntrospection(document, operation, rootFragments, queryType),
  };
}

/** The document that the client sent, with the introspection that is executed apart. */
export function findSentDocument(document: DocumentNode): DocumentNode {
  return isSeparated(document) ? document[sentDocument] : document;
}

function isSeparated(document: DocumentNode): document is SeparatedDocument {
  return sentDocument in document;
}

function isIntrospection({ name }: FieldNode): boolean {
  return name.value === '__schema' || name.value === '__type';
}

function responseKey({ alias, name }: FieldNode): string {
  return alias?.value ?? name.value;
}

/** `key: __type(name: "") { __typename }`, which is null: no type has this name. */
function emptyField(node: FieldNode): FieldNode {
  return {
    ...node,
    alias: nameNode(responseKey(node)),
    name: nameNode('__type'),
    arguments: [
      { kind: Kind.ARGUMENT, name: nameNode('name'), value: { kind: Kind.STRING, value: '' } },
    ],
    selectionSet: {
      kind: Kind.SELECTION_SET,
      selections: [{ kind: Kind.FIELD, name: nameNode('__typename') }],
    },
  };
}

/**
 * Reduces an operation to the introspection at its root. Type conditions are removed: they hold for the
 * query type in every valid document, and their types may be hidden.
 */
function keepIntrospection(
  document: DocumentNode,
  operation: OperationDefinitionNode,
  rootFragments: ReadonlySet<string>,
  queryType: string,
): DocumentNode {
  const onlyIntrospection = ({ selections }: SelectionSetNode): SelectionSetNode => ({
    kind: Kind.SELECTION_SET,
    selections: selections.flatMap((selection): readonly SelectionNode[] => {
      if (selection.kind === Kind.FIELD) return isIntrospection(selection) ? [selection] : [];
      if (selection.kind === Kind.FRAGMENT_SPREAD) return [selection];
      const { typeCondition: _, ...inline } = selection;
      return [{ ...inline, selectionSet: onlyIntrospection(selection.selectionSet) }];
    }),
  });
  const definitions = document.definitions.flatMap((definition): readonly DefinitionNode[] => {
    if (definition.kind !== Kind.FRAGMENT_DEFINITION) return [];
    if (!rootFragments.has(definition.name.value)) return [definition];
    return [
      {
        ...definition,
        typeCondition: namedType(queryType),
        selectionSet: onlyIntrospection(definition.selectionSet),
      },
    ];
  });
  return {
    kind: Kind.DOCUMENT,
    definitions: [
      {
        ...operation,
        // Introspection takes no other variables, and the types of others may be hidden.
        variableDefinitions: (operation.variableDefinitions ?? []).filter(({ type }) =>
          isBuiltIn(type),
        ),
        selectionSet: onlyIntrospection(operation.selectionSet),
      },
      ...definitions,
    ],
  };
}

function isBuiltIn(type: TypeNode): boolean {
  return type.kind === Kind.NAMED_TYPE
    ? specifiedScalarTypes.some(({ name }) => name === type.name.value)
    : isBuiltIn(type.type);
}

function nameNode(value: string): NameNode {
  return { kind: Kind.NAME, value };
}

function namedType(name: string): NamedTypeNode {
  return { kind: Kind.NAMED_TYPE, name: nameNode(name) };
}
