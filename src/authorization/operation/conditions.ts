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

/**
 * When a selection runs: while its condition holds, and those of everything around it. There is
 * one object for the same conditions in the same order, so that each is judged once a request.
 */
export class When {
  readonly last: { readonly condition: Condition; readonly before: When } | undefined;
  #next: Map<string, When | 'never'> | undefined;

  /** @param last Undefined for what always runs. */
  constructor(last?: When['last']) {
    this.last = last;
  }

  /** Both together; `never` where they contradict each other. */
  and(own: readonly Condition[]): When | 'never' {
    let when: When | 'never' = this;
    for (const condition of own) {
      if (when !== 'never') when = when.#with(condition);
    }
    return when;
  }

  #with(condition: Condition): When | 'never' {
    const { variable, runsWhen } = condition;
    const key = `${runsWhen ? '+' : '-'}${variable}`;
    const known = this.#next?.get(key);
    if (known !== undefined) return known;
    const made = this.#made(condition);
    this.#next ??= new Map();
    this.#next.set(key, made);
    return made;
  }

  #made(condition: Condition): When | 'never' {
    for (let at = this.last; at !== undefined; at = at.before.last) {
      if (at.condition.variable !== condition.variable) continue;
      return at.condition.runsWhen === condition.runsWhen ? this : 'never';
    }
    return new When({ condition, before: this });
  }
}
