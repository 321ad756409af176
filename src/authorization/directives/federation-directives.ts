import { type ConstDirectiveNode, Kind } from 'graphql';
import { type AppliedDirectives, schemaCoordinate } from './applied-directives.ts';
import { type PolicyTerm, type Report, type Requirement, readStrings } from './requirement.ts';
import { scopeToken } from './scope-hierarchy.ts';

/** The directives of Apollo Federation that say who may read something. */
export type FederationRule = 'authenticated' | 'requiresScopes' | 'policy';

/** All of them. */
export const federationRules: readonly FederationRule[] = [
  'authenticated',
  'requiresScopes',
  'policy',
];

/** The `@link` of a subgraph to the specification of Apollo Federation. */
export interface FederationLink {
  readonly directive: ConstDirectiveNode;
  /** What names have that are not imported, before `__`. */
  readonly prefix: string;
  /** Such as `[2, 6]`. */
  readonly version: readonly [major: number, minor: number];
  /** The name that a directive of the specification has in this schema, without `@`. */
  nameOf(directive: string): string;
  /** Whether a directive is imported. The names of others have the prefix of the specification. */
  isImported(directive: string): boolean;
}

const urlPattern = /^https:\/\/specs\.apollo\.dev\/federation\/v(\d{1,3})\.(\d{1,3})\/?$/;

/** The URL that links a version of Apollo Federation. */
export function federationUrl(major: number, minor: number): string {
  return `https://specs.apollo.dev/federation/v${major}.${minor}`;
}

/** Finds the link to Apollo Federation among the directives of a schema. Subgraphs of Federation 1 have none. */
export function findFederationLink(
  directives: readonly ConstDirectiveNode[],
): FederationLink | undefined {
  for (const directive of directives) {
    if (directive.name.value !== 'link') continue;
    const [, major, minor] = urlPattern.exec(stringArgument(directive, 'url') ?? '') ?? [];
    if (major === undefined || minor === undefined) continue;
    const prefix = stringArgument(directive, 'as') ?? 'federation';
    const imported = readImports(directive);
    return {
      directive,
      prefix,
      version: [Number(major), Number(minor)],
      nameOf: (name) => imported.get(`@${name}`)?.slice(1) ?? `${prefix}__${name}`,
      isImported: (name) => imported.has(`@${name}`),
    };
  }
  return undefined;
}

/** The names in the argument `import` of a `@link`, with what they are called in the schema. */
export function readImports(directive: ConstDirectiveNode): ReadonlyMap<string, string> {
  const list = directive.arguments?.find(({ name }) => name.value === 'import')?.value;
  const imported = new Map<string, string>();
  for (const item of list?.kind === Kind.LIST ? list.values : []) {
    if (item.kind === Kind.STRING) imported.set(item.value, item.value);
    if (item.kind !== Kind.OBJECT) continue;
    const member = (wanted: string): string | undefined => {
      const value = item.fields.find(({ name }) => name.value === wanted)?.value;
      return value?.kind === Kind.STRING ? value.value : undefined;
    };
    const name = member('name');
    if (name !== undefined) imported.set(name, member('as') ?? name);
  }
  return imported;
}

/** The value of an argument that is a string. */
export function stringArgument(directive: ConstDirectiveNode, wanted: string): string | undefined {
  const value = directive.arguments?.find(({ name }) => name.value === wanted)?.value;
  return value?.kind === Kind.STRING ? value.value : undefined;
}

/** Which directives of a schema are rules of Apollo Federation. */
export interface FederationRules {
  /** By the name that they have in this schema. */
  readonly names: ReadonlyMap<string, FederationRule>;
  /** The names of the specification that mean nothing in this schema, because they are not imported. */
  readonly notImported: ReadonlySet<string>;
}

/** Finds the rules of Apollo Federation, by the link of the schema. */
export function findFederationRules(applied: readonly AppliedDirectives[]): FederationRules {
  const ofSchema = applied.find(({ coordinate }) => coordinate === schemaCoordinate);
  const link = findFederationLink(ofSchema?.directives ?? []);
  if (link === undefined) return { names: new Map(), notImported: new Set(federationRules) };
  const names = new Map(federationRules.map((rule) => [link.nameOf(rule), rule]));
  return { names, notImported: new Set(federationRules.filter((rule) => !names.has(rule))) };
}

/**
 * Reads `@authenticated`, `@requiresScopes` or `@policy` as what one `@auth` requires. If it reports a
 * problem, the result is incomplete.
 */
export function readFederationRequirement(
  directive: ConstDirectiveNode,
  rule: FederationRule,
  coordinate: string,
  report: Report,
): Requirement {
  const requirement: Requirement = { coordinate, claims: [], policies: [] };
  if (rule === 'authenticated') {
    if ((directive.arguments?.length ?? 0) > 0) report('@authenticated takes no arguments.');
    return requirement;
  }
  const name = rule === 'policy' ? 'policies' : 'scopes';
  const alternatives = readAlternatives(directive, name);
  if (alternatives === undefined) {
    report(
      `@${rule} needs the one argument ${name}, a list of at least one list of at least one string, such as ${name}: [["a", "b"], ["c"]].`,
    );
    return requirement;
  }
  if (rule === 'policy') return { ...requirement, policies: toPolicyTerms(alternatives) };
  if (!alternatives.flat().every((scope) => scopeToken.test(scope))) {
    report(
      'a scope of @requiresScopes can only have printable ASCII characters other than spaces, quotes and backslashes (RFC 6749, section 3.3).',
    );
  }
  return { ...requirement, scopes: alternatives };
}

function readAlternatives(
  directive: ConstDirectiveNode,
  wanted: string,
): readonly (readonly string[])[] | undefined {
  const [argument, ...others] = directive.arguments ?? [];
  if (argument?.name.value !== wanted || others.length > 0) return undefined;
  const { value } = argument;
  const alternatives: (readonly string[])[] = [];
  for (const list of value.kind === Kind.LIST ? value.values : [value]) {
    const names = readStrings(list);
    if (names === undefined || names.length === 0 || names.includes('')) return undefined;
    alternatives.push([...new Set(names)]);
  }
  return alternatives.length > 0 ? alternatives : undefined;
}

function toPolicyTerms(alternatives: readonly (readonly string[])[]): readonly PolicyTerm[] {
  const [only, ...others] = alternatives;
  return only !== undefined && others.length === 0 ? only : [alternatives];
}
