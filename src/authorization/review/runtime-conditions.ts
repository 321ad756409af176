import {
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isObjectType,
} from 'graphql';
import type { Viewer } from '../../authentication/viewer.ts';
import { type PolicyTerm, policiesOf, type Rule } from '../directives/requirement.ts';
import type { Guard } from '../operation/guard.ts';
import type { PlannedField } from '../operation/operation-plan.ts';

/**
 * What decides about an allowed selection while the operation runs: a policy, the type of an object (the
 * parent, or what is returned), or the enum value that is returned.
 */
export type RuntimeCondition =
  | { readonly kind: 'policy'; readonly policy: string }
  | { readonly kind: 'type' }
  | { readonly kind: 'value' };

/** Finds what can still refuse allowed selections to one viewer. Looks at each type once. */
export class RuntimeConditions {
  readonly #schema: GraphQLSchema;
  readonly #guard: Guard;
  readonly #viewer: Viewer;
  readonly #ofReturned = new Map<GraphQLNamedType, RuntimeCondition | undefined>();

  constructor(schema: GraphQLSchema, guard: Guard, viewer: Viewer) {
    this.#schema = schema;
    this.#guard = guard;
    this.#viewer = viewer;
  }

  /** @param rules What applies on each possible parent type, with what the client supplied. */
  find(field: PlannedField, rules: readonly Rule[]): readonly RuntimeCondition[] {
    const met = rules.filter((rule) => this.#guard.check(rule, this.#viewer) === undefined);
    const policies = new Set(policiesOf(...met).flatMap(namesOf));
    const returned = this.#findReturned(field.coordinate);
    const isByParent = met.length < rules.length;
    return [
      ...Array.from(policies, (policy) => ({ kind: 'policy', policy }) as const),
      ...(isByParent && returned?.kind !== 'type' ? [{ kind: 'type' } as const] : []),
      ...(returned ? [returned] : []),
    ];
  }

  #findReturned(coordinate: string): RuntimeCondition | undefined {
    const [typeName = '', fieldName = ''] = coordinate.split('.');
    const parent = this.#schema.getType(typeName);
    if (!isObjectType(parent) && !isInterfaceType(parent)) return undefined;
    const field = parent.getFields()[fieldName];
    if (field === undefined) return undefined;
    const type = getNamedType(field.type);
    if (this.#ofReturned.has(type)) return this.#ofReturned.get(type);
    const condition = this.#decide(type);
    this.#ofReturned.set(type, condition);
    return condition;
  }

  #decide(type: GraphQLNamedType): RuntimeCondition | undefined {
    const { rules } = this.#guard;
    if (isAbstractType(type)) {
      const possible = this.#schema.getPossibleTypes(type);
      return possible.some(({ name }) => this.#canRefuse(rules.type(name)))
        ? { kind: 'type' }
        : undefined;
    }
    if (!isEnumType(type)) return undefined;
    const values = [...(rules.enumValues(type)?.values() ?? [])];
    return values.some((rule) => this.#canRefuse(rule)) ? { kind: 'value' } : undefined;
  }

  #canRefuse(rule: Rule): boolean {
    return this.#guard.check(rule, this.#viewer) !== undefined || policiesOf(rule).length > 0;
  }
}

const namesOf = (term: PolicyTerm): readonly string[] =>
  typeof term === 'string' ? [term] : term.flat();
