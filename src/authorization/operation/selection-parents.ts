import {
  type GraphQLCompositeType,
  type GraphQLObjectType,
  isAbstractType,
  isCompositeType,
} from 'graphql';
import { namedReturn, type PossibleTypes } from './possible-types.ts';

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
