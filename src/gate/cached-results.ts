import {
  type DocumentNode,
  type ExecutionResult,
  type GraphQLSchema,
  parse,
  validate,
} from 'graphql';
import type { Viewer } from '../authentication/viewer.ts';
import { examineOperation } from '../authorization/operation/find-refusals.ts';
import { isPublicOperation } from '../authorization/operation/public-operation.ts';
import type { ErrorBehavior } from '../shared/error-behavior.ts';
import { sha256 } from '../shared/sha256.ts';
import { isObject } from '../shared/type-guards.ts';

/** The parameters of an operation, as clients send them. */
export interface OperationParams {
  readonly query?: string | undefined;
  readonly operationName?: string | null | undefined;
  readonly variables?: Readonly<Record<string, unknown>> | null | undefined;
}

/** Whom a result is for: everyone, anonymous viewers, or the viewer of one session. */
type Audience = string;

const everyone: Audience = 'everyone';

/**
 * Recognizes results that caches keep. Each result of an execution names its audience in
 * `extensions.http`, which is never sent to clients. A result that another plugin supplies instead
 * of an execution is sent to its audience only and, if it has errors, only to clients that want the
 * same of them.
 */
export class CachedResults {
  readonly #public = new WeakMap<GraphQLSchema, WeakMap<DocumentNode, boolean>>();
  readonly #sessions = new WeakMap<Viewer, string>();

  /** A key that is equal only for viewers with the same verified claims; none for anonymous ones. */
  sessionOf(viewer: Viewer): string | undefined {
    if (viewer.kind === 'anonymous') return undefined;
    const known = this.#sessions.get(viewer);
    if (known !== undefined) return known;
    const { issuer, subject, scopes, claims } = viewer;
    const facts = JSON.stringify([issuer, subject, [...scopes].sort(), claims]);
    const session = sha256(facts);
    this.#sessions.set(viewer, session);
    return session;
  }

  /** Names the audience in a result. It is public if no rule applies to the operation. */
  label(
    result: ExecutionResult,
    schema: GraphQLSchema,
    document: DocumentNode,
    viewer: Viewer,
    onError: ErrorBehavior,
  ): ExecutionResult {
    const audience = this.isPublic(schema, document) ? everyone : this.#audienceOf(viewer);
    const http: unknown = result.extensions?.['http'];
    const label = { audience, ...(result.errors === undefined ? {} : { onError }) };
    return {
      ...result,
      extensions: { ...result.extensions, http: { ...(isObject(http) ? http : {}), ...label } },
    };
  }

  /** Whether the audience of a result includes a viewer; undefined if the result names none. */
  isFor(result: unknown, viewer: Viewer): boolean | undefined {
    const audience = audienceOfResult(result);
    return audience === undefined
      ? undefined
      : audience === everyone || audience === this.#audienceOf(viewer);
  }

  /**
   * Whether a result that was not executed for this request may be sent: it was made for the same
   * viewer, and the rules still allow the whole operation, or no rule applies to it.
   */
  isSendable(
    result: unknown,
    params: OperationParams | undefined,
    schema: GraphQLSchema | undefined,
    viewer: Viewer,
  ): boolean {
    if (audienceOfResult(result) === everyone) return true;
    const isForViewer = this.isFor(result, viewer);
    if (isForViewer === false) return false;
    if (!params?.query || schema === undefined) return false;
    let document: DocumentNode;
    try {
      document = parse(params.query);
    } catch {
      return false;
    }
    if (validate(schema, document).length > 0) return false;
    if (isForViewer === undefined) return isPublicOperation(schema, document);
    const { operationName, variables } = params;
    return (
      examineOperation({ schema, document, operationName, variables, viewer }).refusals.length === 0
    );
  }

  #audienceOf(viewer: Viewer): Audience {
    return this.sessionOf(viewer) ?? 'anonymous';
  }

  /** Whether no rule applies to a document, which is found out once. */
  isPublic(schema: GraphQLSchema, document: DocumentNode): boolean {
    const ofSchema = this.#public.get(schema) ?? new WeakMap<DocumentNode, boolean>();
    this.#public.set(schema, ofSchema);
    const isPublic = ofSchema.get(document) ?? isPublicOperation(schema, document);
    ofSchema.set(document, isPublic);
    return isPublic;
  }
}

function audienceOfResult(result: unknown): Audience | undefined {
  const { audience } = labelOf(result);
  return typeof audience === 'string' ? audience : undefined;
}

/** Whether the errors of a result did what the client wants. Those of other executors propagate. */
export function hasWantedErrors(result: object, wanted: ErrorBehavior): boolean {
  const { onError = 'PROPAGATE' } = labelOf(result);
  const hasBoth = 'data' in result && 'errors' in result && result.errors !== undefined;
  return !hasBoth || onError === wanted;
}

function labelOf(result: unknown): Readonly<Record<string, unknown>> {
  if (!isObject(result) || !isObject(result['extensions'])) return {};
  const { http } = result['extensions'];
  return isObject(http) ? http : {};
}
