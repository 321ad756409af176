import {
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
} from 'graphql';

/** What selections stand on: the type they are written on, and the object types that may be met there. */
export interface SelectionParent {
  readonly type: GraphQLCompositeType;
  readonly possible: readonly GraphQLObjectType[];
  /** The same for all parents with the same possible types. */
  readonly key: string;
}

/** Knows of one schema what selections can stand on. Works each thing out once. */
export class SelectionParents {
  readonly #schema: GraphQLSchema;
  readonly #known = new Map<string, SelectionParent>();
  readonly #keys = new Map<string, string>();

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  of(type: GraphQLCompositeType): SelectionParent {
    return this.#once(type.name, () => this.#parent(type, this.#possible(type)));
  }

  /** What a type condition leaves of a parent; undefined where that is nothing. */
  narrow(parent: SelectionParent, condition: string): SelectionParent | undefined {
    if (condition === parent.type.name) return parent;
    const type = this.#schema.getType(condition);
    if (!isCompositeType(type)) return undefined;
    const narrowed = this.#once(`${parent.key} on ${condition}`, () => {
      const left = parent.possible.filter((member) =>
        isAbstractType(type) ? this.#schema.isSubType(type, member) : member === type,
      );
      return this.#parent(type, left);
    });
    return narrowed.possible.length > 0 ? narrowed : undefined;
  }

  /** What the selections below a field stand on; undefined where the field has none. */
  below(parent: SelectionParent, fieldName: string): SelectionParent | undefined {
    const returned = namedReturn(parent.type, fieldName);
    if (!isCompositeType(returned)) return undefined;
    // Implementers may return less than their interface says: that is what may be met.
    if (!isAbstractType(returned) || parent.possible.length === 0) return this.of(returned);
    return this.#once(`${parent.key} ${parent.type.name}.${fieldName}`, () => {
      const met = new Set<GraphQLObjectType>();
      for (const member of parent.possible) {
        const type = namedReturn(member, fieldName);
        if (isCompositeType(type)) for (const one of this.#possible(type)) met.add(one);
      }
      return this.#parent(returned, [...met]);
    });
  }

  /** The type that the field is declared with. */
  returnType(parent: SelectionParent, fieldName: string): GraphQLOutputType | undefined {
    return declaredReturn(parent.type, fieldName);
  }

  #possible(type: GraphQLCompositeType): readonly GraphQLObjectType[] {
    return isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [type];
  }

  #parent(type: GraphQLCompositeType, possible: readonly GraphQLObjectType[]): SelectionParent {
    const names = possible.length === 0 ? type.name : possible.map(({ name }) => name).join();
    const known = this.#keys.get(names);
    const key = known ?? String(this.#keys.size);
    if (known === undefined) this.#keys.set(names, key);
    return { type, possible, key };
  }

  #once(key: string, make: () => SelectionParent): SelectionParent {
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const made = make();
    this.#known.set(key, made);
    return made;
  }
}

function declaredReturn(
  type: GraphQLCompositeType,
  fieldName: string,
): GraphQLOutputType | undefined {
  return isObjectType(type) || isInterfaceType(type)
    ? type.getFields()[fieldName]?.type
    : undefined;
}

function namedReturn(type: GraphQLCompositeType, fieldName: string) {
  const declared = declaredReturn(type, fieldName);
  return declared && getNamedType(declared);
}
