import type { OperationVerdicts } from '../../access/explain-request.ts';
import type { SignInRequest } from '../session.ts';

export type Selection = OperationVerdicts['selections'][number];
export type Verdict = Selection['verdict'];

/** The mark of a verdict. The word stands beside it for those who do not see it. */
export const marks: Readonly<Record<Verdict, string>> = {
  allowed: '✓',
  conditional: '?',
  refused: '✕',
  'not reached': '–',
};

/** Characters of a rule, so that it fits beside a line or a name. */
const maxCharacters = 48;

/** A rule as few words: what its `@auth` requires. */
export function shortRule(rule: string): string {
  const scope = /^@auth\(scope: "([^"\\]*)"\)$/.exec(rule)?.[1];
  const text = scope ?? (rule === '@auth' ? 'sign-in' : rule.replace(/^@auth\(([^()]*)\)$/, '$1'));
  return text.length > maxCharacters ? `${text.slice(0, maxCharacters)}…` : text;
}

/** Whether a rule, or what is unknown of it, applies to a selection. */
export const isGuarded = ({ verdict, rule = 'public' }: Selection): boolean =>
  verdict !== 'allowed' || rule !== 'public';

/** What stands beside a selection. */
export function noteOf({ verdict, rule, unmet }: Selection): string {
  if (verdict === 'not reached') return 'not reached';
  const hidden = unmet && 'scope' in unmet && unmet.scope ? unmet.scope : verdict;
  return `${marks[verdict]} ${rule === undefined ? hidden : shortRule(rule)}`;
}

/** Why a selection is not simply allowed, in few words; undefined if it is. */
export function reasonOf({ verdict, message, unmet }: Selection): string | undefined {
  if (verdict === 'allowed' || verdict === 'not reached') return undefined;
  switch (unmet?.kind) {
    case 'authentication':
      return 'Sign in to read this.';
    case 'scope':
      return `Missing scope: ${unmet.scope}`;
    case 'claims':
      return `Missing claim: ${unmet.claims.join(', ')}`;
    default:
      return message;
  }
}

/** What one gets, in few words. */
export function describeOutcome({ outcome }: OperationVerdicts): string | undefined {
  switch (outcome) {
    case 'allowed':
      return 'You get all of it.';
    case 'partial':
      return 'You get part of it.';
    case 'refused':
      return 'You get none of it.';
    default:
      return undefined;
  }
}

/** A sign-in that would change the verdicts. */
interface Remedy {
  readonly label: string;
  readonly request: SignInRequest;
}

/** The sign-in for what is missing of a whole operation; undefined if no sign-in would help. */
export function findRemedy({ selections, missingScope }: OperationVerdicts): Remedy | undefined {
  const unmet = selections.flatMap((one) => (one.unmet ? [one.unmet] : []));
  const stepUps = unmet.flatMap((one) => (one.kind === 'step-up' ? [one] : []));
  const acr = stepUps.find((one) => one.acr)?.acr;
  const ages = stepUps.flatMap(({ maxAge }) => (maxAge === undefined ? [] : [maxAge]));
  const request: SignInRequest = {
    ...(missingScope === undefined ? {} : { scopes: missingScope.split(' ') }),
    ...(acr ? { acr } : {}),
    ...(ages.length > 0 ? { maxAge: Math.min(...ages) } : {}),
  };
  if (missingScope !== undefined) return { label: `Sign in with ${missingScope}`, request };
  if (stepUps.length > 0) return { label: 'Sign in again', request };
  return unmet.some(({ kind }) => kind === 'authentication')
    ? { label: 'Sign in', request }
    : undefined;
}
