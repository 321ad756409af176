import type { GraphQLResolveInfo, GraphQLSchema } from 'graphql';
import type { Rule } from '../directives/requirement.ts';
import { findListEnds } from '../rules/list-ends.ts';
import type { EvaluatePolicies } from '../rules/policies.ts';
import type { SchemaRules } from '../rules/schema-rules.ts';
import { compileRule, type RuleCheck } from '../rules/unmet.ts';
import { type ClientVariables, createClientVariables } from './client-variables.ts';
import { PlanCache } from './plan-cache.ts';

/** What a guarded schema knows of itself. */
export class Guard {
  /** The guarded schema; set once, when it has been made. */
  schema: GraphQLSchema | undefined;
  readonly rules: SchemaRules;
  readonly evaluatePolicies: EvaluatePolicies;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly plans: PlanCache;

  readonly #checks = new WeakMap<Rule, RuleCheck>();
  readonly #coerced = new WeakMap<object, ClientVariables>();
  #listEnds: ReadonlySet<string> | undefined;

  constructor(rules: SchemaRules, evaluatePolicies: EvaluatePolicies, now: () => number) {
    this.rules = rules;
    this.plans = new PlanCache(rules);
    this.evaluatePolicies = evaluatePolicies;
    this.now = now;
  }

  /** What viewers lack to meet a rule of the schema; compiled once. */
  compile(rule: Rule): RuleCheck {
    const known = this.#checks.get(rule);
    if (known !== undefined) return known;
    const check = compileRule(rule, this.now);
    this.#checks.set(rule, check);
    return check;
  }

  /** Whether the null of an object of this type could end a list around it. */
  readonly endsList = (typeName: string): boolean => {
    if (this.schema === undefined) return true;
    this.#listEnds ??= findListEnds(this.schema);
    return this.#listEnds.has(typeName);
  };

  /**
   * The variables of an execution that no gate began. They hold the defaults of the schema as if
   * the client had sent them, so guards refuse more than they need to, never less.
   */
  coercedVariables({ operation, variableValues }: GraphQLResolveInfo): ClientVariables {
    const known = this.#coerced.get(variableValues);
    if (known?.operation === operation) return known;
    const variables = createClientVariables(operation, variableValues, 'coerced');
    this.#coerced.set(variableValues, variables);
    return variables;
  }
}

/** Where a guarded schema keeps its guard. */
export const guardExtension = 'graphql-resource-server';

/**
 * The guard of a schema that `guardSchema` made.
 *
 * @throws {TypeError} When the schema was not guarded, or was changed after it had been: what was
 *   added since would not be enforced.
 */
export function guardOf(schema: GraphQLSchema): Guard {
  const guard = schema.extensions[guardExtension];
  if (!(guard instanceof Guard)) {
    throw new TypeError('The schema is not guarded: pass it through guardSchema first.');
  }
  if (guard.schema !== schema) {
    throw new TypeError(
      'The schema was changed after guardSchema: make guardSchema the last step, or what was added since is not enforced.',
    );
  }
  return guard;
}
