import type { AccessTerms } from './access-terms.ts';

/** What of a rule decides who gets in. */
export type RuleConditions = Omit<AccessTerms, 'from' | 'anyOf' | 'allOf'> & {
  readonly anyOf?: readonly RuleConditions[];
  readonly allOf?: readonly RuleConditions[];
};

/** One way to meet a rule. */
interface Way {
  readonly scopes: ReadonlySet<string>;
  readonly claims: ReadonlySet<string>;
  readonly policies: ReadonlySet<string>;
  /** Undefined: any class. */
  readonly acr: string | undefined;
  readonly maxAge: number;
}

/** What every way takes: one of several. */
type Choice = readonly RuleConditions[];

/** Ways that are looked at for one comparison, at most. */
const mostWays = 10_000;

/**
 * Whether a rule lets in a viewer whom another one kept out. Policies count by name: what they say
 * is not known here. Where both are the same but for their text, or stricter, the answer is exact;
 * where that would take too many steps to find out, the rule counts as weaker.
 */
export function isWeaker(now: RuleConditions, before: RuleConditions): boolean {
  if (before.access === 'public') return false;
  if (now.access === 'public') return true;
  if (isDeepEqual(now, before)) return false;
  return !conjuncts(before).every((part) => implies(now, part));
}

/** Each part of a rule that must be met, by itself. */
function conjuncts({ anyOf, allOf = [], ...own }: RuleConditions): RuleConditions[] {
  return [
    own,
    ...(anyOf ? [{ access: 'authenticated' as const, anyOf }] : []),
    ...allOf.flatMap(conjuncts),
  ];
}

/** Whether each way to meet a rule meets `wanted` too. */
function implies(rule: RuleConditions, wanted: RuleConditions): boolean {
  let left = mostWays;

  const every = (way: Way, pending: readonly Choice[]): boolean => {
    left -= 1;
    if (left < 0) return false;
    if (satisfies(way, wanted)) return true;
    const [choice, ...others] = pending;
    if (choice === undefined) return false;
    return choice.every((alternative) => {
      const narrowed = narrow(way, alternative);
      // Two classes at once: no token has them, so nobody comes this way.
      return narrowed === undefined || every(narrowed, [...choicesOf(alternative), ...others]);
    });
  };

  const start = narrow(anyone, rule);
  if (start === undefined || satisfies(start, wanted)) return true;
  const choices = choicesOf(rule);
  // Mostly one of the choices decides it alone, however many others there are.
  const alone = choices.some((choice) => {
    left = mostWays;
    return every(start, [choice]);
  });
  left = mostWays;
  return alone || every(start, choices);
}

const anyone: Way = {
  scopes: new Set(),
  claims: new Set(),
  policies: new Set(),
  acr: undefined,
  maxAge: Number.POSITIVE_INFINITY,
};

/** With what a rule requires in any case. Undefined where no token can have both. */
function narrow(
  way: Way,
  { scope = [], claims = [], policy = [], acr, maxAge }: RuleConditions,
): Way | undefined {
  const [scopes, otherScopes] = scope;
  if (acr?.length === 0) return undefined;
  const [acrClass, otherClass] = acr ?? [];
  const onlyClass = otherClass === undefined ? acrClass : undefined;
  if (onlyClass !== undefined && way.acr !== undefined && onlyClass !== way.acr) return undefined;
  return {
    scopes:
      scopes !== undefined && otherScopes === undefined
        ? new Set([...way.scopes, ...scopes.split(' ')])
        : way.scopes,
    claims: new Set([...way.claims, ...claims]),
    policies: new Set([...way.policies, ...policy]),
    acr: onlyClass ?? way.acr,
    maxAge: Math.min(way.maxAge, maxAge ?? Number.POSITIVE_INFINITY),
  };
}

/** The choices that a rule leaves, smallest first. */
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

function satisfies(way: Way, wanted: RuleConditions): boolean {
  const { scope, claims = [], policy = [], acr, maxAge, anyOf, allOf = [] } = wanted;
  return (
    (scope === undefined ||
      scope.some((one) => one.split(' ').every((each) => way.scopes.has(each)))) &&
    claims.every((one) => way.claims.has(one)) &&
    policy.every((one) => way.policies.has(one)) &&
    (acr === undefined || (way.acr !== undefined && acr.includes(way.acr))) &&
    (maxAge === undefined || way.maxAge <= maxAge) &&
    (anyOf === undefined || anyOf.some((one) => satisfies(way, one))) &&
    allOf.every((one) => satisfies(way, one))
  );
}

function isDeepEqual(one: RuleConditions, other: RuleConditions): boolean {
  const text = (terms: RuleConditions): string =>
    JSON.stringify(terms, (name, value: unknown) => (name === 'from' ? undefined : value));
  return text(one) === text(other);
}
