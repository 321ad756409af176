import {
  type ConstDirectiveNode,
  type DefinitionNode,
  type DocumentNode,
  Kind,
  type SchemaDefinitionNode,
  type SchemaExtensionNode,
  visit,
} from 'graphql';
import { isAuthDirective } from '../../authorization/directives/auth-directives.ts';
import {
  type FederationLink,
  federationUrl,
  readImports,
  stringArgument,
} from '../../authorization/directives/federation-directives.ts';
import { createDirective } from './write-rule.ts';

/** Names `@auth` and `@public` in a composed schema. A reserved domain: no one reads it. */
const authUrl = 'https://graphql-resource-server.example/auth/v1.0';

/** The first version of Apollo Federation 2 that has a directive. */
const firstVersions: readonly (readonly [directive: string, minor: number])[] = [
  ['composeDirective', 1],
  ['authenticated', 5],
  ['requiresScopes', 5],
  ['policy', 6],
];

/**
 * Gives the directives that are written here the names that they have once they are imported. One that is
 * used with its prefix, or whose name is taken, keeps the prefix.
 */
export function importMissing(link: FederationLink, document: DocumentNode): FederationLink {
  const used = findUsedDirectives(document.definitions);
  const defined = new Set(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.DIRECTIVE_DEFINITION ? [definition.name.value] : [],
    ),
  );
  const canImport = (name: string): boolean =>
    !link.isImported(name) && !defined.has(name) && !used.has(link.nameOf(name));
  return { ...link, nameOf: (name) => (canImport(name) ? name : link.nameOf(name)) };
}

/**
 * Completes the links of a subgraph: imports the directives of Apollo Federation that are used, in the
 * first version that has them, and composes `@auth` and `@public`.
 *
 * @param link As `importMissing` returned it.
 */
export function writeLinks(
  definitions: readonly DefinitionNode[],
  link: FederationLink,
): readonly DefinitionNode[] {
  const used = findUsedDirectives(definitions);
  const composed = composeAuth(definitions, link, used);
  for (const { name } of composed) used.add(name.value);
  const written = firstVersions.filter(([name]) => used.has(link.nameOf(name)));
  const [major, minor] = link.version;
  const url = federationUrl(major, Math.max(minor, ...written.map(([, first]) => first)));
  const imported = written.flatMap(([name]) =>
    link.nameOf(name) === name && !link.isImported(name) ? [`@${name}`] : [],
  );
  const prefixed = new Set(imported.map((name) => `${link.prefix}__${name.slice(1)}`));
  return definitions.flatMap((definition): DefinitionNode[] => {
    // What is imported has no other name.
    if (definition.kind === Kind.DIRECTIVE_DEFINITION && prefixed.has(definition.name.value)) {
      return [];
    }
    if (!isSchemaNode(definition) || !definition.directives?.includes(link.directive)) {
      return [definition];
    }
    const directives = definition.directives.map((one) =>
      one === link.directive ? completeLink(one, url, imported) : one,
    );
    return [{ ...definition, directives: [...directives, ...composed] }];
  });
}

function completeLink(
  link: ConstDirectiveNode,
  url: string,
  imported: readonly string[],
): ConstDirectiveNode {
  const written = createDirective('link', { url, import: imported }).arguments ?? [];
  const args = new Map((link.arguments ?? []).map((one) => [one.name.value, one]));
  for (const argument of written) {
    const name = argument.name.value;
    const existing = args.get(name);
    const isList = existing?.value.kind === Kind.LIST && argument.value.kind === Kind.LIST;
    const values = isList ? [...existing.value.values, ...argument.value.values] : [];
    args.set(name, isList ? { ...argument, value: { kind: Kind.LIST, values } } : argument);
  }
  return { ...link, arguments: [...args.values()] };
}

function isSchemaNode(
  definition: DefinitionNode,
): definition is SchemaDefinitionNode | SchemaExtensionNode {
  return definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION;
}

/** The directives of the schema itself. */
export function schemaDirectives(definition: DefinitionNode): readonly ConstDirectiveNode[] {
  return isSchemaNode(definition) ? (definition.directives ?? []) : [];
}

function findUsedDirectives(definitions: readonly DefinitionNode[]): Set<string> {
  const used = new Set<string>();
  visit(
    { kind: Kind.DOCUMENT, definitions },
    {
      Directive: ({ name }) => {
        used.add(name.value);
      },
    },
  );
  return used;
}

/** The directives of the schema that keep `@auth` and `@public` when subgraphs are composed. */
function composeAuth(
  definitions: readonly DefinitionNode[],
  link: FederationLink,
  used: ReadonlySet<string>,
): readonly ConstDirectiveNode[] {
  const existing = definitions.flatMap(schemaDirectives);
  const names = [...used].filter(isAuthDirective).map((name) => `@${name}`);
  const linked = new Set(
    existing.flatMap((one) => (one.name.value === 'link' ? [...readImports(one).values()] : [])),
  );
  const compose = link.nameOf('composeDirective');
  const kept = new Set(
    existing.flatMap((one) =>
      one.name.value === compose ? (stringArgument(one, 'name') ?? []) : [],
    ),
  );
  const imported = names.filter((name) => !linked.has(name));
  return [
    ...(imported.length > 0 ? [createDirective('link', { url: authUrl, import: imported })] : []),
    ...names.filter((name) => !kept.has(name)).map((name) => createDirective(compose, { name })),
  ];
}
