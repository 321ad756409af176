import type { AccessTerms } from './access-terms.ts';

/** The conditions of a rule: everything that decides who is admitted. */
export type RuleConditions = Omit<AccessTerms, 'from' | 'anyOf' | 'allOf'> & {
  readonly anyOf?: readonly RuleConditions[];
  readonly allOf?: readonly RuleConditions[];
};

/** What a viewer is known to have. */
interface Held {
  readonly scopes: ReadonlySet<string>;
  readonly claims: ReadonlySet<string>;
  readonly policies: ReadonlySet<string>;
  /** Undefined: any value. */
  readonly acr: string | undefined;
  readonly maxAge: number;
}

/** Alternatives, one of which must be met. */
type Choice = readonly RuleConditions[];

/** Maximum number of steps of one comparison. */
const maxSteps = 10_000;

/**
 * Whether a rule admits a viewer whom another one did not. Policies are compared by name only. If a rule is
 * equivalent or stricter, the result is exact, unless finding out takes too many steps: then the rule counts
 * as weaker.
 */
export function isWeaker(now: RuleConditions, before: RuleConditions): boolean {
  if (before.access === 'public') return false;
  if (now.access === 'public') return true;
  if (isDeepEqual(now, before)) return false;
  return !splitParts(before).every((part) => implies(now, part));
}

/** Splits a rule into parts, all of which must be met. */
function splitParts({ anyOf, allOf = [], ...own }: RuleConditions): RuleConditions[] {
  return [
    own,
    ...(anyOf ? [{ access: 'authenticated' as const, anyOf }] : []),
    ...allOf.flatMap(splitParts),
  ];
}

/** Whether everyone who meets a rule also meets `wanted`. */
function implies(rule: RuleConditions, wanted: RuleConditions): boolean {
  let stepsLeft = maxSteps;

  const isImplied = (held: Held, pending: readonly Choice[]): boolean => {
    stepsLeft -= 1;
    if (stepsLeft < 0) return false;
    if (includesAll(held, wanted)) return true;
    const [choice, ...others] = pending;
    if (choice === undefined) return false;
    return choice.every((alternative) => {
      const narrowed = narrow(held, alternative);
      // No token has two acr values: no viewer meets this alternative.
      return narrowed === undefined || isImplied(narrowed, [...choicesOf(alternative), ...others]);
    });
  };

  const start = narrow(nothing, rule);
  if (start === undefined || includesAll(start, wanted)) return true;
  const choices = choicesOf(rule);
  // Usually one choice is decisive on its own, however many others there are.
  const alone = choices.some((choice) => {
    stepsLeft = maxSteps;
    return isImplied(start, [choice]);
  });
  stepsLeft = maxSteps;
  return alone || isImplied(start, choices);
}

const nothing: Held = {
  scopes: new Set(),
  claims: new Set(),
  policies: new Set(),
  acr: undefined,
  maxAge: Number.POSITIVE_INFINITY,
};

/** Adds what a rule requires in any case. Undefined if no token can have both. */
function narrow(
  held: Held,
  { scope = [], claims = [], policy = [], acr, maxAge }: RuleConditions,
): Held | undefined {
  const [scopes, otherScopes] = scope;
  if (acr?.length === 0) return undefined;
  const [acrClass, otherClass] = acr ?? [];
  const onlyClass = otherClass === undefined ? acrClass : undefined;
  if (onlyClass !== undefined && held.acr !== undefined && onlyClass !== held.acr) return undefined;
  return {
    scopes:
      scopes !== undefined && otherScopes === undefined
        ? new Set([...held.scopes, ...scopes.split(' ')])
        : held.scopes,
    claims: new Set([...held.claims, ...claims]),
    policies: new Set([...held.policies, ...policy]),
    acr: onlyClass ?? held.acr,
    maxAge: Math.min(held.maxAge, maxAge ?? Number.POSITIVE_INFINITY),
  };
}

/** The choices in a rule, smallest first. */
function choicesOf({ scope = [], acr = [], anyOf, allOf = [] }: RuleConditions): Choice[] {
  const choices: Choice[] = [
    ...(scope.length > 1
      ? [scope.map((one) => ({ access: 'authenticated' as const, scope: [one] }))]
      : []),
    ...(acr.length > 1
      ? [acr.map((one) => ({ access: 'authenticated' as const, acr: [one] }))]
      : []),
    ...(anyOf ? [anyOf] : []),
    ...allOf.map((part) => [part]),
  ];
  return choices.sort((a, b) => a.length - b.length);
}

function includesAll(held: Held, wanted: RuleConditions): boolean {
  const { scope, claims = [], policy = [], acr, maxAge, anyOf, allOf = [] } = wanted;
  return (
    (scope === undefined ||
      scope.some((one) => one.split(' ').every((each) => held.scopes.has(each)))) &&
    claims.every((one) => held.claims.has(one)) &&
    policy.every((one) => held.policies.has(one)) &&
    (acr === undefined || (held.acr !== undefined && acr.includes(held.acr))) &&
    (maxAge === undefined || held.maxAge <= maxAge) &&
    (anyOf === undefined || anyOf.some((one) => includesAll(held, one))) &&
    allOf.every((one) => includesAll(held, one))
  );
}

function isDeepEqual(one: RuleConditions, other: RuleConditions): boolean {
  return keyOf(one) === keyOf(other);
}

/** The terms as text, without where they come from. */
export function keyOf(terms: RuleConditions): string {
  return JSON.stringify(terms, (name, value: unknown) => (name === 'from' ? undefined : value));
}
