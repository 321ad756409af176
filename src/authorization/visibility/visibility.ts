import {
  type GraphQLArgument,
  type GraphQLInputField,
  type GraphQLInterfaceType,
  type GraphQLNamedType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
  isRequiredInputField,
  isSpecifiedDirective,
  isUnionType,
} from 'graphql';
import { hasDefault } from '../../shared/input-defaults.ts';
import type { Requirement, Rule } from '../directives/requirement.ts';
import type { SchemaRules } from '../rules/schema-rules.ts';
import { ElementGraph } from './element-graph.ts';

/** An argument of a field (`Query.posts`) or a directive (`@cost`). */
export const argumentKey = (owner: string, name: string): string => `${owner}(${name}:)`;
/** The relation that a type implements an interface. */
export const implementsKey = (type: string, parent: string): string => `${type} < ${parent}`;
/** The relation that a type is a member of a union. */
export const memberKey = (union: string, member: string): string => `${union} > ${member}`;
/** Shown if nothing in an input type is hidden, so that its defaults can be shown. */
export const defaultsKey = (type: string): string => `${type} =`;

/** What an element requires to be shown: all of `all`, and one of `anyOf`. */
interface ElementCondition {
  readonly element: number;
  readonly all: readonly number[];
  readonly anyOf: readonly (readonly number[])[];
}

/**
 * Determines what of a schema is shown to viewers who meet some of its requirements. Each type, field,
 * argument, input field, enum value, union member and implemented interface can be hidden. To keep the
 * schema valid, that also hides fields without their type, types without fields, input types without a
 * required field, interfaces that an implementing type no longer conforms to, and unreachable types.
 */
export class Visibility {
  /** The distinct requirements of all conditions. */
  readonly requirements: readonly Requirement[];
  readonly #graph = new ElementGraph();
  readonly #conditions: ElementCondition[] = [];
  readonly #queryType: number | undefined;

  constructor(schema: GraphQLSchema, rules: SchemaRules) {
    const requirements: Requirement[] = [];
    const byKey = new Map<string, number>();
    const indexes = new Map<Requirement, number>();
    const indexOf = (requirement: Requirement): number => {
      const known = indexes.get(requirement);
      if (known !== undefined) return known;
      const key = JSON.stringify([requirement.scopes, requirement.claims]);
      const index = byKey.get(key) ?? requirements.push(requirement) - 1;
      byKey.set(key, index);
      indexes.set(requirement, index);
      return index;
    };
    const indexesOf = (rule: Rule): number[] => [...new Set(rule.map(indexOf))];
    const addCondition = (element: number, rule: Rule = [], anyOf: readonly Rule[] = []): void => {
      if (rule.length === 0 && anyOf.length === 0) return;
      this.#conditions.push({ element, all: indexesOf(rule), anyOf: anyOf.map(indexesOf) });
    };

    for (const type of Object.values(schema.getTypeMap())) {
      if (isIntrospectionType(type)) continue;
      const own = this.#graph.add(type.name);
      addCondition(own, rules.type(type.name));
      if (isObjectType(type) || isInterfaceType(type)) {
        for (const field of Object.values(type.getFields())) {
          const { rule, anyOf, inputs } = rules.field(type.name, field.name);
          const element = this.#addMember(type, field.name, field);
          addCondition(element, rule, anyOf);
          for (const one of field.args) {
            const argument = this.#addArgument(own, element, `${type.name}.${field.name}`, one);
            addCondition(argument, inputs.get(one.name)?.rule);
          }
        }
        for (const parent of type.getInterfaces()) this.#addRelation(type, parent);
      } else if (isInputObjectType(type)) {
        const inputs = rules.inputFields(type);
        for (const field of Object.values(type.getFields())) {
          const element = this.#addMember(type, field.name, field);
          addCondition(element, inputs.get(field.name)?.rule);
          this.#addInputField(type, field, element);
        }
      } else if (isEnumType(type)) {
        const values = rules.enumValues(type);
        for (const { name } of type.getValues()) {
          const element = this.#addMember(type, name);
          addCondition(element, values?.get(name));
          this.#graph.hidesToo(element, this.#graph.add(defaultsKey(type.name)));
        }
      } else if (isUnionType(type)) {
        for (const member of type.getTypes()) this.#addUnionMember(own, type.name, member.name);
      }
    }
    this.requirements = requirements;

    for (const directive of schema.getDirectives()) {
      if (isSpecifiedDirective(directive)) continue;
      const element = this.#graph.add(`@${directive.name}`);
      this.#graph.isRoot(element);
      for (const one of directive.args) {
        this.#addArgument(element, element, `@${directive.name}`, one);
      }
    }
    const root = (type: GraphQLObjectType | null | undefined): number | undefined => {
      if (!type) return undefined;
      const element = this.#graph.add(type.name);
      this.#graph.isRoot(element);
      return element;
    };
    this.#queryType = root(schema.getQueryType());
    root(schema.getMutationType());
    root(schema.getSubscriptionType());
  }

  /** Finds what is hidden if these requirements are met: 1 for each hidden element. */
  findHidden(isMet: (requirement: number) => boolean): Uint8Array {
    const denied = this.#conditions.filter(
      ({ all, anyOf }) =>
        !all.every(isMet) || (anyOf.length > 0 && !anyOf.some((one) => one.every(isMet))),
    );
    // Introspection starts at the query type, even if the viewer can use none of its fields.
    return this.#graph.hide(
      denied.map(({ element }) => element),
      this.#queryType,
    );
  }

  /** Whether the element exists and is not hidden. */
  isShown(key: string, hidden: Uint8Array): boolean {
    const element = this.#graph.find(key);
    return element !== undefined && hidden[element] === 0;
  }

  /** Adds a field, input field or enum value. */
  #addMember(
    type: GraphQLNamedType,
    name: string,
    field?: { readonly type: Parameters<typeof getNamedType>[0] },
  ): number {
    const own = this.#graph.add(type.name);
    const element = this.#graph.add(`${type.name}.${name}`);
    this.#graph.isMemberOf(element, own);
    const named = field && getNamedType(field.type);
    if (named) {
      const target = this.#graph.add(named.name);
      this.#graph.hidesToo(target, element);
      this.#graph.reaches(own, element, target);
    }
    return element;
  }

  #addArgument(type: number, owner: number, ownerKey: string, argument: GraphQLArgument): number {
    const element = this.#graph.add(argumentKey(ownerKey, argument.name));
    const target = this.#graph.add(getNamedType(argument.type).name);
    this.#graph.hidesToo(target, element);
    this.#graph.hidesToo(owner, element);
    if (isRequiredArgument(argument)) this.#graph.hidesToo(element, owner);
    this.#graph.reaches(type, element, target);
    return element;
  }

  #addInputField(type: GraphQLNamedType, field: GraphQLInputField, element: number): void {
    const defaults = this.#graph.add(defaultsKey(type.name));
    this.#graph.hidesToo(element, defaults);
    this.#graph.hidesToo(this.#graph.add(defaultsKey(getNamedType(field.type).name)), defaults);
    if (isRequiredInputField(field)) this.#graph.hidesToo(element, this.#graph.add(type.name));
  }

  #addUnionMember(union: number, unionName: string, memberName: string): void {
    const member = this.#graph.add(memberName);
    const element = this.#graph.add(memberKey(unionName, memberName));
    this.#graph.isMemberOf(element, union);
    this.#graph.hidesToo(member, element);
    this.#graph.reaches(union, element, member);
  }

  /** What an implementing type must show of what its interface shows. */
  #addRelation(type: GraphQLObjectType | GraphQLInterfaceType, parent: GraphQLInterfaceType): void {
    const graph = this.#graph;
    const own = graph.add(type.name);
    const above = graph.add(parent.name);
    const relation = graph.add(implementsKey(type.name, parent.name));
    graph.hidesToo(own, relation);
    graph.hidesToo(above, relation);
    graph.reaches(own, relation, above);
    graph.reaches(above, relation, own);
    const needs = (ifShown: string, needed: string): void =>
      graph.conforms({ ifShown: graph.add(ifShown), needed: graph.add(needed), relation });

    for (const { name } of parent.getInterfaces()) {
      needs(implementsKey(parent.name, name), implementsKey(type.name, name));
    }
    const fields = type.getFields();
    for (const declared of Object.values(parent.getFields())) {
      const field = fields[declared.name];
      if (field === undefined) continue;
      const declaredKey = `${parent.name}.${declared.name}`;
      const fieldKey = `${type.name}.${declared.name}`;
      needs(declaredKey, fieldKey);
      const [returned, promised] = [getNamedType(field.type), getNamedType(declared.type)];
      if (returned !== promised) {
        const key = isUnionType(promised) ? memberKey : implementsKey;
        const [of, to] = isUnionType(promised) ? [promised, returned] : [returned, promised];
        needs(declaredKey, key(of.name, to.name));
      }
      for (const one of declared.args) {
        const argument = field.args.find(({ name }) => name === one.name);
        const argumentOfParent = argumentKey(declaredKey, one.name);
        needs(argumentOfParent, argumentKey(fieldKey, one.name));
        // Without its default, a required type is shown as an optional one.
        const hasOneDefault = (argument !== undefined && hasDefault(argument)) !== hasDefault(one);
        if (hasOneDefault && isNonNullType(one.type)) {
          needs(argumentOfParent, defaultsKey(getNamedType(one.type).name));
        }
      }
    }
  }
}
