import type { FieldNode, GraphQLResolveInfo } from 'graphql';
import { anonymous, type Viewer } from '../authentication/viewer.ts';
import type { ReportPolicyError } from './policies.ts';
import type { ClientVariables } from './supplied-inputs.ts';

/** What the guards of one execution cannot see from their resolvers. */
export interface Execution {
  /** As the client sent them: coerced variables hold the schema's defaults too. */
  readonly variables: Readonly<Record<string, unknown>>;
  /** Root fields whose policies have been asked, and have agreed, before anything ran. */
  readonly agreed?: ReadonlySet<FieldNode>;
  readonly reportPolicyError?: ReportPolicyError;
}

const executionKey = Symbol('execution');

/** Puts on a context what its execution's guards need. Without it they judge by coerced variables, which refuses more, never less. */
export function setExecution(context: object, execution: Execution): void {
  Object.defineProperty(context, executionKey, { value: execution, configurable: true });
}

export function executionOf(context: unknown): Execution | undefined {
  return typeof context === 'object' && context !== null && executionKey in context
    ? (context[executionKey] as Execution)
    : undefined;
}

/** The viewer on a context. A context without one is treated as nobody's. */
export function viewerOf(context: unknown): Viewer {
  if (typeof context !== 'object' || context === null || !('viewer' in context)) return anonymous;
  const { viewer } = context;
  return isViewer(viewer) ? viewer : anonymous;
}

function isViewer(value: unknown): value is Viewer {
  return (
    typeof value === 'object' &&
    value !== null &&
    'kind' in value &&
    value.kind === 'authenticated' &&
    'scopes' in value &&
    value.scopes instanceof Set &&
    'claims' in value &&
    typeof value.claims === 'object' &&
    value.claims !== null
  );
}

/** What the client sent, as far as the resolver's info can tell. */
export function clientVariables(context: unknown, info: GraphQLResolveInfo): ClientVariables {
  return {
    operation: info.operation,
    values: executionOf(context)?.variables ?? info.variableValues,
  };
}
