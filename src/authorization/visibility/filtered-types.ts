import {
  type GraphQLArgument,
  GraphQLBoolean,
  GraphQLEnumType,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldConfigMap,
  type GraphQLInputField,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLInterfaceType,
  GraphQLList,
  type GraphQLNamedType,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLSchema,
  GraphQLString,
  GraphQLUnionType,
  getNamedType,
  getNullableType,
  isEnumType,
  isInputObjectType,
  isInputType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  isOutputType,
  isUnionType,
} from 'graphql';
import { defaultConfig, hasDefault } from '../../shared/input-defaults.ts';
import { argumentKey, defaultsKey, implementsKey, memberKey } from './visibility.ts';

/** A type with fields that operations select. */
export type Composite = GraphQLObjectType | GraphQLInterfaceType;

/** Whether the viewer can see the element with this key. */
export type IsShown = (key: string) => boolean;

/** The fields of a query type none of whose fields the viewer can use. */
const placeholderFields: GraphQLFieldConfigMap<unknown, unknown> = {
  _empty: {
    type: GraphQLBoolean,
    description:
      'A placeholder that cannot be selected: every type needs a field, and you cannot use any field of this one.',
  },
};

/** The types of a schema without what is hidden. Each is created when it is first needed. */
export class FilteredTypes {
  readonly #whole: GraphQLSchema;
  readonly #isShown: IsShown;
  readonly #types = new Map<string, GraphQLNamedType | undefined>();

  constructor(whole: GraphQLSchema, isShown: IsShown) {
    this.#whole = whole;
    this.#isShown = isShown;
  }

  get(name: string): GraphQLNamedType | undefined {
    if (this.#types.has(name)) return this.#types.get(name);
    const type = this.#whole.getType(name);
    // Names come from clients: unknown ones are not cached.
    if (type === undefined) return undefined;
    const isShown =
      isIntrospectionType(type) ||
      // Introspection itself returns these.
      name === GraphQLString.name ||
      name === GraphQLBoolean.name ||
      this.#isShown(name);
    const shown = isShown ? this.#create(type) : undefined;
    this.#types.set(name, shown);
    return shown;
  }

  /** The filtered version of an object type. Undefined if it is hidden. */
  getObject(type: GraphQLObjectType | null | undefined): GraphQLObjectType | undefined {
    const shown = type ? this.get(type.name) : undefined;
    return isObjectType(shown) ? shown : undefined;
  }

  getInterface({ name }: GraphQLInterfaceType): GraphQLInterfaceType {
    const type = this.get(name);
    if (!isInterfaceType(type)) throw new TypeError(`The interface ${name} is not shown.`);
    return type;
  }

  /** The shown arguments of a field (`Query.posts`) or a directive (`@cost`). */
  arguments(owner: string, args: readonly GraphQLArgument[]): GraphQLFieldConfigArgumentMap {
    return Object.fromEntries(
      args
        .filter(({ name }) => this.#isShown(argumentKey(owner, name)))
        .map((argument) => [argument.name, this.#inputConfig(argument)]),
    );
  }

  #create(type: GraphQLNamedType): GraphQLNamedType {
    const { name, description } = type;
    if (isIntrospectionType(type)) return type;
    if (isObjectType(type)) {
      return new GraphQLObjectType({
        name,
        description,
        interfaces: () => this.#interfacesOf(type),
        fields: () => this.#fieldsOf(type),
      });
    }
    if (isInterfaceType(type)) {
      return new GraphQLInterfaceType({
        name,
        description,
        interfaces: () => this.#interfacesOf(type),
        fields: () => this.#fieldsOf(type),
      });
    }
    if (isUnionType(type)) {
      return new GraphQLUnionType({
        name,
        description,
        types: () =>
          type
            .getTypes()
            .filter((member) => this.#isShown(memberKey(name, member.name)))
            .flatMap((member) => this.getObject(member) ?? []),
      });
    }
    if (isEnumType(type)) {
      return new GraphQLEnumType({
        name,
        description,
        values: Object.fromEntries(
          type
            .getValues()
            .filter((value) => this.#isShown(`${name}.${value.name}`))
            .map(({ name: key, value, description: text, deprecationReason }) => [
              key,
              { value, description: text, deprecationReason },
            ]),
        ),
      });
    }
    if (isInputObjectType(type)) {
      return new GraphQLInputObjectType({
        name,
        description,
        isOneOf: type.isOneOf,
        fields: () =>
          Object.fromEntries(
            Object.values(type.getFields())
              .filter((field) => this.#isShown(`${name}.${field.name}`))
              .map((field) => [field.name, this.#inputConfig(field)]),
          ),
      });
    }
    return type;
  }

  #fieldsOf(type: Composite): GraphQLFieldConfigMap<unknown, unknown> {
    const fields = Object.values(type.getFields()).filter(({ name }) =>
      this.#isShown(`${type.name}.${name}`),
    );
    // Only the query type is shown without fields.
    if (fields.length === 0) return placeholderFields;
    return Object.fromEntries(
      fields.map(({ name, description, deprecationReason, type: returned, args }) => [
        name,
        {
          description,
          deprecationReason,
          type: this.#output(returned),
          args: this.arguments(`${type.name}.${name}`, args),
        },
      ]),
    );
  }

  #inputConfig(input: GraphQLArgument | GraphQLInputField) {
    const { type, description, deprecationReason } = input;
    const named = getNamedType(type);
    // Do not show a default that could contain something hidden.
    const hidesDefault =
      hasDefault(input) &&
      (isEnumType(named) || isInputObjectType(named)) &&
      !this.#isShown(defaultsKey(named.name));
    return {
      description,
      deprecationReason,
      type: this.#input(hidesDefault ? getNullableType(type) : type),
      ...(hidesDefault ? {} : defaultConfig(input)),
    };
  }

  #interfacesOf(type: Composite): GraphQLInterfaceType[] {
    return type
      .getInterfaces()
      .filter((parent) => this.#isShown(implementsKey(type.name, parent.name)))
      .map((parent) => this.getInterface(parent));
  }

  #output(type: GraphQLOutputType): GraphQLOutputType {
    if (isNonNullType(type)) {
      const inner = this.#output(type.ofType);
      return isNonNullType(inner) ? inner : new GraphQLNonNull(inner);
    }
    if (isListType(type)) return new GraphQLList(this.#output(type.ofType));
    const shown = this.get(type.name);
    if (!isOutputType(shown)) throw new TypeError(`The type ${type.name} is not shown.`);
    return shown;
  }

  #input(type: GraphQLInputType): GraphQLInputType {
    if (isNonNullType(type)) {
      const inner = this.#input(type.ofType);
      return isNonNullType(inner) ? inner : new GraphQLNonNull(inner);
    }
    if (isListType(type)) return new GraphQLList(this.#input(type.ofType));
    const shown = this.get(type.name);
    if (!isInputType(shown)) throw new TypeError(`The type ${type.name} is not shown.`);
    return shown;
  }
}
