import {
  type DirectiveNode,
  type FieldNode,
  type GraphQLCompositeType,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import type { Fragments } from '../shared/fragments-of.ts';
import { type Cost, CostProgram, type CostVariables } from './cost-program.ts';
import { InputPlanner } from './input-cost.ts';
import { planSize, type SlicingCheck } from './list-sizes.ts';
import type { FieldCosts, SchemaCosts } from './schema-costs.ts';

/** The cost of an operation, for any variables. */
export interface CostPlan {
  readonly cost: Cost;
  readonly checks: readonly SlicingCheck[];
  /** Calculates the cost for variables. */
  evaluate(variables: CostVariables): number;
}

/** What an operation costs before its fields. */
const operationCosts = { query: 0, mutation: 10, subscription: 0 } as const;

/** Plans the cost of an operation. Takes time linear in the document, which is valid for the schema. */
export function planCost(
  operation: OperationDefinitionNode,
  fragments: Fragments,
  costs: SchemaCosts,
  defaultSize: number,
): CostPlan {
  const planner = new CostPlanner(fragments, costs, defaultSize);
  const rootType = costs.schema.getRootType(operation.operation);
  const { fixed } = rootType
    ? planner.planSet(operation.selectionSet, rootType, notSized)
    : nothing;
  const { program, checks } = planner;
  const cost = program.sum([operationCosts[operation.operation], fixed]);
  return { cost, checks, evaluate: (variables) => program.evaluate(cost, variables) };
}

/** The cost of selections: apart from the sized fields in them, and of those for each item. */
interface SelectionCost {
  readonly fixed: Cost;
  readonly perItem: Cost;
}

const nothing: SelectionCost = { fixed: 0, perItem: 0 };
/** The names of no fields. */
const notSized = '';

class CostPlanner {
  readonly program = new CostProgram();
  readonly checks: SlicingCheck[] = [];
  readonly #fragments: Fragments;
  readonly #costs: SchemaCosts;
  readonly #defaultSize: number;
  readonly #inputs = new InputPlanner(this.program);
  readonly #conditions = new Map<string, Cost>();
  /** By selections and the sized fields in them: fragments can be spread in many places. */
  readonly #known = new Map<SelectionSetNode, Map<string, SelectionCost>>();

  constructor(fragments: Fragments, costs: SchemaCosts, defaultSize: number) {
    this.#fragments = fragments;
    this.#costs = costs;
    this.#defaultSize = defaultSize;
  }

  /** @param sized The names of the fields whose size the field above says, joined by commas. */
  planSet(set: SelectionSetNode, parent: GraphQLCompositeType, sized: string): SelectionCost {
    const all = this.#known.get(set) ?? new Map<string, SelectionCost>();
    this.#known.set(set, all);
    const known = all.get(sized);
    if (known !== undefined) return known;
    // Invalid documents can have fragments that spread themselves.
    all.set(sized, nothing);
    const planned = this.#planSelections(set, parent, sized);
    all.set(sized, planned);
    return planned;
  }

  #planSelections(
    { selections }: SelectionSetNode,
    parent: GraphQLCompositeType,
    sized: string,
  ): SelectionCost {
    const always: SelectionCost[] = [];
    // An object has one type: of the fragments on several types, those on one of them run.
    const onTypes = new Map<string, SelectionCost[]>();
    for (const selection of selections) {
      const condition = this.#planConditions(selection.directives);
      if (condition === 0) continue;
      if (selection.kind === Kind.FIELD) {
        always.push(this.#when(condition, this.#planField(selection, parent, sized)));
        continue;
      }
      const fragment =
        selection.kind === Kind.FRAGMENT_SPREAD
          ? this.#fragments.get(selection.name.value)
          : selection;
      const name = fragment?.typeCondition?.name.value;
      const type = name === undefined ? parent : this.#costs.schema.getType(name);
      if (fragment === undefined || !isCompositeType(type)) continue;
      const cost = this.#when(condition, this.planSet(fragment.selectionSet, type, sized));
      if (isObjectType(type) && isAbstractType(parent)) {
        const others = onTypes.get(type.name);
        if (others) others.push(cost);
        else onTypes.set(type.name, [cost]);
      } else always.push(cost);
    }
    const largest = (part: keyof SelectionCost): Cost =>
      this.program.sum([
        ...always.map((one) => one[part]),
        this.program.max(
          [...onTypes.values()].map((costs) => this.program.sum(costs.map((one) => one[part]))),
        ),
      ]);
    return { fixed: largest('fixed'), perItem: largest('perItem') };
  }

  #planField(node: FieldNode, parent: GraphQLCompositeType, sized: string): SelectionCost {
    const { program } = this;
    const field = this.#costs.field(parent, node.name.value);
    if (field === undefined) return nothing;
    const { size, check } = planSize(field, node, program, this.#defaultSize);
    if (check !== undefined) this.checks.push(check);
    const below = this.#planBelow(field, node, parent);
    const each = program.sum([field.weight, below.fixed, program.product(size, below.perItem)]);
    const args = this.#planArguments(field, node);
    const inner = this.#defaultSize ** Math.max(0, field.lists - 1);
    const list = program.product(inner, each);
    if (field.lists > 0 && sized.split(',').includes(node.name.value)) {
      return { fixed: args, perItem: list };
    }
    const isSizedItself = field.sizes.some(({ sizedFields }) => sizedFields.length === 0);
    const own = isSizedItself ? size : this.#defaultSize;
    return {
      fixed: program.sum([field.lists === 0 ? each : program.product(own, list), args]),
      perItem: 0,
    };
  }

  #planBelow(field: FieldCosts, node: FieldNode, parent: GraphQLCompositeType): SelectionCost {
    if (node.selectionSet === undefined) return nothing;
    const definition =
      isObjectType(parent) || isInterfaceType(parent)
        ? parent.getFields()[node.name.value]
        : undefined;
    const type = definition && getNamedType(definition.type);
    if (!isCompositeType(type)) return nothing;
    const sizedFields = new Set(field.sizes.flatMap((size) => size.sizedFields));
    return this.planSet(node.selectionSet, type, [...sizedFields].sort().join());
  }

  #planArguments(field: FieldCosts, node: FieldNode): Cost {
    const parts: Cost[] = [];
    for (const { name, value } of node.arguments ?? []) {
      const costs = field.args.get(name.value);
      if (costs !== undefined) parts.push(this.#inputs.plan(costs, value));
    }
    for (const directive of node.directives ?? []) {
      if ((directive.arguments ?? []).length === 0) continue;
      const known = this.#costs.directive(directive.name.value);
      for (const { name, value } of directive.arguments ?? []) {
        const costs = known.get(name.value);
        if (costs !== undefined) parts.push(this.#inputs.plan(costs, value));
      }
    }
    return this.program.sum(parts);
  }

  #when(condition: Cost, { fixed, perItem }: SelectionCost): SelectionCost {
    return {
      fixed: this.program.product(condition, fixed),
      perItem: this.program.product(condition, perItem),
    };
  }

  /** 1 if the selections run, 0 if they do not. */
  #planConditions(directives: readonly DirectiveNode[] | undefined): Cost {
    let all: Cost = 1;
    for (const directive of directives ?? []) {
      const name = directive.name.value;
      if (name !== 'skip' && name !== 'include') continue;
      const runsWhen = name === 'include';
      const value = directive.arguments?.find((argument) => argument.name.value === 'if')?.value;
      if (value?.kind === Kind.BOOLEAN && value.value !== runsWhen) return 0;
      if (value?.kind !== Kind.VARIABLE) continue;
      all = this.program.product(all, this.#planCondition(value.name.value, runsWhen));
    }
    return all;
  }

  #planCondition(variable: string, runsWhen: boolean): Cost {
    const key = `${runsWhen ? '+' : '-'}${variable}`;
    const known = this.#conditions.get(key);
    if (known !== undefined) return known;
    // What is not a boolean fails when variables are coerced.
    const condition = this.program.read((variables) =>
      variables.value(variable) === !runsWhen ? 0 : 1,
    );
    this.#conditions.set(key, condition);
    return condition;
  }
}
