import { type DirectiveNode, Kind } from 'graphql';

/** A selection that runs only while a variable is true, or only while it is not. */
export interface Condition {
  readonly variable: string;
  readonly runsWhen: boolean;
}

/**
 * The conditions that `@skip` and `@include` put on a selection: `never` where a literal says
 * that it does not run.
 */
export function conditionsOf(
  directives: readonly DirectiveNode[] | undefined,
): readonly Condition[] | 'never' {
  const conditions: Condition[] = [];
  for (const directive of directives ?? []) {
    const name = directive.name.value;
    if (name !== 'skip' && name !== 'include') continue;
    const runsWhen = name === 'include';
    const value = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
    if (value?.kind === Kind.BOOLEAN && value.value !== runsWhen) return 'never';
    if (value?.kind === Kind.VARIABLE) conditions.push({ variable: value.name.value, runsWhen });
  }
  return conditions;
}

/** Both together, each once; `never` where they contradict each other. */
export function withConditions(
  conditions: readonly Condition[],
  own: readonly Condition[],
): readonly Condition[] | 'never' {
  let all = conditions;
  for (const condition of own) {
    const known = all.find(({ variable }) => variable === condition.variable);
    if (known === undefined) all = [...all, condition];
    else if (known.runsWhen !== condition.runsWhen) return 'never';
  }
  return all;
}

/** The same for the same conditions in the same order. */
export function conditionsKey(conditions: readonly Condition[]): string {
  let key = '';
  for (const { variable, runsWhen } of conditions) key += `${runsWhen ? '+' : '-'}${variable}`;
  return key;
}
