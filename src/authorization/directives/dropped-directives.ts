import {
  type DefinitionNode,
  type GraphQLSchema,
  isTypeDefinitionNode,
  isTypeExtensionNode,
  Kind,
  parse,
  type Source,
} from 'graphql';
import {
  type DirectiveHostNode,
  schemaCoordinate,
  schemaElements,
  sdlDirectives,
} from './applied-directives.ts';
import type { SchemaRuleProblem } from './schema-rule-error.ts';

/** Descriptions and comments, which may mention `@auth`, and the directive definitions. */
const ignoredText = /"""(?:\\"""|[\s\S])*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*|\bdirective\s*@\w+/g;
const authDirective = /@\s*(?:auth|public)\b/g;

/**
 * Finds `@auth` and `@public` that the source text of a schema has, but the schema does not. Some
 * tools drop them silently: @graphql-tools/merge turns two `@auth` on one coordinate into one, and
 * GraphQL.js ignores directives on its built-in scalars.
 *
 * Not checked: schemas without source locations, and texts that nothing in the schema points to.
 */
export function findDroppedDirectives(schema: GraphQLSchema): SchemaRuleProblem[] {
  const kept = new Map<string, number>();
  const keptPerSource = new Map<Source, number>();
  for (const { coordinate, element } of schemaElements(schema)) {
    for (const node of [element.astNode, ...(element.extensionASTNodes ?? [])]) {
      if (node?.loc && !keptPerSource.has(node.loc.source)) keptPerSource.set(node.loc.source, 0);
    }
    for (const { name, loc, arguments: args } of sdlDirectives(element)) {
      if (name.value !== 'auth' && name.value !== 'public') continue;
      const key = `${coordinate} @${name.value}`;
      kept.set(key, (kept.get(key) ?? 0) + 1);
      if (loc) keptPerSource.set(loc.source, (keptPerSource.get(loc.source) ?? 0) + 1);
      // Merging may have moved the values of a dropped directive into the lists of another one.
      for (const { value } of args ?? []) {
        for (const node of [value, ...(value.kind === Kind.LIST ? value.values : [])]) {
          if (node.loc && !keptPerSource.has(node.loc.source)) {
            keptPerSource.set(node.loc.source, 0);
          }
        }
      }
    }
  }

  const texts = new Map(
    Array.from(keptPerSource, ([source, count]) => [source.body, count] as const),
  );
  // Most schemas keep everything: then the texts need not be parsed again.
  if ([...texts].every(([text, count]) => countOccurrences(text) <= count)) return [];

  const written = new Map<string, number>();
  for (const text of texts.keys()) {
    for (const key of findOccurrences(text)) written.set(key, (written.get(key) ?? 0) + 1);
  }
  const dropped = [...written].filter(([key, count]) => count > (kept.get(key) ?? 0));
  if (dropped.length === 0) return [];
  const coordinates = new Set(Array.from(schemaElements(schema), (one) => one.coordinate));
  return dropped.flatMap(([key]) => {
    const [coordinate = '', directive = ''] = key.split(/ (?=@\w+$)/);
    // Removed elements need no rule.
    return coordinates.has(coordinate)
      ? [{ coordinate, message: formatMessage(directive, kept.get(key) ?? 0) }]
      : [];
  });
}

function formatMessage(directive: string, kept: number): string {
  return kept === 0
    ? `has ${directive} in its SDL, but the tool that built the schema dropped it, so it would not be enforced: build the schema with a tool that keeps it.`
    : `has ${directive} more than once, but the tool that merged the definitions kept one: combine them into one ${directive}.`;
}

/** How often `@auth` and `@public` occur in a text. Cheap, which saves most texts from being parsed again. */
function countOccurrences(text: string): number {
  return text.replace(ignoredText, ' ').match(authDirective)?.length ?? 0;
}

/** The coordinate and name of each directive in a text. */
function findOccurrences(text: string): string[] {
  const found: string[] = [];
  const add = (coordinate: string, { directives }: DirectiveHostNode): void => {
    for (const { name } of directives ?? []) found.push(`${coordinate} @${name.value}`);
  };
  for (const definition of parseDefinitions(text)) {
    if (definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION) {
      add(schemaCoordinate, definition);
    } else if (isTypeDefinitionNode(definition) || isTypeExtensionNode(definition)) {
      const type = definition.name.value;
      add(type, definition);
      const members = [
        ...('fields' in definition ? (definition.fields ?? []) : []),
        ...('values' in definition ? (definition.values ?? []) : []),
      ];
      for (const member of members) {
        const coordinate = `${type}.${member.name.value}`;
        add(coordinate, member);
        for (const argument of ('arguments' in member && member.arguments) || []) {
          add(`${coordinate}(${argument.name.value}:)`, argument);
        }
      }
    }
  }
  return found;
}

function parseDefinitions(text: string): readonly DefinitionNode[] {
  try {
    return parse(text, { noLocation: true }).definitions;
  } catch {
    // The location points to something other than a GraphQL document.
    return [];
  }
}
