import type { GraphQLResolveInfo } from 'graphql';
import type { AuthenticatedViewer, Viewer } from '../authentication/viewer.ts';
import {
  policiesOf,
  type Requirement,
  type Rule,
} from '../authorization/directives/requirement.ts';
import type { Guard } from '../authorization/operation/guard.ts';
import { FilterAnswers } from '../authorization/rules/filter-policies.ts';
import { type Access, requirementsOf } from '../authorization/rules/schema-access.ts';
import { findUnmet } from '../authorization/rules/unmet.ts';

/** What a policy is given in a test. What is omitted is undefined, or empty for `args`. */
export interface TestPolicyInput {
  /** For a policy on a field or argument, the parent object; for one on a type, the object itself. */
  readonly source?: unknown;
  readonly args?: Readonly<Record<string, unknown>>;
  readonly context?: unknown;
  /** Required by policies that read it. */
  readonly info?: GraphQLResolveInfo;
}

/** The inputs of policies, by the coordinate that `@auth(policy:)` is applied to. */
export type TestPolicyInputs = Readonly<Record<string, TestPolicyInput>>;

/** Decides who can access coordinates of one schema, policies included. Evaluates each once per viewer. */
export class PolicyEvaluation {
  readonly #guard: Guard;
  readonly #accesses: ReadonlyMap<string, Access>;
  readonly #inputs: TestPolicyInputs;
  readonly #decisions = new Map<Viewer, Map<Requirement, Promise<boolean>>>();
  readonly #problems = new Set<string>();

  /** @throws {TypeError} if an input is for a coordinate that has no policy */
  constructor(guard: Guard, accesses: ReadonlyMap<string, Access>, inputs: TestPolicyInputs) {
    this.#guard = guard;
    this.#accesses = accesses;
    this.#inputs = inputs;
    const applied = new Set(
      [...accesses.values()].flatMap((access) =>
        withPolicies(requirementsOf(access)).map(({ coordinate }) => coordinate),
      ),
    );
    const unknown = Object.keys(inputs).filter((coordinate) => !applied.has(coordinate));
    if (unknown.length > 0) {
      throw new TypeError(
        `withPolicies: ${unknown.join(', ')} has no policy. Policies are applied to: ${[...applied].join(', ')}.`,
      );
    }
  }

  /**
   * Finds the viewers that can access each coordinate.
   *
   * @throws {Error} if the input of a policy is missing, or a policy throws
   */
  async findAllowed(
    coordinates: readonly string[],
    viewers: readonly (readonly [name: string, viewer: Viewer])[],
  ): Promise<ReadonlyMap<string, readonly string[]>> {
    const found = new Map<string, readonly string[]>();
    for (const coordinate of coordinates) {
      const access = this.#accesses.get(coordinate);
      if (access === undefined) continue;
      const allowed: string[] = [];
      for (const [name, viewer] of viewers) {
        if (await this.#meets(access, viewer, name)) allowed.push(name);
      }
      found.set(coordinate, allowed);
    }
    if (this.#problems.size > 0) throw new Error([...this.#problems].join('\n'));
    return found;
  }

  /** Policies run only for viewers who meet the rest of a rule. */
  async #meets({ all, groups }: Access, viewer: Viewer, name: string): Promise<boolean> {
    if (findUnmet(all, viewer, this.#guard.now) !== undefined) return false;
    for (const requirement of withPolicies(all)) {
      if (viewer.kind !== 'authenticated') return false;
      if (!(await this.#decide(requirement, viewer, name))) return false;
    }
    for (const group of groups) {
      let isMet = false;
      for (const one of group) isMet ||= await this.#meets(one, viewer, name);
      if (!isMet) return false;
    }
    return true;
  }

  #decide(requirement: Requirement, viewer: AuthenticatedViewer, name: string): Promise<boolean> {
    const decisions = this.#decisions.get(viewer) ?? new Map<Requirement, Promise<boolean>>();
    this.#decisions.set(viewer, decisions);
    const known = decisions.get(requirement);
    if (known !== undefined) return known;
    const decision = this.#evaluate(requirement, viewer, name);
    decisions.set(requirement, decision);
    return decision;
  }

  async #evaluate(
    requirement: Requirement,
    viewer: AuthenticatedViewer,
    name: string,
  ): Promise<boolean> {
    const { coordinate } = requirement;
    const input = Object.hasOwn(this.#inputs, coordinate) ? this.#inputs[coordinate] : undefined;
    if (input === undefined) {
      this.#problems.add(
        `${coordinate} has the policy ${describePolicies([requirement])}: pass its input as withPolicies({ '${coordinate}': { source, args } }).`,
      );
      return false;
    }
    const { source, args = {}, context, info = missingInfo(coordinate) } = input;
    const result = await this.#guard.evaluatePolicies(
      requirement.policies,
      { viewer, source, args, context, info },
      [requirement],
      {
        reportPolicyError: (error, policy) => {
          this.#problems.add(`${coordinate}: the policy ${policy} threw for ${name}: ${error}`);
        },
        decisionsOf: () => ({}),
      },
      { of: coordinate.includes('.') ? 'field' : 'object', answers: new FilterAnswers() },
    );
    return result === true;
  }
}

/** The policies of a rule: `owner`, or `a and b or c` for alternatives. */
export function describePolicies(rule: Rule): string {
  return policiesOf(rule)
    .map((term) =>
      typeof term === 'string' ? term : term.map((names) => names.join(' and ')).join(' or '),
    )
    .join(', ');
}

const withPolicies = (requirements: Iterable<Requirement>): Requirement[] =>
  [...requirements].filter(({ policies }) => policies.length > 0);

/** Explains itself to a policy that reads it. */
const missingInfo = (coordinate: string): GraphQLResolveInfo =>
  new Proxy(Object.create(null), {
    get(_target, name) {
      throw new TypeError(
        `the policy reads info.${String(name)}. Pass info in the input of ${coordinate}.`,
      );
    },
  });
