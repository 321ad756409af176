import type {
  GraphQLFieldResolver,
  GraphQLIsTypeOfFn,
  GraphQLResolveInfo,
  GraphQLSchema,
} from 'graphql';
import type { Viewer } from '../../authentication/viewer.ts';
import type { Rule } from '../directives/requirement.ts';
import type { FilterAnswers } from '../rules/filter-policies.ts';
import { findListEnds } from '../rules/list-ends.ts';
import type { EvaluatePolicies } from '../rules/policy-evaluator.ts';
import { RefusalForms } from '../rules/refusal-form.ts';
import type { SchemaRules } from '../rules/schema-rules.ts';
import { compileRule, type RuleCheck, type UnmetRequirement } from '../rules/unmet.ts';
import { type ClientVariables, createClientVariables } from './client-variables.ts';
import type { UnmetRule } from './examine-field.ts';
import { PlanCache } from './operation-planner.ts';
import { ReturnedRules } from './returned-rules.ts';
import { valuesOf } from './variable-values.ts';

export type Resolver = GraphQLFieldResolver<unknown, unknown>;
export type IsTypeOf = GraphQLIsTypeOfFn<unknown, unknown>;
export type TypeCheck = (...given: Parameters<IsTypeOf>) => unknown;

/** How compiled operations call a guarded function. */
export type Shortcut<Original, Call = Original> =
  /** The guard depends on the viewer alone, and so decides once for a whole operation. */
  | {
      readonly kind: 'viewer';
      readonly check: RuleCheck;
      /** The function without its guard. Undefined for the default. */
      readonly original: Original | undefined;
    }
  /** The guard has policies. The function returns `Undecided` where the guarded one returns a promise. */
  | { readonly kind: 'policies'; readonly call: Call };

/** Gets what rules in shadow would refuse. */
export type ObserveRefusal = (
  unmetRule: UnmetRule,
  viewer: Viewer,
  info: GraphQLResolveInfo,
) => void;

/** Where answers of filter policies may be used again. */
export interface FilterScope {
  readonly viewer: Viewer;
  readonly context: unknown;
  /** Of a mutation, the response key of the root field: earlier ones can change the answers. */
  readonly root: string | number | undefined;
  readonly answers: FilterAnswers;
}

/** Returns the filter of a policy, as `context.filter`. */
export type TakeFilter = (name: string) => unknown;

/** A call of a resolver that takes filters. */
export interface FilterCall {
  readonly info: GraphQLResolveInfo;
  /** The context without the filter. */
  readonly context: unknown;
}

/** The state of one guarded schema: its rules, policies and caches. Guards and the gate share it. */
export class Guard {
  /** The guarded schema. Set once, when it has been built. */
  schema: GraphQLSchema | undefined;
  readonly rules: SchemaRules;
  readonly evaluatePolicies: EvaluatePolicies;
  /** What takes the place of what policies deny. */
  readonly forms: RefusalForms;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly plans: PlanCache;
  readonly returnedRules: ReturnedRules;
  /** Present for rules in shadow, which refuse nothing. */
  readonly observe: ObserveRefusal | undefined;
  /** The names of the filter policies. */
  readonly filterPolicies: ReadonlySet<string>;
  /** The rules in shadow, if there are any. */
  readonly shadow: SchemaRules | undefined;
  /** The shortcuts of guarded resolvers. */
  readonly resolvers = new WeakMap<Resolver, Shortcut<Resolver>>();
  /** The same for `isTypeOf` functions. */
  readonly typeChecks = new WeakMap<IsTypeOf, Shortcut<IsTypeOf, TypeCheck>>();

  /** What filter policies answered, by execution or by the `info` of a field. */
  readonly filterScopes = new WeakMap<object, FilterScope>();
  /** The calls of resolvers that take filters, by their `context.filter`. */
  readonly filterCalls = new WeakMap<TakeFilter, FilterCall>();

  readonly #checks = new WeakMap<Rule, RuleCheck>();
  readonly #coercedVariables = new WeakMap<object, ClientVariables>();
  #listEnds: ReadonlySet<string> | undefined;

  constructor(
    rules: SchemaRules,
    evaluatePolicies: EvaluatePolicies,
    now: () => number,
    {
      observe,
      shadow,
      forms = ordinaryForms,
      filterPolicies = new Set(),
    }: Partial<Pick<Guard, 'observe' | 'shadow' | 'forms' | 'filterPolicies'>> = {},
  ) {
    this.rules = rules;
    this.observe = observe;
    this.shadow = shadow;
    this.forms = forms;
    this.filterPolicies = filterPolicies;
    this.plans = new PlanCache(rules);
    this.returnedRules = new ReturnedRules((rule, viewer) => this.check(rule, viewer), now);
    this.evaluatePolicies = evaluatePolicies;
    this.now = now;
  }

  /** Compiles a rule of the schema, once. */
  compile(rule: Rule): RuleCheck {
    const known = this.#checks.get(rule);
    if (known !== undefined) return known;
    const check = compileRule(rule, this.now);
    this.#checks.set(rule, check);
    return check;
  }

  /** Checks a viewer against a rule of the schema, other than its policies. */
  check(rule: Rule, viewer: Viewer): UnmetRequirement | undefined {
    return this.compile(rule)(viewer);
  }

  /** Whether the null of an object of this type could propagate to a list around it. */
  readonly endsList = (typeName: string): boolean => {
    if (this.schema === undefined) return true;
    this.#listEnds ??= findListEnds(this.schema);
    return this.#listEnds.has(typeName);
  };

  /**
   * The variables of an execution that did not pass a gate. They contain the defaults of the schema as
   * if the client had sent them, so guards can refuse more than necessary, never less.
   */
  coercedVariables({ operation, variableValues }: GraphQLResolveInfo): ClientVariables {
    const known = this.#coercedVariables.get(variableValues);
    if (known?.operation === operation) return known;
    const variables = createClientVariables(operation, valuesOf(variableValues), 'coerced');
    this.#coercedVariables.set(variableValues, variables);
    return variables;
  }
}

const ordinaryForms = new RefusalForms(new Map());

/** The key in `schema.extensions` of the guard. */
export const guardExtension = 'graphql-resource-server';

/**
 * Gets the guard of a schema that `guardSchema` returned.
 *
 * @throws {TypeError} If the schema is not guarded, or is a changed copy of a guarded one: rules added
 *   since would not be enforced.
 */
export function guardOf(schema: GraphQLSchema): Guard {
  const guard = schema.extensions[guardExtension];
  if (!(guard instanceof Guard)) {
    throw new TypeError('The schema is not guarded: pass it through guardSchema first.');
  }
  if (guard.schema !== schema) {
    throw new TypeError(
      'The schema was changed after guardSchema: make guardSchema the last step, or rules added since are not enforced.',
    );
  }
  return guard;
}
