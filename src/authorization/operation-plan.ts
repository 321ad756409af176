import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  getOperationAST,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isNonNullType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { type Condition, conditionsOf } from './conditions.ts';
import { type FieldRule, fieldAsks, type SchemaRules } from './schema-rules.ts';

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
 * Steps after which paths are no longer laid out one by one. Fragments can be nested so that a
 * short document has more paths than could ever be walked. Past this many, each selection set is
 * laid out once more for each type, as if it ran under no condition: no selection is missed, only
 * some of its paths, and the work stays linear in the size of the document.
 */
const maxSteps = 20_000;

/** Plans the operation that would be executed. Undefined where there is none: execution says so itself. */
export function planOperation(
  schema: GraphQLSchema,
  rules: SchemaRules,
  document: DocumentNode,
  operationName: string | undefined,
): OperationPlan | undefined {
  const operation = getOperationAST(document, operationName);
  const rootType = operation && schema.getRootType(operation.operation);
  if (!operation || !rootType) return undefined;
  const planner = new Planner(schema, rules, document);
  return {
    operation,
    rootType,
    roots: planner.plan(rootType, [{ selectionSet: operation.selectionSet, conditions: [] }]),
  };
}

/** Selection sets whose fields are merged: those of every occurrence of their parent. */
type Selections = readonly {
  readonly selectionSet: SelectionSetNode;
  readonly conditions: readonly Condition[];
}[];

/** The type that selections are written on, and the object types that may be met there. */
interface Parent {
  readonly type: GraphQLCompositeType;
  readonly possible: readonly GraphQLObjectType[];
}

interface Group {
  readonly parent: Parent;
  readonly occurrences: Occurrence[];
}

class Planner {
  readonly #schema: GraphQLSchema;
  readonly #rules: SchemaRules;
  readonly #fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  readonly #laidOut = new WeakMap<SelectionSetNode, Set<string>>();
  #steps = 0;

  constructor(schema: GraphQLSchema, rules: SchemaRules, document: DocumentNode) {
    this.#schema = schema;
    this.#rules = rules;
    this.#fragments = new Map(
      document.definitions.flatMap((definition) =>
        definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
      ),
    );
  }

  /** The fields of merged selection sets. */
  plan(type: GraphQLCompositeType, selections: Selections): PlannedField[] {
    const groups = new Map<string, Group>();
    const parent = this.#parent(type);
    for (const { selectionSet, conditions } of selections) {
      this.#collect(parent, selectionSet, conditions, groups, new Set());
    }
    return [...groups.values()].flatMap((group) => this.#field(group));
  }

  /** Collects fields by response key and possible types, through fragments, as execution does. */
  #collect(
    parent: Parent,
    selectionSet: SelectionSetNode,
    conditions: readonly Condition[],
    groups: Map<string, Group>,
    spread: Set<string>,
  ): void {
    for (const selection of selectionSet.selections) {
      const own = conditionsOf(selection.directives);
      if (own === 'never') continue;
      this.#steps += 1;
      const all = this.#isOverlong ? [] : [...conditions, ...own];
      if (selection.kind === Kind.FIELD) {
        const key = `${selection.alias?.value ?? selection.name.value} ${namesOf(parent)}`;
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
        const key = JSON.stringify([selection.name.value, namesOf(parent), all]);
        if (fragment === undefined || spread.has(key)) continue;
        spread.add(key);
        const narrowed = this.#narrow(parent, fragment.typeCondition.name.value);
        if (narrowed) this.#collect(narrowed, fragment.selectionSet, all, groups, spread);
      }
    }
  }

  #field({ parent, occurrences }: Group): PlannedField[] {
    const node = occurrences[0]?.node;
    if (node === undefined) return [];
    const { type, possible } = parent;
    const only = possible.length === 1 ? possible[0] : undefined;
    const name = node.name.value;
    const returnType =
      isObjectType(type) || isInterfaceType(type) ? type.getFields()[name]?.type : undefined;
    const named = returnType && getNamedType(returnType);
    return [
      {
        responseKey: node.alias?.value ?? name,
        coordinate: `${(only ?? type).name}.${name}`,
        occurrences,
        candidates: this.#candidates(parent, name),
        isNonNull: returnType !== undefined && isNonNullType(returnType),
        children: named && isCompositeType(named) ? this.#children(named, occurrences) : [],
      },
    ];
  }

  #candidates({ type, possible }: Parent, name: string): readonly FieldRule[] {
    const types = possible.length === 0 ? [type] : possible;
    const candidates = types.map((one) => this.#rules.field(one.name, name));
    return candidates.every(fieldAsks) ? candidates : [];
  }

  #children(type: GraphQLCompositeType, occurrences: readonly Occurrence[]): PlannedField[] {
    const selections = occurrences.flatMap(({ node: { selectionSet }, conditions }) =>
      selectionSet && this.#isToLayOut(selectionSet, type) ? [{ selectionSet, conditions }] : [],
    );
    return this.plan(type, selections).filter(asksSomething);
  }

  #isToLayOut(selectionSet: SelectionSetNode, type: GraphQLCompositeType): boolean {
    if (!this.#isOverlong) return true;
    const types = this.#laidOut.get(selectionSet) ?? new Set();
    this.#laidOut.set(selectionSet, types);
    return types.size < types.add(type.name).size;
  }

  get #isOverlong(): boolean {
    return this.#steps > maxSteps;
  }

  #parent(type: GraphQLCompositeType): Parent {
    return { type, possible: isAbstractType(type) ? this.#schema.getPossibleTypes(type) : [type] };
  }

  /** What a type condition leaves of the possible types; undefined where that is nothing. */
  #narrow(parent: Parent, condition: string | undefined): Parent | undefined {
    if (condition === undefined || condition === parent.type.name) return parent;
    const type = this.#schema.getType(condition);
    if (!isCompositeType(type)) return undefined;
    const { possible } = this.#parent(type);
    const left = parent.possible.filter((member) => possible.includes(member));
    return left.length > 0 ? { type, possible: left } : undefined;
  }
}

function namesOf({ type, possible }: Parent): string {
  return possible.length === 0 ? type.name : possible.map((member) => member.name).join();
}

function asksSomething({ candidates, children }: PlannedField): boolean {
  return candidates.length > 0 || children.length > 0;
}
