/** The rule of one type, which its objects are checked against. */
export class ObjectGuard {
  readonly typeName: string;
  readonly rule: Rule;
  /** What takes the place of an object that its policies deny. */
  readonly form: RefusalForm;
  /** Checks everything but the policies. */
  readonly checkRule: RuleCheck;
  readonly policies: readonly PolicyTerm[];
  readonly #guard: Guard;
  /** The allowed objects, by the variables of an execution: no two executions share them. */
  readonly #allowed = new WeakMap<object, WeakSet<object>>();

  constructor(guard: Guard, typeName: string) {
    this.#guard = guard;
    this.typeName = typeName;
    this.rule = guard.rules.type(typeName);
    this.policies = policiesOf(this.rule);
    this.form = guard.forms.of(this.policies);
    this.checkRule = guard.compile(this.rule);
  }

  /** Evaluates the policies of the type about an object. */
  evaluate(
    source: unknown,
    context: unknown,
    info: GraphQLResolveInfo,
  ): PolicyResult | Promise<PolicyResult> {
    if (this.policies.length === 0) return true;
    const viewer = viewerOf(context);
    if (viewer.kind !== 'authenticated') return { kind: 'authentication' };
    const input = { viewer, source, args: {}, context, info };
    return this.#guard.evaluatePolicies(this.policies, input, this.rule, executionOf(info));
  }

  /** Records that the policies allow an object, so that `check` does not evaluate them again. */
  remember(source: unknown, { variableValues }: GraphQLResolveInfo): void {
    if (this.policies.length === 0 || !isObject(source)) return;
    const known = this.#allowed.get(variableValues);
    if (known) known.add(source);
    else this.#allowed.set(variableValues, new WeakSet([source]));
  }

  /** Checks an object. Rejects with a refusal, which the executor reports at the path of the object. */
  readonly check: CheckObject = (source, context, info) => {
    const refuse = (unmet: UnmetRequirement): Promise<never> =>
      refuseObject(
        this.#guard,
        { unmet, coordinate: this.typeName, rule: this.rule },
        viewerOf(context),
        info,
      );
    const settle = (result: PolicyResult): true | Promise<true> =>
      result === true || refuse(result);
    const unmet = this.checkRule(viewerOf(context));
    if (unmet) return refuse(unmet);
    if (this.policies.length === 0 || this.#isRemembered(source, info)) return true;
    const result = this.evaluate(source, context, info);
    return isThenable(result) ? markHandled(result).then(settle) : settle(result);
  };

  #isRemembered(source: unknown, { variableValues }: GraphQLResolveInfo): boolean {
    return isObject(source) && (this.#allowed.get(variableValues)?.has(source) ?? false);
  }
}
