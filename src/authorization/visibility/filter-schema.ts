import {
  type GraphQLAbstractType,
  type GraphQLArgument,
  GraphQLBoolean,
  GraphQLDirective,
  GraphQLEnumType,
  type GraphQLFieldConfigArgumentMap,
  type GraphQLFieldConfigMap,
  GraphQLInputObjectType,
  type GraphQLInputType,
  GraphQLInterfaceType,
  GraphQLList,
  type GraphQLNamedType,
  GraphQLNonNull,
  GraphQLObjectType,
  type GraphQLOutputType,
  GraphQLSchema,
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
  isSpecifiedDirective,
  isUnionType,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Viewer } from '../../authentication/viewer.ts';
import { guardOf } from '../operation/guard.ts';
import { findUnmet } from '../rules/unmet.ts';
import { argumentKey, defaultsKey, implementsKey, memberKey, Visibility } from './visibility.ts';

type Composite = GraphQLObjectType | GraphQLInterfaceType;

/** What a query type is shown with when the viewer can use none of its fields. */
const nothing: GraphQLFieldConfigMap<unknown, unknown> = {
  _empty: {
    type: GraphQLBoolean,
    description:
      'A placeholder that cannot be selected: every type needs a field, and you can use none of this one.',
  },
};

/**
 * The part of a schema that is shown, as a schema of its own: for introspection, validation and
 * coercion, not for executing operations on data. Its types are made when they are first looked
 * at, so that a question about one type costs one type.
 */
class FilteredSchema extends GraphQLSchema {
  readonly #whole: GraphQLSchema;
  readonly #isShown: (key: string) => boolean;
  readonly #types = new Map<string, GraphQLNamedType | undefined>();
  #typeMap: Record<string, GraphQLNamedType> | undefined;
  #directives: readonly GraphQLDirective[] | undefined;

  constructor(whole: GraphQLSchema, isShown: (key: string) => boolean) {
    super({ description: whole.description, directives: [], assumeValid: true });
    this.#whole = whole;
    this.#isShown = isShown;
  }

  override getQueryType(): GraphQLObjectType | null | undefined {
    return this.#object(this.#whole.getQueryType());
  }

  override getMutationType(): GraphQLObjectType | null | undefined {
    return this.#object(this.#whole.getMutationType());
  }

  override getSubscriptionType(): GraphQLObjectType | null | undefined {
    return this.#object(this.#whole.getSubscriptionType());
  }

  override getTypeMap(): Record<string, GraphQLNamedType> {
    if (this.#typeMap === undefined) {
      // Without a prototype: validation looks names of clients up in it.
      const types: Record<string, GraphQLNamedType> = Object.create(null);
      for (const name of Object.keys(this.#whole.getTypeMap())) {
        const type = this.getType(name);
        if (type) types[name] = type;
      }
      this.#typeMap = types;
    }
    return this.#typeMap;
  }

  override getType(name: string): GraphQLNamedType | undefined {
    if (this.#types.has(name)) return this.#types.get(name);
    const type = this.#whole.getType(name);
    // Names come from clients: those that are not there are not kept.
    if (type === undefined) return undefined;
    const isShown =
      isIntrospectionType(type) ||
      // Introspection itself returns these.
      name === GraphQLString.name ||
      name === GraphQLBoolean.name ||
      this.#isShown(name);
    const shown = isShown ? this.#make(type) : undefined;
    this.#types.set(name, shown);
    return shown;
  }

  override getPossibleTypes(abstractType: GraphQLAbstractType): readonly GraphQLObjectType[] {
    return isUnionType(abstractType)
      ? abstractType.getTypes()
      : this.getImplementations(abstractType).objects;
  }

  override getImplementations(interfaceType: GraphQLInterfaceType): {
    objects: readonly GraphQLObjectType[];
    interfaces: readonly GraphQLInterfaceType[];
  } {
    const whole = this.#whole.getType(interfaceType.name);
    if (!isInterfaceType(whole)) return { objects: [], interfaces: [] };
    const implementers = this.#whole.getImplementations(whole);
    const isLeft = ({ name }: Composite): boolean =>
      this.#isShown(implementsKey(name, whole.name)) && this.#isShown(name);
    return {
      objects: implementers.objects.filter(isLeft).flatMap((one) => this.#object(one) ?? []),
      interfaces: implementers.interfaces.filter(isLeft).map((one) => this.#interface(one)),
    };
  }

  override isSubType(abstractType: GraphQLAbstractType, maybeSubType: Composite): boolean {
    const key = isUnionType(abstractType)
      ? memberKey(abstractType.name, maybeSubType.name)
      : implementsKey(maybeSubType.name, abstractType.name);
    return this.#isShown(key) && this.#isShown(maybeSubType.name);
  }

  override getDirectives(): readonly GraphQLDirective[] {
    this.#directives ??= this.#whole.getDirectives().flatMap((directive) => {
      if (isSpecifiedDirective(directive)) return [directive];
      if (!this.#isShown(`@${directive.name}`)) return [];
      const { astNode: _, ...config } = directive.toConfig();
      return [
        new GraphQLDirective({
          ...config,
          args: this.#arguments(`@${directive.name}`, directive.args),
        }),
      ];
    });
    return this.#directives;
  }

  override getDirective(name: string): GraphQLDirective | undefined {
    return this.getDirectives().find((directive) => directive.name === name);
  }

  #make(type: GraphQLNamedType): GraphQLNamedType {
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
            .flatMap((member) => this.#object(member) ?? []),
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
    // The query type alone is shown without fields.
    if (fields.length === 0) return nothing;
    return Object.fromEntries(
      fields.map(({ name, description, deprecationReason, type: returned, args }) => [
        name,
        {
          description,
          deprecationReason,
          type: this.#output(returned),
          args: this.#arguments(`${type.name}.${name}`, args),
        },
      ]),
    );
  }

  #arguments(of: string, args: readonly GraphQLArgument[]): GraphQLFieldConfigArgumentMap {
    return Object.fromEntries(
      args
        .filter(({ name }) => this.#isShown(argumentKey(of, name)))
        .map((argument) => [argument.name, this.#inputConfig(argument)]),
    );
  }

  #inputConfig({
    type,
    defaultValue,
    description,
    deprecationReason,
  }: Pick<GraphQLArgument, 'type' | 'defaultValue' | 'description' | 'deprecationReason'>) {
    const named = getNamedType(type);
    // A default could hold what is hidden in its type; then it is not shown.
    const hidesDefault =
      defaultValue !== undefined &&
      (isEnumType(named) || isInputObjectType(named)) &&
      !this.#isShown(defaultsKey(named.name));
    return {
      description,
      deprecationReason,
      type: this.#input(hidesDefault ? getNullableType(type) : type),
      defaultValue: hidesDefault ? undefined : defaultValue,
    };
  }

  #interfacesOf(type: Composite): GraphQLInterfaceType[] {
    return type
      .getInterfaces()
      .filter((parent) => this.#isShown(implementsKey(type.name, parent.name)))
      .map((parent) => this.#interface(parent));
  }

  #interface({ name }: GraphQLInterfaceType): GraphQLInterfaceType {
    const type = this.getType(name);
    if (!isInterfaceType(type)) throw new TypeError(`The interface ${name} is not shown.`);
    return type;
  }

  #object(type: GraphQLObjectType | null | undefined): GraphQLObjectType | undefined {
    const shown = type ? this.getType(type.name) : undefined;
    return isObjectType(shown) ? shown : undefined;
  }

  #output(type: GraphQLOutputType): GraphQLOutputType {
    if (isNonNullType(type)) {
      const inner = this.#output(type.ofType);
      return isNonNullType(inner) ? inner : new GraphQLNonNull(inner);
    }
    if (isListType(type)) return new GraphQLList(this.#output(type.ofType));
    const shown = this.getType(type.name);
    if (!isOutputType(shown)) throw new TypeError(`The type ${type.name} is not shown.`);
    return shown;
  }

  #input(type: GraphQLInputType): GraphQLInputType {
    if (isNonNullType(type)) {
      const inner = this.#input(type.ofType);
      return isNonNullType(inner) ? inner : new GraphQLNonNull(inner);
    }
    if (isListType(type)) return new GraphQLList(this.#input(type.ofType));
    const shown = this.getType(type.name);
    if (!isInputType(shown)) throw new TypeError(`The type ${type.name} is not shown.`);
    return shown;
  }
}

/** What is remembered of one schema for all viewers, in bytes. */
const maxBytes = 4_000_000;

/**
 * Gives each viewer the part of a guarded schema that they could use: without the fields,
 * arguments, input fields, enum values and types whose rules require a token, scopes or claims that
 * the viewer lacks, and without what can only be reached through those. What a new sign-in or a
 * policy may still decide stays. It is always a valid schema.
 *
 * What is hidden is worked out once for each set of requirements that are met. Nothing else of a
 * viewer goes in, so viewers who are alike share it.
 *
 * @throws {TypeError} When the schema is not the result of `guardSchema`.
 */
export function createSchemaFilter(guarded: GraphQLSchema): (viewer: Viewer) => GraphQLSchema {
  const { rules, now } = guardOf(guarded);
  const visibility = new Visibility(guarded, rules);
  const known = new LRUCache<string, Uint8Array>({
    maxSize: maxBytes,
    sizeCalculation: (hidden, met) => hidden.length + 2 * met.length,
  });

  return function schemaFor(viewer) {
    const met = visibility.requirements.map((requirement) => {
      const kind = findUnmet([requirement], viewer, now)?.kind;
      return kind === undefined || kind === 'step-up';
    });
    const key = met.map(Number).join('');
    const hidden = known.get(key) ?? visibility.hidden((requirement) => met[requirement] === true);
    known.set(key, hidden);
    return new FilteredSchema(guarded, (element) => visibility.isShown(element, hidden));
  };
}
