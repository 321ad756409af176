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
export function namedReturn(
  type: GraphQLCompositeType,
  fieldName: string,
): GraphQLCompositeType | undefined {
  const declared = declaredReturn(type, fieldName);
  const named = declared && getNamedType(declared);
  return isCompositeType(named) ? named : undefined;
}
