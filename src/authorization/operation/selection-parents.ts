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
 * The object types that can occur where a type is expected, as bit sets: interfaces can have hundreds
 * of types, and a document can combine them in more ways than could be listed. What is kept is bounded
 * by the schema.
 */
export class PossibleTypes {
  readonly schema: GraphQLSchema;
  readonly #types: GraphQLObjectType[] = [];
  readonly #bits = new Map<string, bigint>();
  readonly #uniform = new Map<string, boolean>();

  constructor(schema: GraphQLSchema) {
    this.schema = schema;
  }

  /** The bit set of a type: of its possible types, or of itself. */
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

  /** The types in a bit set. */
  list(bits: bigint): readonly GraphQLObjectType[] {
    const digits = bits.toString(2);
    const types: GraphQLObjectType[] = [];
    for (let at = digits.indexOf('1'); at !== -1; at = digits.indexOf('1', at + 1)) {
      const type = this.#types[digits.length - 1 - at];
      if (type) types.push(type);
    }
    return types;
  }

  /** Whether every possible type declares the same return type. Implementing types can narrow it. */
  hasUniformReturnType(type: GraphQLCompositeType, fieldName: string): boolean {
    if (!isInterfaceType(type)) return true;
    const key = `${type.name}.${fieldName}`;
    const known = this.#uniform.get(key);
    if (known !== undefined) return known;
    const declared = namedReturnType(type, fieldName);
    const isSame = this.schema
      .getPossibleTypes(type)
      .every((member) => namedReturnType(member, fieldName) === declared);
    if (declared !== undefined) this.#uniform.set(key, isSame);
    return isSame;
  }
}

/** The type that a field is declared with. */
export function declaredReturnType(
  type: GraphQLCompositeType,
  fieldName: string,
): GraphQLOutputType | undefined {
  return isObjectType(type) || isInterfaceType(type)
    ? type.getFields()[fieldName]?.type
    : undefined;
}

/** The composite type of the selections below a field. Undefined for leaf types. */
function namedReturnType(
  type: GraphQLCompositeType,
  fieldName: string,
): GraphQLCompositeType | undefined {
  const declared = declaredReturnType(type, fieldName);
  const named = declared && getNamedType(declared);
  return isCompositeType(named) ? named : undefined;
}

/** The parent of selections: the type in the document, and the object types that can occur there. */
export interface SelectionParent {
  readonly type: GraphQLCompositeType;
  /** The same object for the same types, within one plan. */
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

  /** Whether there is exactly one type. */
  get isSingle(): boolean {
    return this.bits !== 0n && (this.bits & (this.bits - 1n)) === 0n;
  }

  get types(): readonly GraphQLObjectType[] {
    this.#types ??= this.#list();
    return this.#types;
  }
}

/** Finds and caches the parents of the selections of one document. */
export class SelectionParents {
  readonly #possible: PossibleTypes;
  readonly #sets = new Map<bigint, TypeSet>();
  readonly #below = new Map<string, bigint>();
  #visitCount = 0;

  constructor(possible: PossibleTypes) {
    this.#possible = possible;
  }

  /** The number of types visited in sets: what the work grows with, besides the document. */
  get visitCount(): number {
    return this.#visitCount;
  }

  /** Call this when iterating over the types of a set. */
  countVisit(set: TypeSet): void {
    this.#visitCount += set.types.length;
  }

  of(type: GraphQLCompositeType): SelectionParent {
    return { type, possible: this.#set(this.#possible.bits(type)) };
  }

  /** Applies a type condition. Undefined if no type is left. */
  narrow(parent: SelectionParent, condition: string | undefined): SelectionParent | undefined {
    if (condition === undefined || condition === parent.type.name) return parent;
    const type = this.#possible.schema.getType(condition);
    if (!isCompositeType(type)) return undefined;
    const bits = parent.possible.bits & this.#possible.bits(type);
    return bits === 0n ? undefined : { type, possible: this.#set(bits) };
  }

  /** Combines several parents of the same selections. */
  union(all: readonly SelectionParent[]): SelectionParent {
    const [first] = all;
    if (first === undefined) throw new TypeError('There must be a parent.');
    const bits = all.reduce((combined, { possible }) => combined | possible.bits, 0n);
    return { type: first.type, possible: this.#set(bits) };
  }

  /** The parent of the selections below a field. Undefined if the field can have none. */
  below(parent: SelectionParent, fieldName: string): SelectionParent | undefined {
    const returned = namedReturnType(parent.type, fieldName);
    if (returned === undefined) return undefined;
    if (!isAbstractType(returned) || this.#possible.hasUniformReturnType(parent.type, fieldName)) {
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
    this.countVisit(set);
    for (const member of set.types) {
      const type = namedReturnType(member, fieldName);
      if (type !== undefined) bits |= this.#possible.bits(type);
    }
    return bits;
  }

  #set(bits: bigint): TypeSet {
    const known = this.#sets.get(bits);
    if (known !== undefined) return known;
    const set = new TypeSet(this.#sets.size, bits, () => this.#possible.list(bits));
    this.#sets.set(bits, set);
    return set;
  }
}
