import {
  type DirectiveDefinitionNode,
  type GraphQLDirective,
  type GraphQLSchema,
  print,
} from 'graphql';
import { directiveDefinitions } from './directives.ts';
import type { SchemaRuleFault } from './schema-rule-error.ts';

/** Definitions of directives that are not ours although their name or their shape says so. */
export function definitionFaults(schema: GraphQLSchema): SchemaRuleFault[] {
  return schema.getDirectives().flatMap((directive) => {
    const coordinate = `@${directive.name}`;
    const ours = directiveDefinitions.get(directive.name);
    if (ours !== undefined) {
      return shapeOf(directive) === shapeOfNode(ours)
        ? []
        : [
            {
              coordinate,
              message: `the definition of @${directive.name} differs from the one that is enforced: take it from authDirectives, unchanged.`,
            },
          ];
    }
    const meant = nearestDirective(directive.name);
    if (meant !== undefined) {
      return [{ coordinate, message: `is not @${meant} and is not enforced: name it @${meant}.` }];
    }
    for (const [name, definition] of directiveDefinitions) {
      // The shape of @public, one location and no argument, is too common to say anything.
      if (name === 'auth' && shapeOf(directive) === shapeOfNode(definition)) {
        return [
          {
            coordinate,
            message: 'is @auth under another name and is not enforced: name it @auth.',
          },
        ];
      }
    }
    return [];
  });
}

/** The directive of ours that a name seems to mean: another case, or one letter more, less, other or swapped. */
export function nearestDirective(name: string): string | undefined {
  for (const ours of directiveDefinitions.keys()) {
    if (name !== ours && isNear(name.toLowerCase(), ours)) return ours;
  }
  return undefined;
}

function isNear(name: string, ours: string): boolean {
  if (name === ours) return true;
  let start = 0;
  while (start < name.length && name[start] === ours[start]) start += 1;
  const nameRest = name.slice(start);
  const oursRest = ours.slice(start);
  return (
    nameRest.slice(1) === oursRest ||
    nameRest === oursRest.slice(1) ||
    nameRest.slice(1) === oursRest.slice(1) ||
    (nameRest[0] === oursRest[1] &&
      nameRest[1] === oursRest[0] &&
      nameRest.slice(2) === oursRest.slice(2))
  );
}

function shapeOf(directive: GraphQLDirective): string {
  const args = directive.args.map(
    (argument) =>
      `${argument.name}: ${argument.type}${argument.defaultValue === undefined ? '' : ' with a default'}`,
  );
  return shape(args, directive.locations, directive.isRepeatable);
}

function shapeOfNode(definition: DirectiveDefinitionNode): string {
  const args = (definition.arguments ?? []).map(
    (argument) => `${argument.name.value}: ${print(argument.type)}`,
  );
  const locations = definition.locations.map((location) => location.value);
  return shape(args, locations, definition.repeatable);
}

function shape(args: readonly string[], locations: readonly string[], repeatable: boolean): string {
  return JSON.stringify([[...args].sort(), [...locations].sort(), repeatable]);
}
