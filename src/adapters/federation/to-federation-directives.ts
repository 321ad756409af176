import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type FieldDefinitionNode,
  type GraphQLSchema,
  getNamedType,
  graphqlSync,
  isInterfaceType,
  isObjectType,
  isUnionType,
  Kind,
  type ObjectTypeDefinitionNode,
  type ObjectTypeExtensionNode,
  parse,
  print,
} from 'graphql';
import {
  type FederationLink,
  findFederationLink,
} from '../../authorization/directives/federation-directives.ts';
import type { Rule } from '../../authorization/directives/requirement.ts';
import { guardOf } from '../../authorization/operation/guard.ts';
import type { SchemaRules } from '../../authorization/rules/schema-rules.ts';
import { isSubgraphField } from '../../authorization/rules/subgraph-fields.ts';
import { importMissing, schemaDirectives, writeLinks } from './write-links.ts';
import { writeRule } from './write-rule.ts';

/** Options for `toFederationDirectives`. */
export interface FederationDirectivesOptions {
  /**
   * The names of the policies that the router evaluates. Others are left to the subgraph, such as those
   * that need the object. Default: all. A router refuses what has a policy that it does not know.
   */
  readonly policies?: readonly string[];
}

/**
 * Returns the SDL of a guarded subgraph with its rules as directives of Apollo Federation too, so that a
 * router refuses what the subgraph would refuse: `@authenticated`, `@requiresScopes` and `@policy`, which
 * the `@link` to Apollo Federation then imports, in the first version that has them. `@composeDirective`
 * and the `@link` that it needs are added for `@auth` and `@public`, so that they remain in the composed
 * schema.
 *
 * Rules of the schema, of interfaces and of unions stand on the fields and object types that they apply
 * to. The directives cannot express `claims`, `acr` and `maxAge`, nor rules on arguments, input types and
 * enum values: the subgraph alone enforces those.
 *
 * @throws {TypeError} If the schema is not the result of `guardSchema`, is not a subgraph of Apollo
 *   Federation 2, or a rule has more than 64 alternatives.
 *
 * @example
 * ```ts
 * import { buildSubgraphSchema } from '@apollo/subgraph';
 * import { guardSchema } from 'graphql-resource-server';
 * import { toFederationDirectives } from 'graphql-resource-server/federation';
 *
 * const schema = guardSchema(buildSubgraphSchema({ typeDefs, resolvers }));
 * const sdl = toFederationDirectives(schema);
 * ```
 */
export function toFederationDirectives(
  schema: GraphQLSchema,
  { policies }: FederationDirectivesOptions = {},
): string {
  const { rules } = guardOf(schema);
  const document = parse(readSubgraphSdl(schema), { noLocation: true });
  const found = findFederationLink(document.definitions.flatMap(schemaDirectives));
  if (found === undefined) {
    throw new TypeError(
      'The subgraph does not link Apollo Federation 2: add extend schema @link(url: "https://specs.apollo.dev/federation/v2.6", import: ["@key"]) to it.',
    );
  }
  const link = importMissing(found, document);
  const written = new Set<string>();
  const write = (
    coordinate: string,
    rule: Rule,
    directives: readonly ConstDirectiveNode[] = [],
  ): readonly ConstDirectiveNode[] => {
    // A type can have several definitions.
    if (written.has(coordinate)) return directives;
    written.add(coordinate);
    return writeRule({ coordinate, rule, directives, link, policies });
  };
  const definitions = document.definitions.map((definition): DefinitionNode => {
    switch (definition.kind) {
      case Kind.OBJECT_TYPE_DEFINITION:
      case Kind.OBJECT_TYPE_EXTENSION: {
        const type = definition.name.value;
        const fields = definition.fields?.map((field) => ({
          ...field,
          directives: isExternal(definition, field, link)
            ? (field.directives ?? [])
            : write(
                `${type}.${field.name.value}`,
                ownRule(schema, rules, type, field.name.value),
                field.directives,
              ),
        }));
        return {
          ...definition,
          directives: write(type, rules.type(type), definition.directives),
          ...(fields ? { fields } : {}),
        };
      }
      case Kind.SCALAR_TYPE_DEFINITION:
      case Kind.SCALAR_TYPE_EXTENSION:
      case Kind.ENUM_TYPE_DEFINITION:
      case Kind.ENUM_TYPE_EXTENSION: {
        const type = definition.name.value;
        return { ...definition, directives: write(type, rules.type(type), definition.directives) };
      }
      default:
        return definition;
    }
  });
  return `${print({ ...document, definitions: writeLinks(definitions, link) })}\n`;
}

/** The SDL that the subgraph gives to those who compose it. */
function readSubgraphSdl(schema: GraphQLSchema): string {
  if (schema.getQueryType()?.getFields()['_service'] === undefined) {
    throw new TypeError(
      'The schema is not a subgraph, because it has no Query._service: build it with buildSubgraphSchema of @apollo/subgraph.',
    );
  }
  const sdl = executeService(schema);
  if (sdl !== undefined) return sdl;
  throw new TypeError(
    'The SDL of the subgraph, _service.sdl, cannot be read. If @auth is on the query type, it applies to _service too: write it on the schema, or on the fields.',
  );
}

function executeService(schema: GraphQLSchema): string | undefined {
  try {
    const { data } = graphqlSync({ schema, source: '{ _service { sdl } }' });
    const service: unknown = data?.['_service'];
    const sdl: unknown =
      typeof service === 'object' && service !== null && 'sdl' in service ? service.sdl : undefined;
    return typeof sdl === 'string' ? sdl : undefined;
  } catch {
    // A resolver is asynchronous, or rejects.
    return undefined;
  }
}

/** The rule of a field without what the router takes from its parent type and its return type. */
function ownRule(
  schema: GraphQLSchema,
  rules: SchemaRules,
  typeName: string,
  fieldName: string,
): Rule {
  const type = schema.getType(typeName);
  const field = isObjectType(type) ? type.getFields()[fieldName] : undefined;
  if (!isObjectType(type) || field === undefined || isSubgraphField(schema, type, field)) return [];
  const named = getNamedType(field.type);
  // Routers take no rules from interfaces and unions.
  const returned = isInterfaceType(named) || isUnionType(named) ? [] : rules.type(named.name);
  const known = new Set([...rules.type(typeName), ...returned]);
  return rules.field(typeName, fieldName).rule.filter((requirement) => !known.has(requirement));
}

/** Whether another subgraph resolves a field. Directives that are composed cannot be on it. */
function isExternal(
  type: ObjectTypeDefinitionNode | ObjectTypeExtensionNode,
  field: FieldDefinitionNode,
  link: FederationLink,
): boolean {
  const external = link.nameOf('external');
  return [...(type.directives ?? []), ...(field.directives ?? [])].some(
    ({ name }) => name.value === external,
  );
}
