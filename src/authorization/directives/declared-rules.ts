import type { GraphQLSchema } from 'graphql';
import { readAppliedDirectives } from './applied-directives.ts';
import { findDroppedDirectives } from './dropped-directives.ts';
import { open, type Requirement, type Rule, readRequirement } from './requirement.ts';
import type { SchemaRuleProblem } from './schema-rule-error.ts';
import { closestDirective, validateDefinitions } from './validate-definitions.ts';

/** The rules of a schema as they are written, coordinate by coordinate, not yet composed. */
export interface DeclaredRules {
  /** Whether there is no rule at all. */
  readonly isEmpty: boolean;
  /** What stands on the coordinate itself. */
  at(coordinate: string): Rule;
  /** Fields that say `@public`. */
  readonly publicFields: ReadonlySet<string>;
  readonly faults: readonly SchemaRuleProblem[];
}

/** Reads every `@auth` and `@public` of the schema. What cannot be enforced as written is a fault. */
export function readDeclaredRules(
  schema: GraphQLSchema,
  policies: ReadonlySet<string>,
): DeclaredRules {
  const faults = [...validateDefinitions(schema), ...findDroppedDirectives(schema)];
  const rules = new Map<string, Requirement[]>();
  const publicFields = new Set<string>();
  const meaningOf = closestDirective(schema);

  for (const { coordinate, place, directives, unreadable, misplaced } of readAppliedDirectives(
    schema,
  )) {
    const report = (message: string): void => {
      faults.push({ coordinate, message });
    };
    for (const name of misplaced) {
      report(
        `has extensions.${name}, which is not read: write extensions: { directives: { auth: { scope: ['…'] } } }, or { directives: { public: true } }.`,
      );
    }
    for (const name of unreadable) {
      if (name === undefined || isOurs(name) || meaningOf(name) !== undefined) {
        report(
          `has extensions.directives that cannot be read: write { auth: { scope: ['…'] } } or [{ name: 'auth', args: { scope: ['…'] } }].`,
        );
      }
    }
    for (const directive of directives) {
      const name = directive.name.value;
      if (!isOurs(name)) {
        const meant = meaningOf(name);
        if (meant !== undefined) {
          report(
            `@${name} is not enforced: write @${meant}, or define @${name} if it belongs to another tool.`,
          );
        }
        continue;
      }
      if (!schema.getDirective(name)) {
        report(`uses @${name}, which the schema does not define: add authDirectives to it.`);
      }
      if (name === 'public') {
        if (place !== 'field') report('@public has no effect here: it stands on fields only.');
        if ((directive.arguments?.length ?? 0) > 0) report('@public takes no arguments.');
        publicFields.add(coordinate);
        continue;
      }
      if (place === 'directive' || place === 'directive argument') {
        report('@auth would not be enforced on a directive or its arguments: remove it.');
        continue;
      }
      const requirement = readRequirement(directive, coordinate, report);
      for (const policy of requirement.policies) {
        if (!policies.has(policy)) {
          report(
            `names the policy "${policy}", which was not given to guardSchema: add it to its policies.`,
          );
        }
      }
      const others = rules.get(coordinate);
      if (others) others.push(requirement);
      else rules.set(coordinate, [requirement]);
    }
  }
  return {
    isEmpty: rules.size === 0,
    at: (coordinate) => rules.get(coordinate) ?? open,
    publicFields,
    faults,
  };
}

function isOurs(name: string): name is 'auth' | 'public' {
  return name === 'auth' || name === 'public';
}
