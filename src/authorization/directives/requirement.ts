import { type ConstDirectiveNode, type ConstValueNode, Kind } from 'graphql';
import { type ScopeHierarchy, scopeToken } from './scope-hierarchy.ts';

/** What one `@auth` requires in addition to a verified access token. */
export interface Requirement {
  /** The schema coordinate that it is applied to. */
  readonly coordinate: string;
  /** Alternative sets of scopes: one complete set is sufficient. */
  readonly scopes?: readonly (readonly string[])[];
  /** What implies these scopes. Undefined: nothing. */
  readonly hierarchy?: ScopeHierarchy;
  /** Claims, all of which are required: names, or paths to members. */
  readonly claims: readonly string[];
  /** Policies, all of which must allow. */
  readonly policies: readonly PolicyTerm[];
  /** Authentication context classes, any one of which is sufficient. */
  readonly acr?: readonly string[];
  /** Maximum seconds since the user authenticated. */
  readonly maxAge?: number;
}

/** The name of a policy that must return true, or alternative sets of names: one complete set is sufficient. */
export type PolicyTerm = string | readonly (readonly string[])[];

/** What a schema coordinate requires of the viewer: all of these. An empty rule requires nothing, not even a token. */
export type Rule = readonly Requirement[];

/** The rule of public coordinates. */
export const publicRule: Rule = Object.freeze([]);

/** Combines rules. The same requirement appears once. */
export function allOf(...rules: readonly Rule[]): Rule {
  const nonEmpty = rules.filter((rule) => rule.length > 0);
  if (nonEmpty.length < 2) return nonEmpty[0] ?? publicRule;
  return [...new Set(nonEmpty.flat())];
}

/** The policies of some rules, without duplicates. */
export function policiesOf(...rules: readonly Rule[]): readonly PolicyTerm[] {
  const terms = new Set<PolicyTerm>();
  for (const rule of rules) {
    for (const { policies } of rule) for (const term of policies) terms.add(term);
  }
  return [...terms];
}

/** The hierarchy that the scopes of a rule belong to: there is one for a schema. */
export function hierarchyOf(rule: Rule): ScopeHierarchy | undefined {
  return rule.find(({ hierarchy }) => hierarchy !== undefined)?.hierarchy;
}

/** Reports a problem with the coordinate that is being read. */
export type Report = (message: string) => void;

/** Reads one `@auth`. If it reports a problem, the result is incomplete. */
export function readRequirement(
  directive: ConstDirectiveNode,
  coordinate: string,
  report: Report,
): Requirement {
  const requirement: { -readonly [K in keyof Requirement]: Requirement[K] } = {
    coordinate,
    claims: [],
    policies: [],
  };
  const seen = new Set<string>();
  for (const argument of directive.arguments ?? []) {
    const name = argument.name.value;
    if (seen.has(name)) report(`has ${name} more than once: combine them.`);
    seen.add(name);
    if (name === 'maxAge') {
      const maxAge = readSeconds(argument.value);
      if (maxAge === undefined) {
        report('maxAge must be a whole number of seconds, zero or more, such as maxAge: 3600.');
      } else {
        requirement.maxAge = maxAge;
      }
      continue;
    }
    if (!['scope', 'claims', 'policy', 'acr'].includes(name)) {
      report(
        `@auth has no argument "${name}". Its arguments are scope, claims, policy, acr and maxAge.`,
      );
      continue;
    }
    const values = readStrings(argument.value);
    if (values === undefined || values.length === 0 || values.includes('')) {
      report(
        `${name} must be a list of at least one string, none of them empty. To require nothing, remove ${name}.`,
      );
    } else if (name === 'scope') {
      const alternatives = values.map((value) => value.split(' '));
      if (alternatives.flat().every((scope) => scopeToken.test(scope))) {
        requirement.scopes = alternatives.map((scopes) => [...new Set(scopes)]);
      } else {
        report(
          'a scope can only have printable ASCII characters other than quotes and backslashes. Put one space between two scopes (RFC 6749, section 3.3).',
        );
      }
    } else if (name === 'acr') {
      if (values.every((value) => scopeToken.test(value))) requirement.acr = values;
      else report('an acr value must not have spaces, quotes, backslashes or control characters.');
    } else {
      requirement[name === 'claims' ? 'claims' : 'policies'] = [...new Set(values)];
    }
  }
  return requirement;
}

/** The largest `Int` of GraphQL. */
const maxInt = 2 ** 31 - 1;

function readSeconds(node: ConstValueNode): number | undefined {
  const seconds = node.kind === Kind.INT ? Number(node.value) : -1;
  return seconds >= 0 && seconds <= maxInt ? seconds : undefined;
}

/**
 * Reads a list of strings, or one string as a list of one. Undefined for anything else.
 *
 * `valueFromAST` cannot be used: with graphql 17, it reads the enum value `READ` as the string "READ".
 */
export function readStrings(node: ConstValueNode): string[] | undefined {
  const items = node.kind === Kind.LIST ? node.values : [node];
  const texts = items.flatMap((item) => (item.kind === Kind.STRING ? [item.value] : []));
  return texts.length === items.length ? texts : undefined;
}
