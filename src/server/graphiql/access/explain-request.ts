import type { GraphQLSchema, OperationDefinitionNode, SourceLocation } from 'graphql';
import type { Viewer } from '../../../authentication/viewer.ts';
import { examineOperation } from '../../../authorization/operation/find-refusals.ts';
import { hasCoordinate } from '../../../authorization/review/access-rules.ts';
import {
  type DescribedAccess,
  describeAccess,
} from '../../../authorization/review/describe-access.ts';
import {
  type ExplainedSelection,
  explainOperation,
} from '../../../authorization/review/explain-operation.ts';
import type { RuntimeCondition } from '../../../authorization/review/runtime-conditions.ts';
import { formatRefusal } from '../../../authorization/rules/refusal.ts';
import type { Access } from '../../../authorization/rules/schema-access.ts';
import type { UnmetRequirement } from '../../../authorization/rules/unmet.ts';
import { type LineStarts, locate } from '../../../gate/format-result.ts';
import { type MeasuredRequest, OperationLimiter } from '../../../limits/operation-limiter.ts';
import type { OperationLimits } from '../../../limits/operation-limits.ts';
import {
  type DocumentCircumstances,
  findVariableProblem,
  type OperationProblem,
  readDocument,
} from './read-document.ts';

/** An operation, as GraphQL over HTTP sends it. */
export interface ExplainRequest {
  readonly query: string;
  readonly operationName?: string | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | undefined;
}

/** Whether the viewer may read one selection, and why. */
interface SelectionVerdict {
  /** Response keys from the root. */
  readonly path: readonly string[];
  /** The coordinate whose rule decided. */
  readonly coordinate: string;
  /**
   * `conditional`: allowed by everything that is known before the operation runs; `dependsOn` decides then.
   * `not reached`: a field above it is refused.
   */
  readonly verdict: 'allowed' | 'conditional' | 'refused' | 'not reached';
  /** The verdict as a sentence; of a refusal, the message of its error. */
  readonly message: string;
  /** The rule as text, and where it comes from. Omitted where introspection does not show the coordinate. */
  readonly rule?: string;
  readonly from?: readonly string[];
  readonly unmet?: UnmetRequirement;
  readonly dependsOn?: readonly RuntimeCondition[];
  /** Where it is selected: several places if they are merged. */
  readonly locations: readonly SourceLocation[];
}

/** What the rules say about an operation, for one viewer. */
export interface OperationVerdicts {
  /** The selections that would run, in the order of the document. Empty if there is a problem with the document. */
  readonly selections: readonly SelectionVerdict[];
  /** How many more there are. */
  readonly omitted?: number;
  /**
   * What the API responds, as far as it is known: data, data beside refused fields, or a refusal of the
   * whole operation.
   */
  readonly outcome?: 'allowed' | 'partial' | 'refused';
  /** The smallest set of scopes that the whole operation requires, space-delimited, if any. */
  readonly scope?: string;
  /** The scopes that the viewer lacks for it, space-delimited, if any. */
  readonly missingScope?: string;
  readonly operationName: string | null;
  /** Present if the API does not run it for another reason. */
  readonly problem?: OperationProblem;
}

/** Options for `createRequestExplainer`. */
export interface RequestExplainerOptions extends DocumentCircumstances {
  readonly refuse: 'selection' | 'operation';
  readonly limits: OperationLimits | undefined;
}

/** Characters of the selections of a response: short fragments can have long paths. */
const maxCharacters = 1_000_000;
/** Locations of one selection. */
const maxLocations = 100;

/** Creates what explains operations to the viewers who could run them. */
export function createRequestExplainer(
  options: RequestExplainerOptions,
): (request: ExplainRequest, viewer: Viewer) => OperationVerdicts {
  const { schema, limits, refuse } = options;
  const limiter = limits && new OperationLimiter(limits);

  function findProblem(
    request: MeasuredRequest,
    operation: OperationDefinitionNode,
  ): OperationProblem | undefined {
    const [exceeded] = limiter?.isEnforced ? limiter.check(request) : [];
    if (exceeded !== undefined) return { kind: 'limit', message: exceeded.message };
    return findVariableProblem(schema, operation, request.variables ?? {});
  }

  return ({ query, operationName, variables = {} }, viewer) => {
    const read = readDocument(query, operationName, viewer, options);
    const none = { selections: [], operationName: operationName ?? null };
    if (read.kind === 'invalid') return { ...none, problem: read.problem };
    const { document, operation } = read;
    const request = { schema, document, operationName, variables, viewer };
    const explanation = explainOperation(request);
    if (explanation === undefined) return none;
    const { selections, ...scopes } = explanation;
    const { refusals, isFullyRefused } = examineOperation(request);
    const isWhole = isFullyRefused || operation.operation !== 'query' || refuse === 'operation';
    const problem = findProblem(request, operation);
    return {
      ...describeSelections(selections, createRuleReader(viewer, options)),
      outcome: refusals.length === 0 ? 'allowed' : isWhole ? 'refused' : 'partial',
      ...scopes,
      operationName: operation.name?.value ?? null,
      ...(problem ? { problem } : {}),
    };
  };
}

type ReadRule = (access: Access, coordinate: string) => Partial<DescribedAccess>;

/** Describes rules where introspection shows the coordinate to the viewer. */
function createRuleReader(
  viewer: Viewer,
  { introspection, visibleTo }: DocumentCircumstances,
): ReadRule {
  const known = new Map<Access, DescribedAccess>();
  const describe = (access: Access): DescribedAccess => {
    const described = known.get(access) ?? describeAccess(access);
    known.set(access, described);
    return described;
  };
  if (introspection === 'on') return describe;
  if (introspection === 'off') return () => ({});
  const visible = visibleTo(viewer);
  return (access, coordinate) =>
    isVisible(visible, coordinate) ? onlyVisible(describe(access), visible) : {};
}

const isVisible = (visible: GraphQLSchema, coordinate: string): boolean =>
  coordinate.endsWith('.__typename') || hasCoordinate(visible, coordinate);

/** Without the places of rules that the viewer cannot see. */
const onlyVisible = ({ rule, from }: DescribedAccess, visible: GraphQLSchema): DescribedAccess => ({
  rule,
  from: from.filter((one) => hasCoordinate(visible, one) || visible.getType(one) !== undefined),
});

function describeSelections(
  explained: readonly ExplainedSelection[],
  readRule: ReadRule,
): Pick<OperationVerdicts, 'selections' | 'omitted'> {
  const selections: SelectionVerdict[] = [];
  const lines: LineStarts = new Map();
  let characters = 0;
  for (const selection of explained) {
    const described = describeSelection(selection, readRule, lines);
    characters += JSON.stringify(described).length;
    if (characters > maxCharacters) {
      return { selections, omitted: explained.length - selections.length };
    }
    selections.push(described);
  }
  return { selections };
}

function describeSelection(
  { path, coordinate, verdict, access, unmet, dependsOn, nodes }: ExplainedSelection,
  readRule: ReadRule,
  lines: LineStarts,
): SelectionVerdict {
  return {
    path,
    coordinate,
    ...describeVerdict(verdict, unmet, dependsOn),
    ...readRule(access, coordinate),
    ...(unmet ? { unmet } : {}),
    ...(dependsOn ? { dependsOn } : {}),
    locations: nodes
      .slice(0, maxLocations)
      .flatMap(({ loc }) => (loc ? [locate(loc.source, loc.start, lines)] : [])),
  };
}

function describeVerdict(
  verdict: ExplainedSelection['verdict'],
  unmet: UnmetRequirement | undefined,
  dependsOn: readonly RuntimeCondition[] | undefined,
): Pick<SelectionVerdict, 'verdict' | 'message'> {
  if (verdict === 'below a refusal') {
    return { verdict: 'not reached', message: 'Not reached: a field above it is refused.' };
  }
  if (unmet !== undefined) return { verdict: 'refused', message: formatRefusal(unmet) };
  if (dependsOn === undefined) return { verdict: 'allowed', message: 'Allowed.' };
  return { verdict: 'conditional', message: `Allowed, if ${describeConditions(dependsOn)}.` };
}

function describeConditions(conditions: readonly RuntimeCondition[]): string {
  const policies = conditions.flatMap((one) => (one.kind === 'policy' ? [one.policy] : []));
  const others = conditions.flatMap(({ kind }) =>
    kind === 'type'
      ? ['the type of the object allows it']
      : kind === 'value'
        ? ['its value allows it']
        : [],
  );
  const [only, ...more] = policies;
  if (only === undefined) return others.join(' and ');
  const ofPolicies =
    more.length === 0
      ? `the policy ${only} allows it`
      : `the policies ${policies.join(', ')} allow it`;
  return [ofPolicies, ...others].join(' and ');
}
