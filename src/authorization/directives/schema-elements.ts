import {
  type ConstDirectiveNode,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  type Location,
} from 'graphql';

/** The coordinate of the schema-wide rule. No type can have this name. */
export const schemaCoordinate = 'schema { … }';

/** SDL that directives can stand on. */
export interface WrittenElement {
  readonly directives?: readonly ConstDirectiveNode[] | undefined;
  readonly loc?: Location | undefined;
}

/** What can carry directives: its SDL, extensions included, or, code first, `extensions.directives`. */
export interface CarrierOfDirectives {
  readonly astNode?: WrittenElement | null | undefined;
  readonly extensionASTNodes?: readonly WrittenElement[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** One coordinate of a schema. */
export interface SchemaElement {
  readonly coordinate: string;
  readonly place:
    | 'schema'
    | 'type'
    | 'field'
    | 'argument'
    | 'enum value'
    | 'input field'
    | 'directive'
    | 'directive argument';
  readonly element: CarrierOfDirectives;
}

/** The directives of an element's SDL, its extensions included. */
export function writtenDirectives(element: CarrierOfDirectives): ConstDirectiveNode[] {
  return [element.astNode, ...(element.extensionASTNodes ?? [])].flatMap(
    (node) => node?.directives ?? [],
  );
}

/** Every coordinate of the schema that a directive could stand on. */
export function* schemaElements(schema: GraphQLSchema): Generator<SchemaElement> {
  yield { coordinate: schemaCoordinate, place: 'schema', element: schema };
  for (const directive of schema.getDirectives()) {
    yield { coordinate: `@${directive.name}`, place: 'directive', element: directive };
    for (const element of directive.args) {
      const coordinate = `@${directive.name}(${element.name}:)`;
      yield { coordinate, place: 'directive argument', element };
    }
  }
  for (const type of Object.values(schema.getTypeMap())) {
    if (isIntrospectionType(type)) continue;
    yield { coordinate: type.name, place: 'type', element: type };
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        const coordinate = `${type.name}.${field.name}`;
        yield { coordinate, place: 'field', element: field };
        for (const element of field.args) {
          yield { coordinate: `${coordinate}(${element.name}:)`, place: 'argument', element };
        }
      }
    } else if (isInputObjectType(type)) {
      for (const element of Object.values(type.getFields())) {
        yield { coordinate: `${type.name}.${element.name}`, place: 'input field', element };
      }
    } else if (isEnumType(type)) {
      for (const element of type.getValues()) {
        yield { coordinate: `${type.name}.${element.name}`, place: 'enum value', element };
      }
    }
  }
}
