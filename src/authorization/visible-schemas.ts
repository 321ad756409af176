import {
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import type { Viewer } from '../authentication/viewer.ts';
import { guardOf } from './guard.ts';
import type { Requirement, Rule } from './requirement.ts';
import type { SchemaRules } from './schema-rules.ts';
import { visibleSchema } from './visible-schema.ts';

/** Sets of facts whose schemas are kept: roles come in few. */
const most = 100;

/**
 * Gives each viewer the part of a guarded schema that they could use. It is made once for each set
 * of facts that the rules look at: which of the scopes and claims that any rule names the viewer
 * has. Nothing else of a viewer goes in, so one viewer's part serves everybody who is alike.
 */
export function visibleSchemas(guarded: GraphQLSchema): (viewer: Viewer) => GraphQLSchema {
  const requirements = [...new Set(allRules(guarded, guardOf(guarded).rules).flat())];
  const scopes = [...new Set(requirements.flatMap((one) => one.scopes?.flat() ?? []))];
  const claims = [...new Set(requirements.flatMap((one) => one.claims))];
  const made = new LRUCache<string, GraphQLSchema>({ max: most });

  return function schemaFor(viewer) {
    const facts = factsOf(viewer, scopes, claims);
    const known = made.get(facts);
    if (known) return known;
    const schema = visibleSchema(guarded, viewer);
    made.set(facts, schema);
    return schema;
  };
}

function factsOf(viewer: Viewer, scopes: readonly string[], claims: readonly string[]): string {
  if (viewer.kind === 'anonymous') return 'anonymous';
  return JSON.stringify([
    scopes.filter((scope) => viewer.scopes.has(scope)),
    claims.filter((name) => Object.hasOwn(viewer.claims, name) && viewer.claims[name] != null),
  ]);
}

function allRules(schema: GraphQLSchema, rules: SchemaRules): readonly Rule[] {
  return Object.values(schema.getTypeMap()).flatMap((type): readonly (readonly Requirement[])[] => {
    if (isIntrospectionType(type)) return [];
    const own = rules.type(type.name);
    if (isEnumType(type)) return [own, ...(rules.enumValues(type)?.values() ?? [])];
    if (isInputObjectType(type)) {
      return [own, ...[...rules.inputFields(type).values()].map((input) => input.rule)];
    }
    if (!isObjectType(type) && !isInterfaceType(type)) return [own];
    const fields = Object.keys(type.getFields()).map((name) => rules.field(type.name, name));
    return [
      own,
      ...fields.flatMap((field) => [
        field.rule,
        ...field.anyOf,
        ...[...field.inputs.values()].map((input) => input.rule),
      ]),
    ];
  });
}
