import {
  type ConstDirectiveNode,
  GraphQLInt,
  GraphQLList,
  GraphQLNonNull,
  GraphQLString,
  Kind,
  valueFromAST,
} from 'graphql';
import type { Requirement } from '../rules/requirement.ts';

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
