import {
  type GraphQLArgument,
  type GraphQLCompositeType,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  isAbstractType,
  isCompositeType,
  isInputObjectType,
  isInterfaceType,
  isListType,
  isObjectType,
} from 'graphql';
import { isEntitiesField } from '../authorization/rules/subgraph-fields.ts';
import { defaultOf, hasDefault } from '../shared/input-defaults.ts';
import { CostDirectiveError } from './cost-directive-error.ts';
import { type DeclaredCosts, type ListSize, readDeclaredCosts } from './declared-costs.ts';

/** What the value of an argument or input field costs. */
export interface InputCosts {
  /** Of each value: of the items, if it is a list. */
  readonly weight: number;
  readonly isList: boolean;
  /** The costs of the fields of an input object, by name. Undefined for scalars and enums. */
  readonly fields: (() => ReadonlyMap<string, InputCosts>) | undefined;
}

/** What a selection of a field costs. */
export interface FieldCosts {
  readonly coordinate: string;
  /** Of each value. */
  readonly weight: number;
  /** How many lists are around a value. */
  readonly lists: number;
  /** What says how long the list is. None: the default. */
  readonly sizes: readonly ListSize[];
  /** The sizes that the defaults of arguments stand for. */
  readonly slicingDefaults: ReadonlyMap<string, number>;
  readonly args: ReadonlyMap<string, InputCosts>;
}

/** What the fields of a schema cost. Looked up when they are first selected. */
export class SchemaCosts {
  readonly schema: GraphQLSchema;
  readonly #declared: DeclaredCosts;
  readonly #fields = new WeakMap<GraphQLCompositeType, Map<string, FieldCosts | undefined>>();
  readonly #inputs = new WeakMap<GraphQLNamedType, ReadonlyMap<string, InputCosts>>();
  readonly #directives = new Map<string, ReadonlyMap<string, InputCosts>>();

  /** @throws {CostDirectiveError} If cost directives cannot be applied as written. */
  constructor(schema: GraphQLSchema) {
    this.schema = schema;
    this.#declared = readDeclaredCosts(schema);
    if (this.#declared.problems.length > 0) throw new CostDirectiveError(this.#declared.problems);
  }

  /** The costs of a field. Undefined for `__typename`, and for what the type does not have. */
  field(parent: GraphQLCompositeType, name: string): FieldCosts | undefined {
    if (!isObjectType(parent) && !isInterfaceType(parent)) return undefined;
    const known = this.#fields.get(parent) ?? new Map<string, FieldCosts | undefined>();
    this.#fields.set(parent, known);
    if (known.has(name)) return known.get(name);
    const field = parent.getFields()[name];
    const costs = field && this.#describe(parent, field);
    // Names that do not exist come from clients.
    if (costs !== undefined) known.set(name, costs);
    return costs;
  }

  /** The costs of the arguments of a directive that operations use. */
  directive(name: string): ReadonlyMap<string, InputCosts> {
    const known = this.#directives.get(name);
    if (known !== undefined) return known;
    const directive = this.schema.getDirective(name);
    if (!directive) return noInputs;
    const costs = this.#describeInputs(`@${name}`, directive.args);
    this.#directives.set(name, costs);
    return costs;
  }

  #describe(
    parent: GraphQLObjectType | GraphQLInterfaceType,
    field: GraphQLField<unknown, unknown>,
  ): FieldCosts {
    // What a field of an interface costs depends on the object: the most that it can be.
    const parents = isInterfaceType(parent)
      ? [parent, ...this.schema.getPossibleTypes(parent)]
      : [parent];
    const all = parents.flatMap((type) => {
      const own = type.getFields()[field.name];
      return own ? [{ type, own, coordinate: `${type.name}.${field.name}` }] : [];
    });
    const args = new Map<string, InputCosts>();
    for (const { own, coordinate } of all) {
      for (const [name, costs] of this.#describeInputs(coordinate, own.args)) {
        const other = args.get(name);
        args.set(name, other && other.weight > costs.weight ? other : costs);
      }
    }
    return {
      coordinate: `${parent.name}.${field.name}`,
      weight: Math.max(
        ...all.map(
          ({ own, coordinate }) =>
            this.#declared.weights.get(coordinate) ?? this.#weightOf(getNamedType(own.type)),
        ),
      ),
      lists: countLists(field.type),
      sizes: this.#describeSizes(
        all.map(({ type }) => type),
        field.name,
      ),
      slicingDefaults: largestDefaults(all.flatMap(({ own }) => own.args)),
      args,
    };
  }

  /** The sizes of a field of several types. Where some declare one, the objects that do not have the default. */
  #describeSizes(
    types: readonly (GraphQLObjectType | GraphQLInterfaceType)[],
    name: string,
  ): readonly ListSize[] {
    const sizes = types.flatMap((type) => this.#sizesOf(type, name));
    const isOpen = types.some(
      (type) => isObjectType(type) && this.#sizesOf(type, name).length === 0,
    );
    return sizes.length > 0 && isOpen ? [...sizes, openSize] : sizes;
  }

  /** The size that a field declares, or else those of its interfaces. */
  #sizesOf(type: GraphQLObjectType | GraphQLInterfaceType, name: string): readonly ListSize[] {
    const field = type.getFields()[name];
    if (field && isEntitiesField(this.schema, type, field)) return [entitiesSize];
    const coordinates = [type, ...type.getInterfaces()].map((one) => `${one.name}.${name}`);
    const [own, ...others] = coordinates.map((one) => this.#declared.listSizes.get(one));
    return own ? [own] : others.flatMap((size) => size ?? []);
  }

  #weightOf(type: GraphQLNamedType): number {
    const declared = this.#declared.weights.get(type.name);
    if (declared !== undefined) return declared;
    if (isAbstractType(type)) {
      const possible = this.schema.getPossibleTypes(type);
      return Math.max(0, ...possible.map((one) => this.#weightOf(one)));
    }
    return isCompositeType(type) || isInputObjectType(type) ? 1 : 0;
  }

  #describeInputs(
    coordinate: string,
    inputs: readonly GraphQLArgument[],
  ): ReadonlyMap<string, InputCosts> {
    return new Map(
      inputs.map((one) => [one.name, this.#describeInput(`${coordinate}(${one.name}:)`, one)]),
    );
  }

  #describeInput(coordinate: string, input: GraphQLArgument | GraphQLInputField): InputCosts {
    const type = getNamedType(input.type);
    return {
      weight: this.#declared.weights.get(coordinate) ?? this.#weightOf(type),
      isList: isListType(getNullableType(input.type)),
      fields: isInputObjectType(type)
        ? () => {
            const known = this.#inputs.get(type);
            if (known !== undefined) return known;
            const fields = Object.values(type.getFields());
            const costs = new Map(
              fields.map((one) => [one.name, this.#describeInput(`${type.name}.${one.name}`, one)]),
            );
            this.#inputs.set(type, costs);
            return costs;
          }
        : undefined,
    };
  }
}

const noInputs: ReadonlyMap<string, InputCosts> = new Map();

/** The size of a list about which nothing is declared. */
const openSize: ListSize = {
  assumedSize: undefined,
  slicingArguments: [],
  sizedFields: [],
  requiresOneArgument: false,
};

function countLists(type: GraphQLOutputType): number {
  const nullable = getNullableType(type);
  return isListType(nullable) ? 1 + countLists(nullable.ofType) : 0;
}

/** Libraries for subgraphs add `_entities`, which cannot have a directive: one entity for each representation. */
const entitiesSize: ListSize = { ...openSize, slicingArguments: ['representations'] };

/** By name, the largest size that a default stands for: each type can have its own. */
function largestDefaults(args: readonly GraphQLArgument[]): ReadonlyMap<string, number> {
  const defaults = new Map<string, number>();
  for (const argument of args) {
    const given = hasDefault(argument) ? defaultOf(argument) : undefined;
    const value = Array.isArray(given) ? given.length : given;
    if (typeof value !== 'number') continue;
    defaults.set(argument.name, Math.max(value, defaults.get(argument.name) ?? value));
  }
  return defaults;
}
