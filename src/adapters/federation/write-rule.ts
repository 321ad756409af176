import { type ConstDirectiveNode, Kind, parseConstValue } from 'graphql';
import {
  type FederationLink,
  federationRules,
  readFederationRequirement,
} from '../../authorization/directives/federation-directives.ts';
import type { PolicyTerm, Requirement, Rule } from '../../authorization/directives/requirement.ts';
import { type Alternatives, combineAlternatives } from './alternatives.ts';

/** A coordinate and its rule. */
export interface RuleToWrite {
  readonly coordinate: string;
  readonly rule: Rule;
  /** The directives that are on it. */
  readonly directives: readonly ConstDirectiveNode[];
  readonly link: FederationLink;
  /** The policies to write. Undefined: all. */
  readonly policies: readonly string[] | undefined;
}

/**
 * Returns the directives of a coordinate with its rule in the terms of Apollo Federation, combined with
 * those that it has.
 */
export function writeRule({
  coordinate,
  rule,
  directives,
  link,
  policies,
}: RuleToWrite): readonly ConstDirectiveNode[] {
  if (rule.length === 0) return directives;
  const fail = (message: string): never => {
    throw new TypeError(`${coordinate}: ${message}`);
  };
  const kinds = new Map(federationRules.map((kind) => [link.nameOf(kind), kind]));
  const existing = directives.flatMap((directive) => {
    const kind = kinds.get(directive.name.value);
    return kind ? [readFederationRequirement(directive, kind, coordinate, fail)] : [];
  });
  const all = [...rule, ...existing];
  const ofRouter = policies && new Set(policies);
  const onOverflow = (): never =>
    fail('its rules have more than 64 alternatives together, which is more than a router gets.');
  const scopes = combineAlternatives(
    all.flatMap((one) => (one.scopes ? [listSufficient(one.scopes, one, onOverflow)] : [])),
    onOverflow,
  );
  const terms = combineAlternatives(
    [
      ...rule.flatMap((one) => one.policies.flatMap((term) => selectPolicies(term, ofRouter))),
      ...existing.flatMap((one) => one.policies.flatMap((term) => selectPolicies(term))),
    ],
    onOverflow,
  );
  return [
    ...directives.filter(({ name }) => !kinds.has(name.value)),
    createDirective(link.nameOf('authenticated'), {}),
    ...(scopes ? [createDirective(link.nameOf('requiresScopes'), { scopes })] : []),
    ...(terms ? [createDirective(link.nameOf('policy'), { policies: terms })] : []),
  ];
}

/** A router does not know which scopes imply others: it gets them as alternatives. */
function listSufficient(
  scopes: Alternatives,
  { hierarchy }: Requirement,
  onOverflow: () => never,
): Alternatives {
  if (hierarchy === undefined) return scopes;
  return scopes.flatMap((alternative) => {
    const choices = alternative.map((scope) =>
      [scope, ...hierarchy.broaderThan(scope)].map((one) => [one]),
    );
    return combineAlternatives(choices, onOverflow) ?? [];
  });
}

/** The part of a term that the router evaluates. None if it is met without those policies. */
function selectPolicies(term: PolicyTerm, ofRouter?: ReadonlySet<string>): readonly Alternatives[] {
  const alternatives = typeof term === 'string' ? [[term]] : term;
  const selected = alternatives.map((names) =>
    ofRouter ? names.filter((name) => ofRouter.has(name)) : names,
  );
  return selected.some((names) => names.length === 0) ? [] : [selected];
}

/** Creates a directive whose arguments are strings, or lists of them. */
export function createDirective(
  name: string,
  args: Readonly<Record<string, string | readonly string[] | Alternatives>>,
): ConstDirectiveNode {
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: name },
    arguments: Object.entries(args).map(([argument, value]) => ({
      kind: Kind.ARGUMENT,
      name: { kind: Kind.NAME, value: argument },
      // Lists of strings are written in GraphQL as in JSON.
      value: parseConstValue(JSON.stringify(value), { noLocation: true }),
    })),
  };
}
