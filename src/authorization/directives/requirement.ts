import {
  type ConstDirectiveNode,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLString,
  Kind,
  valueFromAST,
} from 'graphql';

/** What one `@auth` requires in addition to a verified access token. */
export interface Requirement {
  /** The schema coordinate that it is applied to. */
  readonly coordinate: string;
  /** Alternative sets of scopes: one complete set is sufficient. */
  readonly scopes?: readonly (readonly string[])[];
  /** Claims, all of which are required. */
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

const strings = new GraphQLList(new GraphQLNonNull(GraphQLString));

/** The characters of a scope token (RFC 6749 §3.3). */
export const scopeToken = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

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
      const maxAge: unknown = valueFromAST(argument.value, GraphQLInt);
      if (typeof maxAge !== 'number' || maxAge < 0) {
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
    const values = readStrings(
      argument.value.kind === Kind.NULL,
      valueFromAST(argument.value, strings),
    );
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

function readStrings(isNull: boolean, value: unknown): string[] | undefined {
  if (isNull || !Array.isArray(value)) return undefined;
  const texts = value.filter((item) => typeof item === 'string');
  return texts.length === value.length ? texts : undefined;
}
