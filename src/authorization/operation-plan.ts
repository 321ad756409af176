import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  getOperationAST,
  isNonNullType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { type Condition, conditionsKey, conditionsOf, withConditions } from './conditions.ts';
import { type FieldRule, fieldAsks, type SchemaRules } from './schema-rules.ts';
import { type SelectionParent, SelectionParents } from './selection-parents.ts';

/** One place where the document selects a field, and the conditions under which it runs. */
interface Occurrence {
  readonly node: FieldNode;
  readonly conditions: readonly Condition[];
}

/** A field that the operation selects: what has one response key on one set of possible types. */
export interface PlannedField {
  readonly responseKey: string;
  readonly coordinate: string;
  readonly occurrences: readonly Occurrence[];
  /** All of them, where none has a condition. */
  readonly nodes: readonly FieldNode[] | undefined;
  /** What the possible parent types ask. It is enough that one of them is met. */
  readonly candidates: readonly FieldRule[];
  readonly isNonNull: boolean;
  /** The selected fields below that ask something, or have such fields below them. */
  readonly children: readonly PlannedField[];
}

/** What of an operation depends on the schema only: made once, used for every viewer. */
export interface OperationPlan {
  readonly operation: OperationDefinitionNode;
  readonly rootType: GraphQLObjectType;
  /** Every root field, those that ask nothing too. */
  readonly roots: readonly PlannedField[];
}

/**
 * Selections after which paths are no longer laid out one by one. Fragments can be nested so that
 * a short document has more paths than could ever be walked. Such an operation is laid out anew:
 * each selection set and each fragment once for the types it is met on, as if it ran under no
 * condition. No selection is missed, only some of its paths, and the work stays linear in the size
 * of the document.
 */
const maxSelections = 5_000;

/**
 * Plans the operation that would be executed. Undefined where there is none: execution says so
 * itself.
 *
 * @param keep Whether fields that ask nothing, and have nothing below them that does, are kept too.
 */
export function planOperation(
  schema: GraphQLSchema,
  rules: SchemaRules,
  document: DocumentNode,
  operationName: string | undefined,
  keep: 'what asks' | 'everything' = 'what asks',
): OperationPlan | undefined {
  const operation = getOperationAST(document, operationName);
  const rootType = operation && schema.getRootType(operation.operation);
  if (!operation || !rootType) return undefined;
  const everyPath = new Planner(schema, rules, document, maxSelections, keep);
  const roots = everyPath.planRoots(rootType, operation);
  if (!everyPath.hasGivenUp) return { operation, rootType, roots };
  const eachOnce = new Planner(schema, rules, document, 'each once', keep);
  return { operation, rootType, roots: eachOnce.planRoots(rootType, operation) };
}

/** Selection sets whose fields are merged: those of every occurrence of their parent. */
type Selections = readonly {
  readonly selectionSet: SelectionSetNode;
  readonly conditions: readonly Condition[];
}[];

interface Group {
  readonly parent: SelectionParent;
  readonly occurrences: Occurrence[];
}

class Planner {
  readonly #rules: SchemaRules;
  readonly #parents: SelectionParents;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #limit: number | 'each once';
  readonly #keepsAll: boolean;
  readonly #laidOut = new Map<SelectionSetNode, Set<string>>();
  #selections = 0;

  constructor(
    schema: GraphQLSchema,
    rules: SchemaRules,
    document: DocumentNode,
    limit: number | 'each once',
    keep: 'what asks' | 'everything',
  ) {
    this.#rules = rules;
    this.#parents = new SelectionParents(schema);
    this.#limit = limit;
    this.#keepsAll = keep === 'everything';
    this.#fragments = new Map(
      document.definitions.flatMap((definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
      ),
    );
  }

  /** Whether there were more selections than the limit: the plan is then of no use. */
  get hasGivenUp(): boolean {
    return this.#limit !== 'each once' && this.#selections > this.#limit;
  }

  planRoots(rootType: GraphQLObjectType, { selectionSet }: OperationDefinitionNode) {
    return this.#plan(this.#parents.of(rootType), [{ selectionSet, conditions: [] }]);
  }

  /** The fields of merged selection sets. */
  #plan(parent: SelectionParent, selections: Selections): PlannedField[] {
    const groups = new Map<string, Group>();
    const spread = new Set<string>();
    for (const { selectionSet, conditions } of selections) {
      this.#collect(parent, selectionSet, conditions, groups, spread);
    }
    return [...groups.values()].map((group) => this.#field(group));
  }

  /** Collects fields by response key and possible types, through fragments, as execution does. */
  #collect(
    parent: SelectionParent,
    selectionSet: SelectionSetNode,
    conditions: readonly Condition[],
    groups: Map<string, Group>,
    spread: Set<string>,
  ): void {
    if (this.hasGivenUp || !this.#isToLayOut(selectionSet, parent)) return;
    for (const selection of selectionSet.selections) {
      this.#selections += 1;
      const own = conditionsOf(selection.directives);
      if (own === 'never') continue;
      const all = this.#limit === 'each once' ? [] : withConditions(conditions, own);
      if (all === 'never') continue;
      if (selection.kind === Kind.FIELD) {
        const key = `${selection.alias?.value ?? selection.name.value} ${parent.key}`;
        const occurrence = { node: selection, conditions: all };
        const group = groups.get(key);
        if (group) group.occurrences.push(occurrence);
        else groups.set(key, { parent, occurrences: [occurrence] });
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        const narrowed = this.#narrow(parent, selection.typeCondition?.name.value);
        if (narrowed) this.#collect(narrowed, selection.selectionSet, all, groups, spread);
      } else {
        const fragment = this.#fragments.get(selection.name.value);
        // The same fragment on the same types under the same conditions adds nothing.
        const key = `${selection.name.value} ${parent.key} ${conditionsKey(all)}`;
        if (fragment === undefined || spread.has(key)) continue;
        spread.add(key);
        const narrowed = this.#narrow(parent, fragment.typeCondition.name.value);
        if (narrowed) this.#collect(narrowed, fragment.selectionSet, all, groups, spread);
      }
    }
  }

  #field({ parent, occurrences }: Group): PlannedField {
    const [first] = occurrences;
    const name = first?.node.name.value ?? '';
    const { type, possible } = parent;
    const only = possible.length === 1 ? possible[0] : undefined;
    const returnType = this.#parents.returnType(parent, name);
    const below = this.#parents.below(parent, name);
    return {
      responseKey: first?.node.alias?.value ?? name,
      coordinate: `${(only ?? type).name}.${name}`,
      occurrences,
      nodes: occurrences.every(({ conditions }) => conditions.length === 0)
        ? occurrences.map(({ node }) => node)
        : undefined,
      candidates: this.#candidates(parent, name),
      isNonNull: returnType !== undefined && isNonNullType(returnType),
      children: below ? this.#children(below, occurrences) : [],
    };
  }

  #candidates({ type, possible }: SelectionParent, name: string): readonly FieldRule[] {
    const types = possible.length === 0 ? [type] : possible;
    const candidates = types.map((one) => this.#rules.field(one.name, name));
    return this.#keepsAll || candidates.every(fieldAsks) ? candidates : [];
  }

  #children(parent: SelectionParent, occurrences: readonly Occurrence[]): PlannedField[] {
    const selections = occurrences.flatMap(({ node: { selectionSet }, conditions }) =>
      selectionSet ? [{ selectionSet, conditions }] : [],
    );
    const fields = this.#plan(parent, selections);
    return this.#keepsAll ? fields : fields.filter(asksSomething);
  }

  /** Once for each set of possible types, or whenever it is met. */
  #isToLayOut(selectionSet: SelectionSetNode, parent: SelectionParent): boolean {
    if (this.#limit !== 'each once') return true;
    const keys = this.#laidOut.get(selectionSet) ?? new Set();
    this.#laidOut.set(selectionSet, keys);
    return keys.size < keys.add(parent.key).size;
  }

  #narrow(parent: SelectionParent, condition: string | undefined): SelectionParent | undefined {
    return condition === undefined ? parent : this.#parents.narrow(parent, condition);
  }
}

function asksSomething({ candidates, children }: PlannedField): boolean {
  return candidates.length > 0 || children.length > 0;
}
