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
  type DirectiveNodeHost,
  schemaCoordinate,
  schemaElements,
  sdlDirectives,
} from './applied-directives.ts';
import type { SchemaRuleProblem } from './schema-rule-error.ts';

/** Descriptions and comments, in which `@auth` is only spoken of, and the definitions. */
const noUses = /"""(?:\\"""|[\s\S])*?"""|"(?:\\.|[^"\\\n])*"|#[^\n]*|\bdirective\s*@\w+/g;
const ours = /@\s*(?:auth|public)\b/g;

/**
 * Uses of `@auth` and `@public` that stand in the text that the schema was made from, but not in
 * the schema. Tools drop some without a word: @graphql-tools/merge makes one use of two on one
 * coordinate, and GraphQL.js ignores what is said of its own scalars.
 *
 * Not checked: schemas without source locations, and texts of which nothing else has remained.
 */
export function findDroppedDirectives(schema: GraphQLSchema): SchemaRuleProblem[] {
  const left = new Map<string, number>();
  const sources = new Map<Source, number>();
  for (const { coordinate, element } of schemaElements(schema)) {
    for (const node of [element.astNode, ...(element.extensionASTNodes ?? [])]) {
      if (node?.loc && !sources.has(node.loc.source)) sources.set(node.loc.source, 0);
    }
    for (const { name, loc, arguments: args } of sdlDirectives(element)) {
      if (name.value !== 'auth' && name.value !== 'public') continue;
      const key = `${coordinate} @${name.value}`;
      left.set(key, (left.get(key) ?? 0) + 1);
      if (loc) sources.set(loc.source, (sources.get(loc.source) ?? 0) + 1);
      // Of a use that merging has dropped, values may remain, in lists of another one.
      for (const { value } of args ?? []) {
        for (const node of [value, ...(value.kind === Kind.LIST ? value.values : [])]) {
          if (node.loc && !sources.has(node.loc.source)) sources.set(node.loc.source, 0);
        }
      }
    }
  }

  const texts = new Map(Array.from(sources, ([source, uses]) => [source.body, uses] as const));
  const spelt = Array.from(texts, ([text, uses]) => countOccurrences(text) - uses);
  // Most schemas hold all that is written: no need to read the texts once more.
  if (spelt.every((surplus) => surplus <= 0)) return [];

  const written = new Map<string, number>();
  for (const text of texts.keys()) {
    for (const key of usesIn(text)) written.set(key, (written.get(key) ?? 0) + 1);
  }
  const lost = [...written].filter(([key, uses]) => uses > (left.get(key) ?? 0));
  if (lost.length === 0) return [];
  const coordinates = new Set(Array.from(schemaElements(schema), (one) => one.coordinate));
  return lost.flatMap(([key]) => {
    const [coordinate = '', directive = ''] = key.split(/ (?=@\w+$)/);
    // What no longer exists needs no rule.
    return coordinates.has(coordinate)
      ? [{ coordinate, message: messageFor(directive, left.get(key) ?? 0) }]
      : [];
  });
}

function messageFor(directive: string, left: number): string {
  return left === 0
    ? `${directive} stands here in the schema's text, but the tool that built the schema has dropped it: it would not be enforced.`
    : `${directive} stands here more than once, and the tool that merged the definitions made one of them: write one ${directive} that says everything.`;
}

/** How many uses a text holds: cheap enough to spare most texts a second parsing. */
function countOccurrences(text: string): number {
  return text.replace(noUses, ' ').match(ours)?.length ?? 0;
}

/** The coordinate of each use in a text. */
function usesIn(text: string): string[] {
  const found: string[] = [];
  const look = (coordinate: string, { directives }: DirectiveNodeHost): void => {
    for (const { name } of directives ?? []) found.push(`${coordinate} @${name.value}`);
  };
  for (const definition of definitionsOf(text)) {
    if (definition.kind === Kind.SCHEMA_DEFINITION || definition.kind === Kind.SCHEMA_EXTENSION) {
      look(schemaCoordinate, definition);
    } else if (isTypeDefinitionNode(definition) || isTypeExtensionNode(definition)) {
      const type = definition.name.value;
      look(type, definition);
      const members = [
        ...('fields' in definition ? (definition.fields ?? []) : []),
        ...('values' in definition ? (definition.values ?? []) : []),
      ];
      for (const member of members) {
        const coordinate = `${type}.${member.name.value}`;
        look(coordinate, member);
        for (const argument of ('arguments' in member && member.arguments) || []) {
          look(`${coordinate}(${argument.name.value}:)`, argument);
        }
      }
    }
  }
  return found;
}

function definitionsOf(text: string): readonly DefinitionNode[] {
  try {
    return parse(text, { noLocation: true }).definitions;
  } catch {
    // A location that does not lead to a GraphQL document says nothing.
    return [];
  }
}
