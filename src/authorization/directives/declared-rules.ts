/**
 * Reads and validates `@auth` and `@public` wherever a schema has them. This folder is given a schema
 * and returns the rules as declared, with every problem. It must not know how rules combine, viewers,
 * or operations.
 */
import type { GraphQLSchema } from 'graphql';
import {
  type AppliedDirectives,
  readAppliedDirectives,
  schemaCoordinate,
} from './applied-directives.ts';
import { isAuthDirective } from './auth-directives.ts';
import { findDroppedDirectives } from './dropped-directives.ts';
import { findFederationRules, readFederationRequirement } from './federation-directives.ts';
import { findIgnoredOptions } from './ignored-options.ts';
import { findMisplacedFilters } from './misplaced-filters.ts';
import {
  publicRule,
  type Report,
  type Requirement,
  type Rule,
  readRequirement,
} from './requirement.ts';
import type { SchemaRuleProblem } from './schema-rule-error.ts';
import type { ScopeHierarchy } from './scope-hierarchy.ts';
import { createClosestDirective, validateDefinitions } from './validate-definitions.ts';

/** The rules of a schema as declared on each coordinate, before they are combined. */
export interface DeclaredRules {
  /** Whether there are no rules. */
  readonly isEmpty: boolean;
  /** The coordinates that have a rule of their own. */
  readonly coordinates: ReadonlySet<string>;
  /** The rule on the coordinate itself. */
  get(coordinate: string): Rule;
  /** Coordinates of the fields with `@public`. */
  readonly publicFields: ReadonlySet<string>;
  readonly problems: readonly SchemaRuleProblem[];
}

/** Whether the rules of Apollo Federation count. */
type FederationDirectives = 'enforce' | 'ignore';

/** Options for `readDeclaredRules`. */
export interface DeclaredRulesOptions {
  /** Whether there is a policy of a name. */
  readonly policies: Pick<ReadonlySet<string>, 'has'>;
  /** Whether the policy of a name is a filter policy. Default: none is. */
  readonly filterPolicies?: Pick<ReadonlySet<string>, 'has'>;
  /** What to do with the rules of Apollo Federation. Undefined: they are a problem. */
  readonly federationDirectives?: FederationDirectives | undefined;
  /** Which scopes imply others. Undefined: none. */
  readonly scopeHierarchy?: ScopeHierarchy | undefined;
}

/**
 * Reads every `@auth` and `@public` of a schema, and the rules of Apollo Federation. What cannot be
 * enforced as written is a problem.
 */
export function readDeclaredRules(
  schema: GraphQLSchema,
  options: DeclaredRulesOptions,
): DeclaredRules {
  const { policies, filterPolicies, federationDirectives, scopeHierarchy: hierarchy } = options;
  const rules = new Map<string, Requirement[]>();
  const publicFields = new Set<string>();
  const closestDirective = createClosestDirective(schema);

  const allApplied = readAppliedDirectives(schema);
  const problems = [
    ...validateDefinitions(schema),
    ...findDroppedDirectives(schema),
    ...findIgnoredOptions(schema, allApplied),
  ];
  const federation = findFederationRules(allApplied);
  const undecided = new Set<string>();

  const addRule = (applied: AppliedDirectives, declared: Requirement, report: Report): void => {
    const { coordinate, location } = applied;
    const requirement = hierarchy && declared.scopes ? { ...declared, hierarchy } : declared;
    if (location === 'directive' || location === 'directive argument') {
      report('a rule would not be enforced on a directive or its arguments: remove it.');
      return;
    }
    for (const policy of new Set(requirement.policies.flat(2))) {
      if (policies.has(policy)) continue;
      report(
        `names the policy "${policy}", which was not given to guardSchema: add it to its policies.`,
      );
    }
    for (const problem of filterPolicies
      ? findMisplacedFilters(schema, applied, requirement, filterPolicies)
      : [])
      report(problem);
    const others = rules.get(coordinate);
    if (others) others.push(requirement);
    else rules.set(coordinate, [requirement]);
  };

  for (const applied of allApplied) {
    const { coordinate, location } = applied;
    const report = (message: string): void => {
      problems.push({ coordinate, message });
    };
    if (applied.isContradictory) {
      report(
        'has one rule in the directives of its SDL (astNode) and another in extensions.directives: write it in one place.',
      );
    }
    for (const name of applied.misplaced) {
      report(
        `has extensions.${name}, which is not read: write extensions: { directives: { auth: { scope: ['…'] } } }, or { directives: { public: true } }.`,
      );
    }
    for (const name of applied.unrecognized) {
      const isRule =
        name === undefined ||
        isAuthDirective(name) ||
        closestDirective(name) !== undefined ||
        federation.names.has(name);
      if (isRule) {
        report(
          `has extensions.directives that cannot be read: write { auth: { scope: ['…'] } } or [{ name: 'auth', args: { scope: ['…'] } }].`,
        );
      }
    }
    for (const directive of applied.directives) {
      const name = directive.name.value;
      const federationRule = federation.names.get(name);
      if (federationRule !== undefined) {
        if (federationDirectives === 'enforce') {
          addRule(
            applied,
            readFederationRequirement(directive, federationRule, coordinate, report),
            report,
          );
        } else if (federationDirectives === undefined) undecided.add(`@${name}`);
        continue;
      }
      if (!isAuthDirective(name)) {
        const closest = closestDirective(name);
        if (closest !== undefined) {
          report(
            `@${name} is not enforced: write @${closest}, or define @${name} if it belongs to another tool.`,
          );
        }
        // By default, the other names may belong to another tool.
        const isMeant = federationDirectives
          ? federationDirectives === 'enforce'
          : name === 'requiresScopes';
        if (isMeant && federation.notImported.has(name)) {
          const or = federationDirectives ? '' : ", or pass federationDirectives: 'ignore'";
          report(
            `@${name} is not enforced, because no @link imports it from https://specs.apollo.dev/federation: import it${or}.`,
          );
        }
        continue;
      }
      if (!schema.getDirective(name)) {
        report(
          `uses @${name}, which the schema does not define: add authDirectives to its SDL, or in code authDirective and publicDirective to its directives.`,
        );
      }
      if (name === 'public') {
        if (location !== 'field') report('@public has no effect here: it is for fields only.');
        if ((directive.arguments?.length ?? 0) > 0) report('@public takes no arguments.');
        publicFields.add(coordinate);
        continue;
      }
      addRule(applied, readRequirement(directive, coordinate, report), report);
    }
  }
  if (undecided.size > 0) {
    problems.push({
      coordinate: schemaCoordinate,
      message: `uses ${[...undecided].join(' and ')} of Apollo Federation: pass federationDirectives: 'enforce' to enforce them here too, or 'ignore' to leave them to the router.`,
    });
  }
  return {
    isEmpty: rules.size === 0,
    coordinates: new Set(rules.keys()),
    get: (coordinate) => rules.get(coordinate) ?? publicRule,
    publicFields,
    problems,
  };
}

/** The rules on some of the coordinates only. */
export function selectRules(
  declared: DeclaredRules,
  isSelected: (coordinate: string) => boolean,
): DeclaredRules {
  return {
    ...declared,
    get: (coordinate) => (isSelected(coordinate) ? declared.get(coordinate) : publicRule),
  };
}
