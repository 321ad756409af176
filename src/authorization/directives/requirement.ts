import {
  type ConstDirectiveNode,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLString,
  Kind,
  valueFromAST,
} from 'graphql';

/** What one `@auth` asks, beyond a verified access token. */
export interface Requirement {
  /** The schema coordinate that it stands on. */
  readonly coordinate: string;
  /** Alternatives, any of which is enough; of one alternative every scope is needed. */
  readonly scopes?: readonly (readonly string[])[];
  /** Claims that must all be there. */
  readonly claims: readonly string[];
  /** Names of policies that must all agree. */
  readonly policies: readonly string[];
  /** Authentication context classes, any of which is enough. */
  readonly acr?: readonly string[];
  /** Seconds since the user authenticated, at most. */
  readonly maxAge?: number;
}

/**
 * What a schema coordinate asks of the viewer: every requirement of it must be met. An empty rule
 * asks nothing, not even a token.
 */
export type Rule = readonly Requirement[];

/** The rule of coordinates that are open to everybody. */
export const open: Rule = Object.freeze([]);

/** Every requirement of every rule, each once. */
export function allOf(...rules: readonly Rule[]): Rule {
  const asking = rules.filter((rule) => rule.length > 0);
  if (asking.length < 2) return asking[0] ?? open;
  return [...new Set(asking.flat())];
}

const strings = new GraphQLList(new GraphQLNonNull(GraphQLString));

/** The characters of a scope token (RFC 6749 §3.3). */
const scopeToken = /^[\x21\x23-\x5B\x5D-\x7E]+$/;

/** Says what is wrong at the coordinate that is being read. */
export type Report = (message: string) => void;

/** What one `@auth` asks. Faults are reported, and the result is then of no use. */
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
    if (seen.has(name)) report(`gives ${name} twice, of which one would be lost: write it once.`);
    seen.add(name);
    if (name === 'maxAge') {
      const maxAge: unknown = valueFromAST(argument.value, GraphQLInt);
      if (typeof maxAge !== 'number' || maxAge < 0) {
        report('maxAge must be a number of seconds, zero or more, such as maxAge: 3600.');
      } else {
        requirement.maxAge = maxAge;
      }
      continue;
    }
    if (!['scope', 'claims', 'policy', 'acr'].includes(name)) {
      report(
        `@auth has no argument "${name}": it knows scope, claims, policy, acr and maxAge, spelt so.`,
      );
      continue;
    }
    const values = readStrings(
      argument.value.kind === Kind.NULL,
      valueFromAST(argument.value, strings),
    );
    if (values === undefined || values.length === 0 || values.includes('')) {
      report(
        `${name} must hold at least one string, and no empty one: name what is needed, or leave ${name} out.`,
      );
    } else if (name === 'scope') {
      const alternatives = values.map((value) => value.split(' '));
      if (alternatives.flat().every((scope) => scopeToken.test(scope))) {
        requirement.scopes = alternatives.map((scopes) => [...new Set(scopes)]);
      } else {
        report(
          'a scope may hold printable ASCII characters except quote and backslash, and one space between two scopes (RFC 6749, section 3.3).',
        );
      }
    } else if (name === 'acr') {
      if (values.every((value) => scopeToken.test(value))) requirement.acr = values;
      else report('a value of acr may hold no space, quote, backslash or control character.');
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
