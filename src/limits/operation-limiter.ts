/**
 * The entry of this room. Given a schema, an operation and its variables, it says which limits the
 * operation exceeds. Must not know viewers, how operations are executed, or HTTP.
 */
import {
  type DocumentNode,
  type GraphQLSchema,
  getOperationAST,
  type OperationDefinitionNode,
  valueFromASTUntyped,
} from 'graphql';
import { fragmentsOf } from '../shared/fragments-of.ts';
import { findNestingError } from '../shared/nesting.ts';
import type { CostVariables } from './cost-program.ts';
import { countSelections } from './count-selections.ts';
import {
  defaultOperationLimits,
  type OperationLimitName,
  type OperationLimits,
  type OperationMeasures,
} from './operation-limits.ts';
import { type CostPlan, planCost } from './plan-cost.ts';
import { SchemaCosts } from './schema-costs.ts';

/** A limit that an operation exceeds. */
export interface ExceededLimit {
  readonly limit: OperationLimitName;
  readonly max: number;
  /** Of slicing arguments, how many are given. At most `Number.MAX_SAFE_INTEGER`. */
  readonly actual: number;
  /** What is wrong, for the client. */
  readonly message: string;
}

/** An operation to measure. */
export interface MeasuredRequest {
  readonly schema: GraphQLSchema;
  /** A document that is valid for the schema. Not checked. */
  readonly document: DocumentNode;
  /** Required if the document has several operations. */
  readonly operationName?: string | null | undefined;
  /** As the client sends them, before coercion. Default: none. */
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** What is known of an operation, whatever its variables. */
interface MeasuredOperation {
  readonly exceeded: readonly ExceededLimit[];
  /** Undefined if variables do not change what is exceeded. */
  readonly plan: CostPlan | undefined;
  /** Of variables. */
  readonly defaults: ReadonlyMap<string, unknown>;
}

type MeasuredDocument = Map<string | null | undefined, MeasuredOperation>;

/** Checks operations against limits. What does not depend on variables is decided once per document. */
export class OperationLimiter {
  readonly #limits: Required<OperationLimits>;
  readonly #schemas = new WeakMap<GraphQLSchema, LimitedSchema>();

  constructor(limits: OperationLimits) {
    this.#limits = withDefaults(limits);
  }

  /** Whether operations that exceed a limit are refused. */
  get isEnforced(): boolean {
    return this.#limits.mode === 'enforce';
  }

  /**
   * Reads the cost directives of a schema.
   *
   * @throws {CostDirectiveError} If they cannot be applied as written.
   */
  prepare(schema: GraphQLSchema): LimitedSchema {
    const known = this.#schemas.get(schema);
    if (known !== undefined) return known;
    const prepared = { costs: new SchemaCosts(schema), documents: new WeakMap() };
    this.#schemas.set(schema, prepared);
    return prepared;
  }

  /**
   * Finds the limits that an operation exceeds.
   *
   * @throws {NestingError} If it is nested too deep, whatever the limits.
   */
  check({ variables, ...request }: MeasuredRequest): readonly ExceededLimit[] {
    const measured = this.#find(request);
    if (measured?.plan === undefined) return measured?.exceeded ?? none;
    const ofVariables = this.#checkCost(
      measured.plan,
      variablesOf(measured.defaults, variables ?? {}),
    );
    return ofVariables.length === 0 ? measured.exceeded : [...measured.exceeded, ...ofVariables];
  }

  /**
   * Finds the limits that an operation exceeds whatever its variables are.
   *
   * @throws {NestingError} If it is nested too deep, whatever the limits.
   */
  checkDocument(request: Omit<MeasuredRequest, 'variables'>): readonly ExceededLimit[] {
    return this.#find(request)?.exceeded ?? none;
  }

  #find({
    schema,
    document,
    operationName,
  }: Omit<MeasuredRequest, 'variables'>): MeasuredOperation | undefined {
    const prepared = this.prepare(schema);
    const known = prepared.documents.get(document)?.get(operationName);
    return known ?? this.#measure(prepared, document, operationName);
  }

  #measure(
    { costs, documents }: LimitedSchema,
    document: DocumentNode,
    operationName: string | null | undefined,
  ): MeasuredOperation | undefined {
    const operation = getOperationAST(document, operationName);
    // The error comes from execution.
    if (!operation) return undefined;
    const fragments = fragmentsOf(document);
    const nestingError = findNestingError(operation, fragments);
    if (nestingError !== undefined) throw nestingError;
    const counts = countSelections(operation, fragments);
    const limits = this.#limits;
    const exceeded = countLimits.flatMap((limit) =>
      counts[limit] > limits[limit] ? [exceed(limit, limits[limit], counts[limit])] : [],
    );
    const plan =
      limits.cost === Number.POSITIVE_INFINITY
        ? undefined
        : planCost(operation, fragments, costs, limits.listSize);
    const isFixed =
      plan === undefined ||
      (typeof plan.cost === 'number' && plan.checks.every((check) => check.isFixed));
    const defaults = defaultsOf(operation);
    const ofCost =
      plan !== undefined && isFixed ? this.#checkCost(plan, variablesOf(defaults, {})) : none;
    const measured: MeasuredOperation = {
      exceeded: [...exceeded, ...ofCost],
      plan: isFixed ? undefined : plan,
      defaults,
    };
    const all: MeasuredDocument = documents.get(document) ?? new Map();
    documents.set(document, all.set(operationName, measured));
    return measured;
  }

  #checkCost({ checks, evaluate }: CostPlan, variables: CostVariables): readonly ExceededLimit[] {
    const exceeded: ExceededLimit[] = [];
    for (const { coordinate, slicingArguments, countWrong } of checks) {
      const count = countWrong(variables);
      if (count === undefined) continue;
      exceeded.push({
        limit: 'slicingArguments',
        max: 1,
        actual: count,
        message: `${coordinate} requires exactly one of its arguments ${slicingArguments.join(', ')}: the operation has ${count}.`,
      });
      break;
    }
    const cost = round(evaluate(variables));
    if (cost > this.#limits.cost) exceeded.push(exceed('cost', this.#limits.cost, cost));
    return exceeded;
  }
}

/** A schema, and the documents that have been measured for it. */
interface LimitedSchema {
  readonly costs: SchemaCosts;
  readonly documents: WeakMap<DocumentNode, MeasuredDocument>;
}

/**
 * Measures an operation, to choose limits or to say what it costs. Takes time linear in the document and
 * the variables. Undefined if the document has no such operation.
 *
 * @param listSize How many items a list counts as that has no `@listSize`. Default 10.
 * @throws {CostDirectiveError} If `@cost` or `@listSize` cannot be applied as written.
 * @throws {GraphQLError} With the code `OPERATION_LIMIT_EXCEEDED`, if more than 200 selection sets are within
 *   each other.
 *
 * @example
 * ```ts
 * import { measureOperation } from 'graphql-resource-server';
 * import { buildSchema, parse } from 'graphql';
 *
 * const schema = buildSchema('type Query { books: [Book] } type Book { title: String }');
 * const measures = measureOperation({ schema, document: parse('{ books { title } }') });
 * // { cost: 10, depth: 2, aliases: 0, rootFields: 1, directives: 0, ... }
 * ```
 */
export function measureOperation(
  { schema, document, operationName, variables }: MeasuredRequest,
  listSize: number = defaultOperationLimits.listSize,
): OperationMeasures | undefined {
  const operation = getOperationAST(document, operationName);
  if (!operation) return undefined;
  const fragments = fragmentsOf(document);
  const nestingError = findNestingError(operation, fragments);
  if (nestingError !== undefined) throw nestingError;
  const plan = planCost(operation, fragments, new SchemaCosts(schema), listSize);
  const cost = round(plan.evaluate(variablesOf(defaultsOf(operation), variables ?? {})));
  return { cost, ...countSelections(operation, fragments) };
}

const none: readonly ExceededLimit[] = [];

const countLimits = [
  'directives',
  'aliases',
  'rootFields',
  'depth',
  'introspectionLists',
  'introspectionDepth',
] as const;

const nouns: Readonly<Record<Exclude<OperationLimitName, 'slicingArguments' | 'nesting'>, string>> =
  {
    cost: 'cost',
    depth: 'depth',
    aliases: 'number of aliases',
    rootFields: 'number of root fields',
    directives: 'number of directives',
    introspectionLists: 'number of lists of introspection',
    introspectionDepth: 'depth of introspection',
  };

function exceed(limit: keyof typeof nouns, max: number, actual: number): ExceededLimit {
  return {
    limit,
    max,
    actual,
    message: `The operation is too large: its ${nouns[limit]} is ${actual}, and the maximum of this API is ${max}.`,
  };
}

/** Weights can be fractions. */
const round = (cost: number): number =>
  cost < 1e12 ? Math.round(cost * 1_000) / 1_000 : Math.round(cost);

function defaultsOf({
  variableDefinitions = [],
}: OperationDefinitionNode): ReadonlyMap<string, unknown> {
  return new Map(
    variableDefinitions.flatMap(({ variable, defaultValue }) =>
      defaultValue ? [[variable.name.value, valueFromASTUntyped(defaultValue)] as const] : [],
    ),
  );
}

function variablesOf(
  defaults: ReadonlyMap<string, unknown>,
  values: Readonly<Record<string, unknown>>,
): CostVariables {
  return {
    value(name) {
      const sent = Object.hasOwn(values, name) ? values[name] : undefined;
      return sent === undefined ? defaults.get(name) : sent;
    },
  };
}

function withDefaults(limits: OperationLimits): Required<OperationLimits> {
  const defaults = defaultOperationLimits;
  return {
    cost: limits.cost ?? defaults.cost,
    depth: limits.depth ?? defaults.depth,
    aliases: limits.aliases ?? defaults.aliases,
    rootFields: limits.rootFields ?? defaults.rootFields,
    directives: limits.directives ?? defaults.directives,
    introspectionLists: limits.introspectionLists ?? defaults.introspectionLists,
    introspectionDepth: limits.introspectionDepth ?? defaults.introspectionDepth,
    listSize: limits.listSize ?? defaults.listSize,
    mode: limits.mode ?? defaults.mode,
  };
}
