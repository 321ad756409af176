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

/**
 * The object types that may be met where a type is expected, as sets of bits: interfaces can have
 * hundreds of types, and a document can combine them in more ways than could be listed. What is
 * kept is bounded by the schema.
 */
export class PossibleTypes {
  readonly schema: GraphQLSchema;
  readonly #types: GraphQLObjectType[] = [];
  readonly #bits = new Map<string, bigint>();
  readonly #uniform = new Map<string, boolean>();

  constructor(schema: GraphQLSchema) {
    this.schema = schema;
  }

  /** The set of a type: its possible types, or itself. */
  bits(type: GraphQLCompositeType): bigint {
    const known = this.#bits.get(type.name);
    if (known !== undefined) return known;
    let bits: bigint;
    if (isAbstractType(type)) {
      bits = 0n;
      for (const member of this.schema.getPossibleTypes(type)) bits |= this.bits(member);
    } else {
      bits = 1n << BigInt(this.#types.length);
      this.#types.push(type);
    }
    this.#bits.set(type.name, bits);
    return bits;
  }

  /** The types of a set. */
  list(bits: bigint): readonly GraphQLObjectType[] {
    const digits = bits.toString(2);
    const types: GraphQLObjectType[] = [];
    for (let at = digits.indexOf('1'); at !== -1; at = digits.indexOf('1', at + 1)) {
      const type = this.#types[digits.length - 1 - at];
      if (type) types.push(type);
    }
    return types;
  }

  /** Whether every possible type returns what the type itself declares: implementers may return less. */
  returnsTheSame(type: GraphQLCompositeType, fieldName: string): boolean {
    if (!isInterfaceType(type)) return true;
    const key = `${type.name}.${fieldName}`;
    const known = this.#uniform.get(key);
    if (known !== undefined) return known;
    const declared = namedReturn(type, fieldName);
    const isSame = this.schema
      .getPossibleTypes(type)
      .every((member) => namedReturn(member, fieldName) === declared);
    if (declared !== undefined) this.#uniform.set(key, isSame);
    return isSame;
  }
}

/** The type that a field is declared with. */
export function declaredReturn(
  type: GraphQLCompositeType,
  fieldName: string,
): GraphQLOutputType | undefined {
  return isObjectType(type) || isInterfaceType(type)
    ? type.getFields()[fieldName]?.type
    : undefined;
}

/** The type of the selections below a field; undefined where there are none. */
function namedReturn(
  type: GraphQLCompositeType,
  fieldName: string,
): GraphQLCompositeType | undefined {
  const declared = declaredReturn(type, fieldName);
  const named = declared && getNamedType(declared);
  return isCompositeType(named) ? named : undefined;
}

/** What selections stand on: the type they are written on, and the object types that may be met there. */
export interface SelectionParent {
  readonly type: GraphQLCompositeType;
  /** The same object for the same types, throughout one plan. */
  readonly possible: TypeSet;
}

/** A set of object types. */
export class TypeSet {
  readonly id: number;
  readonly bits: bigint;
  readonly #list: () => readonly GraphQLObjectType[];
  #types: readonly GraphQLObjectType[] | undefined;

  constructor(id: number, bits: bigint, list: () => readonly GraphQLObjectType[]) {
    this.id = id;
    this.bits = bits;
    this.#list = list;
  }

  /** Whether there is one member. */
  get isSingle(): boolean {
    return this.bits !== 0n && (this.bits & (this.bits - 1n)) === 0n;
  }

  get types(): readonly GraphQLObjectType[] {
    this.#types ??= this.#list();
    return this.#types;
  }
}

/** Knows what the selections of one document can stand on. Works each thing out once. */
export class SelectionParents {
  readonly #possible: PossibleTypes;
  readonly #sets = new Map<bigint, TypeSet>();
  readonly #below = new Map<string, bigint>();
  #visits = 0;

  constructor(possible: PossibleTypes) {
    this.#possible = possible;
  }

  /** How many members of sets have been looked at: what the work grows with beside the document. */
  get visits(): number {
    return this.#visits;
  }

  /** To be called by those who look at the members of a set. */
  visited(set: TypeSet): void {
    this.#visits += set.types.length;
  }

  of(type: GraphQLCompositeType): SelectionParent {
    return { type, possible: this.#set(this.#possible.bits(type)) };
  }

  /** What a type condition leaves of a parent; undefined where that is nothing. */
  narrow(parent: SelectionParent, condition: string | undefined): SelectionParent | undefined {
    if (condition === undefined || condition === parent.type.name) return parent;
    const type = this.#possible.schema.getType(condition);
    if (!isCompositeType(type)) return undefined;
    const left = parent.possible.bits & this.#possible.bits(type);
    return left === 0n ? undefined : { type, possible: this.#set(left) };
  }

  /** All of several parents that the same selections stand on, as one. */
  together(met: readonly SelectionParent[]): SelectionParent {
    const [first] = met;
    if (first === undefined) throw new TypeError('There must be a parent.');
    const bits = met.reduce((all, { possible }) => all | possible.bits, 0n);
    return { type: first.type, possible: this.#set(bits) };
  }

  /** What the selections below a field stand on; undefined where the field has none. */
  below(parent: SelectionParent, fieldName: string): SelectionParent | undefined {
    const returned = namedReturn(parent.type, fieldName);
    if (returned === undefined) return undefined;
    if (!isAbstractType(returned) || this.#possible.returnsTheSame(parent.type, fieldName)) {
      return this.of(returned);
    }
    const key = `${parent.possible.id} ${fieldName}`;
    const known = this.#below.get(key);
    const bits = known ?? this.#bitsBelow(parent.possible, fieldName);
    if (known === undefined) this.#below.set(key, bits);
    return { type: returned, possible: this.#set(bits) };
  }

  #bitsBelow(set: TypeSet, fieldName: string): bigint {
    let bits = 0n;
    this.visited(set);
    for (const member of set.types) {
      const type = namedReturn(member, fieldName);
      if (type !== undefined) bits |= this.#possible.bits(type);
    }
    return bits;
  }

  #set(bits: bigint): TypeSet {
    const known = this.#sets.get(bits);
    if (known !== undefined) return known;
    const set = new TypeSet(this.#sets.size, bits, () => {
      const types = this.#possible.list(bits);
      this.#visits += types.length;
      return types;
    });
    this.#sets.set(bits, set);
    return set;
  }
}
