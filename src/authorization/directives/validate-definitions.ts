import {
  type DirectiveDefinitionNode,
  type GraphQLDirective,
  type GraphQLSchema,
  print,
} from 'graphql';
import { likeness } from '../../shared/edit-distance.ts';
import { directiveDefinitions } from './auth-directives.ts';
import type { SchemaRuleProblem } from './schema-rule-error.ts';

/** Definitions of directives that differ from ours under our names, or are ours under other names. */
export function validateDefinitions(schema: GraphQLSchema): SchemaRuleProblem[] {
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
    const meant = disguisedDirective(directive);
    return meant === undefined
      ? []
      : [
          {
            coordinate,
            message: `is @${meant} under another name and is not enforced: name it @${meant}, or give it other arguments if it belongs to another tool.`,
          },
        ];
  });
}

/**
 * Finds which directive of ours a name seems to mean that is not ours. What a schema defines with
 * another shape belongs to another tool, such as `@authz` or `@oauth`.
 */
export function closestDirective(schema: GraphQLSchema): (name: string) => string | undefined {
  const defined = new Map(
    schema.getDirectives().map((one) => [one.name, disguisedDirective(one)] as const),
  );
  return (name) => {
    if (defined.has(name)) return defined.get(name);
    // A namespace is what imports of a directive under a prefix leave: `@rules__auth`.
    const local = name.slice(name.lastIndexOf('__') + 1).replace(/^_+/, '');
    return [...directiveDefinitions.keys()].find(
      (ours) => likeness(name, ours) !== undefined || (name.includes('__') && local === ours),
    );
  };
}

/** The directive of ours that a definition with another name has the arguments of. */
function disguisedDirective(directive: GraphQLDirective): string | undefined {
  for (const [ours, definition] of directiveDefinitions) {
    const known = new Set(definition.arguments?.map((argument) => argument.name.value));
    const shared = directive.args.filter((argument) => known.has(argument.name));
    const takesOnlyOurs = shared.length === directive.args.length;
    // The shape of @public, one location and no argument, is too common to say anything by itself.
    if (takesOnlyOurs && shared.length === known.size && known.size > 0) return ours;
    const like = likeness(directive.name, ours);
    if (like === undefined || !takesOnlyOurs) continue;
    if (like === 'same' || shapeOf(directive) === shapeOfNode(definition)) return ours;
    // A letter more makes a word of its own: @authz, @authn, @oauth.
    if (like !== 'longer' && shared.length > 0) return ours;
  }
  return undefined;
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
