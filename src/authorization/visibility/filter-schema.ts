import {
  type GraphQLAbstractType,
  GraphQLDirective,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  GraphQLSchema,
  isInterfaceType,
  isSpecifiedDirective,
  isUnionType,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Viewer } from '../../authentication/viewer.ts';
import { guardOf } from '../operation/guard.ts';
import { findUnmet } from '../rules/unmet.ts';
import { type Composite, FilteredTypes, type IsShown } from './filtered-types.ts';
import { implementsKey, memberKey, Visibility } from './visibility.ts';

/** Maximum size of the cache of one schema, in bytes. */
const maxBytes = 4_000_000;

/**
 * Creates a function that returns the part of a guarded schema that a viewer can use, as a valid schema:
 * without the fields, arguments, input fields, enum values and types whose rules require a token, scopes or
 * claims that the viewer lacks, and without what is reachable only through those. What a policy or a new
 * sign-in could still allow is included. This folder must not know how operations are executed, or HTTP.
 *
 * What is hidden is cached for each set of requirements that are met, and nothing else about a viewer is
 * used: equivalent viewers share the result.
 *
 * @throws {TypeError} If the schema is not the result of `guardSchema`.
 */
export function createSchemaFilter(guarded: GraphQLSchema): (viewer: Viewer) => GraphQLSchema {
  const { rules, now } = guardOf(guarded);
  const visibility = new Visibility(guarded, rules);
  const cache = new LRUCache<string, Uint8Array>({
    maxSize: maxBytes,
    sizeCalculation: (hidden, met) => hidden.length + 2 * met.length,
  });

  return function filterSchema(viewer) {
    const met = visibility.requirements.map((requirement) => {
      const kind = findUnmet([requirement], viewer, now)?.kind;
      return kind === undefined || kind === 'step-up';
    });
    const key = met.map(Number).join('');
    const hidden = cache.get(key) ?? visibility.findHidden((index) => met[index] === true);
    cache.set(key, hidden);
    return new FilteredSchema(guarded, (element) => visibility.isShown(element, hidden));
  };
}

/**
 * The part of a schema that is shown, as a schema: for introspection, validation and coercion, not for
 * executing operations on data. Its types are created when they are first needed, so that introspecting
 * one type costs one type.
 */
class FilteredSchema extends GraphQLSchema {
  readonly #whole: GraphQLSchema;
  readonly #isShown: IsShown;
  readonly #types: FilteredTypes;
  #typeMap: Record<string, GraphQLNamedType> | undefined;
  #directives: readonly GraphQLDirective[] | undefined;

  constructor(whole: GraphQLSchema, isShown: IsShown) {
    super({ description: whole.description, directives: [], assumeValid: true });
    this.#whole = whole;
    this.#isShown = isShown;
    this.#types = new FilteredTypes(whole, isShown);
  }

  override getQueryType(): GraphQLObjectType | null | undefined {
    return this.#types.getObject(this.#whole.getQueryType());
  }

  override getMutationType(): GraphQLObjectType | null | undefined {
    return this.#types.getObject(this.#whole.getMutationType());
  }

  override getSubscriptionType(): GraphQLObjectType | null | undefined {
    return this.#types.getObject(this.#whole.getSubscriptionType());
  }

  override getTypeMap(): Record<string, GraphQLNamedType> {
    if (this.#typeMap === undefined) {
      // No prototype: validation looks up names from clients in it.
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
    return this.#types.get(name);
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
    const isVisible = ({ name }: Composite): boolean =>
      this.#isShown(implementsKey(name, whole.name)) && this.#isShown(name);
    return {
      objects: implementers.objects
        .filter(isVisible)
        .flatMap((one) => this.#types.getObject(one) ?? []),
      interfaces: implementers.interfaces
        .filter(isVisible)
        .map((one) => this.#types.getInterface(one)),
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
          args: this.#types.arguments(`@${directive.name}`, directive.args),
        }),
      ];
    });
    return this.#directives;
  }

  override getDirective(name: string): GraphQLDirective | undefined {
    return this.getDirectives().find((directive) => directive.name === name);
  }
}
