import {
  type ConstArgumentNode,
  type ConstDirectiveNode,
  type ConstValueNode,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
  Kind,
} from 'graphql';

/** The coordinate of the schema-wide rule. No type can have this name. */
export const schemaCoordinate = 'schema { … }';

/** A schema coordinate, and the directives that stand on it. */
export interface DirectiveUses {
  readonly coordinate: string;
  readonly place:
    | 'schema'
    | 'type'
    | 'field'
    | 'argument'
    | 'enum value'
    | 'input field'
    | 'directive argument';
  readonly directives: readonly ConstDirectiveNode[];
}

/** What of a schema element can carry directives: its SDL, extensions included, or, code first, `extensions.directives`. */
interface Element {
  readonly astNode?:
    | { readonly directives?: readonly ConstDirectiveNode[] | undefined }
    | null
    | undefined;
  readonly extensionASTNodes?: readonly {
    readonly directives?: readonly ConstDirectiveNode[] | undefined;
  }[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** Every coordinate of the schema that directives stand on. */
export function* directiveUses(schema: GraphQLSchema): Generator<DirectiveUses> {
  function* on(
    place: DirectiveUses['place'],
    coordinate: string,
    element: Element,
  ): Generator<DirectiveUses> {
    const directives = [
      ...(element.astNode?.directives ?? []),
      ...(element.extensionASTNodes ?? []).flatMap((node) => node.directives ?? []),
      ...directivesOfExtensions(element.extensions?.['directives']),
    ];
    if (directives.length > 0) yield { coordinate, place, directives };
  }

  yield* on('schema', schemaCoordinate, schema);
  for (const directive of schema.getDirectives()) {
    for (const argument of directive.args) {
      yield* on('directive argument', `@${directive.name}(${argument.name}:)`, argument);
    }
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type) || isSpecifiedScalarType(type)) continue;
    yield* on('type', type.name, type);
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        const coordinate = `${type.name}.${field.name}`;
        yield* on('field', coordinate, field);
        for (const argument of field.args) {
          yield* on('argument', `${coordinate}(${argument.name}:)`, argument);
        }
      }
    } else if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) {
        yield* on('input field', `${type.name}.${field.name}`, field);
      }
    } else if (isEnumType(type)) {
      for (const value of type.getValues()) {
        yield* on('enum value', `${type.name}.${value.name}`, value);
      }
    }
  }
}

/** `{ auth: { … } }`, `{ auth: [{ … }] }` or `[{ name: 'auth', args: { … } }]`, as code-first libraries write them. */
function directivesOfExtensions(directives: unknown): ConstDirectiveNode[] {
  if (Array.isArray(directives)) {
    return directives.flatMap((use: unknown) =>
      isRecord(use) && typeof use['name'] === 'string'
        ? [directiveNode(use['name'], use['args'])]
        : [],
    );
  }
  if (!isRecord(directives)) return [];
  return Object.entries(directives).flatMap(([name, uses]) =>
    (Array.isArray(uses) ? uses : [uses]).map((use: unknown) => directiveNode(name, use)),
  );
}

function directiveNode(name: string, args: unknown): ConstDirectiveNode {
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: name },
    arguments: Object.entries(isRecord(args) ? args : {}).flatMap(
      ([argument, value]): ConstArgumentNode[] =>
        value === undefined
          ? []
          : [
              {
                kind: Kind.ARGUMENT,
                name: { kind: Kind.NAME, value: argument },
                value: valueNode(value),
              },
            ],
    ),
  };
}

function valueNode(value: unknown): ConstValueNode {
  if (typeof value === 'string') return { kind: Kind.STRING, value };
  if (typeof value === 'boolean') return { kind: Kind.BOOLEAN, value };
  if (Number.isInteger(value)) return { kind: Kind.INT, value: String(value) };
  if (Array.isArray(value)) return { kind: Kind.LIST, values: value.map(valueNode) };
  // Anything else is nothing that an argument of ours takes; null is refused with a clear message.
  return { kind: Kind.NULL };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
